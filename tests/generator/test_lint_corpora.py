"""Lint judges other people's schemas without failing, and calls nothing impossible that is possible."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from memshelf_gen.keywords import FORMATS
from memshelf_gen.lint.fixing import mend
from memshelf_gen.lint.inspection import inspect
from memshelf_gen.lint.rules import own_rules
from memshelf_gen.lint.texts import DIFFER
from memshelf_gen.settings import ProjectConfig
from tests.corpora import SCHEMASTORE, SUITE, read
from tests.generator.projects import make, write
from tests.generator.suite import DIALECTS, cases, projects

ONE_IN = 12
"""Of the published schemas so many are left out for each that is looked at."""


def test_what_has_a_valid_payload_is_never_called_impossible(tmp_path: Path) -> None:
    every = [case for draft in DIALECTS for case in cases(draft)]
    wrong = []
    for number, project in enumerate(projects(every)):
        folder = tmp_path / str(number)
        folder.mkdir()
        valid = {f"schemas/{case.key}.json" for case in project.cases if any(test[2] for test in case.tests)}
        findings = inspect(
            make(folder, project.files), own_rules(), only=["unsatisfiable", "endless-recursion"]
        ).findings
        wrong += [str(each) for each in findings if each.path in valid and each.where in ("", "properties.value")]
    assert wrong == []


def test_every_rule_can_be_asked_of_any_schema(tmp_path: Path) -> None:
    every = [case for draft in DIALECTS for case in cases(draft)]
    for number, project in enumerate(projects(every)):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert inspect(make(folder, project.files), own_rules()).findings


def test_published_schemas_are_judged_and_mended_once(tmp_path: Path) -> None:
    found = read(SCHEMASTORE, "vendor/schemastore/src/schemas/json/")
    chosen = [path for path in sorted(found) if path.endswith(".json")][::ONE_IN]
    for number, path in enumerate(chosen):
        folder = tmp_path / str(number)
        write(folder / "schemas" / path.rpartition("/")[2], found[path].decode())
        done = mend(ProjectConfig(root=folder), own_rules())
        for name, (_, new) in done.files.items():
            (folder / name).write_bytes(new)
        assert not done.files or mend(ProjectConfig(root=folder), own_rules()).files == {}
        lines = found[path].decode().count("\n") + 1
        assert all(0 < each.line <= lines for each in inspect(ProjectConfig(root=folder), own_rules()).findings)
    assert len(chosen) > 40


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_that_two_validators_judge_differently_is_told(name: str) -> None:
    tests = json.loads(read(SUITE, "json/tests/draft2020-12/optional/format/")[_path(name)])
    texts = [test["data"] for group in tests for test in group["tests"] if isinstance(test["data"], str)]
    other: Any = importlib.import_module("jsonschema").Draft202012Validator
    ours = jsonschema_rs.Draft202012Validator({"format": name}, validate_formats=True)
    theirs = other({"format": name}, format_checker=other.FORMAT_CHECKER)
    differ = [text for text in texts if ours.is_valid(text) != theirs.is_valid(text)]
    assert texts
    assert not differ or name in DIFFER


def _path(name: str) -> str:
    return f"json/tests/draft2020-12/optional/format/{name}.json"
