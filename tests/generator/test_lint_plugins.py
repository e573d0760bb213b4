"""Rules of other distributions: asked like memshelf's own, and their faults name them."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from memshelf_gen.lint.plugins import GROUP
from tests.generator.plugins import install
from tests.generator.projects import EMAIL, write
from tests.generator.test_cli import answer, run

HEAD = "from memshelf_gen.lint import Flaw, Rule, rule\n"
SHORT = """
@rule("acme-short", "warning", "a property has a short name", help="Names are read more often than written.")
def short(subject):
    for name in subject.keywords.get("properties", {}):
        if len(name) < 3:
            yield subject.flaw(f"{name!r} is short", "properties", name, fix="write a longer one")

RULES = [short]
"""
Put = Callable[[str], None]


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Put]:
    """Give a function that installs a distribution whose module has this text."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def install_plugin(body: str) -> None:
        points = {GROUP: {"acme": "acme_rules:RULES"}}
        install(site, "acme-rules", "1.2.0", points=points, modules={"acme_rules.py": HEAD + body})
        importlib.invalidate_caches()

    yield install_plugin
    sys.modules.pop("acme_rules", None)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    write(folder / "schemas/email.json", EMAIL)
    configure(folder)
    return folder


def configure(folder: Path, rules: str = "{}", plugins: object = ("acme",)) -> None:
    write(folder / "pyproject.toml", f"[tool.memshelf.lint]\nplugins = {json.dumps(plugins)}\nrules = {rules}\n")


def found(folder: Path) -> list[str]:
    return [each["rule"] for each in answer(run(folder, "lint", "--json"))["findings"] if "acme" in each["rule"]]


def test_a_rule_is_asked_when_the_project_names_its_plugin(put: Put, project: Path) -> None:
    put(SHORT)
    assert found(project) == ["acme-short"]
    ended = run(project, "lint", "--rule", "acme-short")
    assert "warning: properties.to: 'to' is short; write a longer one [acme-short]" in ended.output
    write(project / "pyproject.toml", "[tool.memshelf]\n")
    assert found(project) == []


def test_a_rule_is_one_like_any_other(put: Put, project: Path) -> None:
    put(SHORT)
    configure(project, '{acme-short = "off"}')
    assert found(project) == []
    configure(project)
    write(project / "schemas/email.json", {**EMAIL, "x-lint": {"acme-short": "to is what everybody says"}})
    assert found(project) == []
    assert "acme-short " in run(project, "lint", "--list").output
    assert "Names are read more often" in run(project, "lint", "--explain", "acme-short").output
    assert "Names are read more often" in run(project, "lint", "--format", "sarif").output


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("RULES = 3", "must be a tuple of rules: acme_rules:RULES is 3"),
        ("RULES = [len]", "must hold rules only, got <built-in function len>; memshelf_gen.lint.rule makes one"),
        (SHORT.replace("acme-short", "short"), "'short': its id must be in kebab-case and begin with acme-"),
        (SHORT.replace("acme-short", "acme-Short"), "'acme-Short': its id must be in kebab-case"),
        (SHORT.replace('"warning"', '"fatal"'), "its severity must be error, warning or note, got 'fatal'"),
        (SHORT.replace("[short]", "[short, short]"), "'acme-short': it is there twice"),
        (SHORT.replace("len(name) < 3", "name / 3"), "failed in acme-short at schemas/email.json:1:1: TypeError: "),
        (SHORT.replace("yield subject.flaw", "yield str"), "failed in acme-short at schemas/email.json"),
        ("RULES = 1 / 0", "cannot be imported from acme_rules:RULES: ZeroDivisionError"),
    ],
)
def test_what_goes_wrong_in_a_plugin_names_it(body: str, text: str, put: Put, project: Path) -> None:
    put(body)
    ended = run(project, "lint")
    assert ended.exit_code == 2
    assert ended.stderr.startswith("pyproject.toml: tool.memshelf.lint.plugins: acme of acme-rules 1.2.0 ")
    assert text in ended.stderr


@pytest.mark.parametrize(
    ("plugins", "text"),
    [
        (
            ["acm"],
            "'acm' is not installed: no distribution has it as an entry point of memshelf_gen.lint_rules; did you",
        ),
        ("acme", "must be a list of names such as [\"acme\"], got 'acme'"),
        (["acme", "acme"], "must not hold the same name twice"),
    ],
)
def test_a_plugin_that_cannot_be_is_refused(plugins: object, text: str, put: Put, project: Path) -> None:
    put(SHORT)
    configure(project, plugins=plugins)
    ended = run(project, "lint")
    assert ended.exit_code == 2
    assert f"tool.memshelf.lint.plugins: {text}" in ended.stderr
