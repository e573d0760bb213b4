"""Lint: which rules are asked where, how grave they are, what is suppressed, and what the command prints."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from textwrap import dedent

import pytest

from memshelf_gen.lint.rules import own_rules
from memshelf_gen.outputs import FORMATS
from tests.generator.projects import EMAIL, Json, job, make, nested, write
from tests.generator.test_cli import ROOT, answer, run

OPEN: Json = job({"who": nested({"name": {"type": "string", "description": "A name."}}, {"description": "Who."})})
OPEN["additionalProperties"] = False


def lint(folder: Path, *arguments: str, code: int = 1) -> list[str]:
    """Run lint and give its lines, the summary left out."""
    ended = run(folder, "lint", *arguments)
    assert ended.exit_code == code, ended.output
    return ended.output.splitlines()[:-1]


def rules(folder: Path, *arguments: str, code: int = 1) -> list[tuple[str, str]]:
    """Give where lint finds which rule."""
    told = answer(run(folder, "lint", "--json", *arguments))
    return [(each["where"], each["rule"]) for each in told["findings"]]


def suppressed(where: Json | None, reasons: Json) -> Json:
    """Give the schema with one finding, and a suppression at the root or at the property itself."""
    who = {**OPEN["properties"]["who"], **({"x-lint": reasons} if where else {})}
    return {**OPEN, "properties": {"who": who}, **({} if where else {"x-lint": reasons})}


def test_a_finding_has_its_place_its_rule_and_what_would_be_right(tmp_path: Path) -> None:
    make(tmp_path, {"a.json": OPEN})
    assert lint(tmp_path) == [
        "schemas/a.json:1:139: warning: properties.who: does not say whether it takes other properties; "
        "write additionalProperties: false, or true if others are welcome [open-object]"
    ]


@pytest.mark.parametrize(
    ("fail_on", "text", "code"),
    [
        ("note", "level: {type: string}", 1),
        ("warning", "level: {type: string}", 0),
        ("warning", "level: {description: How much.}", 1),
        ("error", "level: {description: How much.}", 0),
        ("error", "level: {type: string, description: How much., default: 1}", 1),
    ],
)
def test_what_fails_is_as_grave_as_asked(fail_on: str, text: str, code: int, tmp_path: Path) -> None:
    schema = f"""\
        $schema: https://json-schema.org/draft/2020-12/schema
        description: Do one thing.
        x-job: {{}}
        type: object
        additionalProperties: false
        properties:
          {text}
        """
    make(tmp_path, {"a.yaml": dedent(schema)})
    ended = run(tmp_path, "lint", "--fail-on", fail_on)
    assert ended.exit_code == code
    assert answer(run(tmp_path, "lint", "--fail-on", fail_on, "--json"))["ok"] == (code == 0)
    assert ended.output.splitlines()[-1].startswith("1 finding: 1 ")


def test_nothing_found_is_said_and_kept_quiet_when_asked(tmp_path: Path) -> None:
    make(tmp_path, {"a.json": {**OPEN, "properties": {}}})
    assert run(tmp_path, "lint").output == "no findings\n"
    assert run(tmp_path, "lint", "--quiet").output == ""
    assert run(tmp_path, "lint", "--format", "github").output == ""


def test_faults_that_stop_generation_are_findings_and_other_files_are_asked_all_the_same(tmp_path: Path) -> None:
    bad = {**OPEN, "requried": ["who"], "x-job": {"retries": -1}, "properties": {"who": {"$ref": "#/$defs/No"}}}
    uses = job({"bad": {"$ref": "bad.json", "description": "The other."}, "who": OPEN["properties"]["who"]})
    make(tmp_path, {"bad.json": bad, "good.json": {**uses, "additionalProperties": False}, "none.yaml": "a: ["})
    assert [
        (each["path"], each["rule"], each["severity"]) for each in answer(run(tmp_path, "lint", "--json"))["findings"]
    ] == [
        ("schemas/bad.json", "invalid-x-job", "error"),
        ("schemas/bad.json", "broken-reference", "error"),
        ("schemas/bad.json", "misspelt-keyword", "error"),
        ("schemas/good.json", "open-object", "warning"),
        ("schemas/none.yaml", "unreadable", "error"),
    ]


@pytest.mark.parametrize("where", [None, OPEN])
def test_a_suppression_holds_where_it_stands_and_below(where: Json | None, tmp_path: Path) -> None:
    make(tmp_path, {"a.json": suppressed(where, {"open-object": "what they send is passed on"})})
    assert lint(tmp_path, code=0) == []


def test_a_suppression_holds_nowhere_else(tmp_path: Path) -> None:
    other = {"description": "Its name.", "type": "string", "x-lint": {"open-object": "not here"}}
    schema = {**OPEN, "properties": {**OPEN["properties"], "name": other}}
    make(tmp_path, {"a.json": schema, "b.json": {**OPEN, "title": "B"}})
    assert rules(tmp_path) == [
        ("properties.who", "open-object"),
        ("properties.name.x-lint.open-object", "unused-suppression"),
        ("properties.who", "open-object"),
    ]


@pytest.mark.parametrize(
    ("reasons", "text"),
    [
        ({"open-object": " "}, "x-lint.open-object: has no reason"),
        ({"open-object": True}, "x-lint.open-object: has no reason"),
        ({"open-objects": "why"}, "x-lint.open-objects: there is no such rule; did you mean 'open-object'?"),
        ({"nonsense": "why"}, "x-lint.nonsense: there is no such rule; memshelf-gen lint --list names all"),
        ({"misspelt-keyword": "why"}, "x-lint.misspelt-keyword: this rule cannot be suppressed; mend what it finds"),
        ({"unused-suppression": "why"}, "x-lint.unused-suppression: this rule cannot be suppressed"),
        (["open-object"], "x-lint: must be an object, got a list; write {rule-id: why it does not hold here}"),
    ],
)
def test_a_suppression_that_cannot_be_is_a_finding_and_holds_nothing_back(
    reasons: Json, text: str, tmp_path: Path
) -> None:
    make(tmp_path, {"a.json": suppressed(None, reasons)})
    found = lint(tmp_path)
    assert any(f": error: {text}" in line and line.endswith("[invalid-suppression]") for line in found)
    assert any(line.endswith("[open-object]") for line in found)


def test_a_property_named_like_a_suppression_is_none(tmp_path: Path) -> None:
    make(tmp_path, {"a.json": {**OPEN, "properties": {"x-lint": {"type": "string", "description": "A text."}}}})
    assert lint(tmp_path, code=0) == []


def test_a_suppression_is_unused_only_if_its_rule_was_asked(tmp_path: Path) -> None:
    make(tmp_path, {"a.json": suppressed(None, {"untagged-union": "one day"})})
    assert rules(tmp_path, "--rule", "unused-suppression") == []
    assert ("x-lint.untagged-union", "unused-suppression") in rules(tmp_path)


def test_the_project_says_how_grave_a_rule_is(tmp_path: Path) -> None:
    make(tmp_path, {"a.json": OPEN})
    for level, code in (("off", 0), ("note", 0), ("error", 1)):
        write(tmp_path / "pyproject.toml", f'[tool.memshelf.lint]\nrules = {{open-object = "{level}"}}\n')
        found = lint(tmp_path, code=code)
        assert [f": {level}: " in line for line in found] == ([] if level == "off" else [True])
        assert f"open-object                {level:<7}  " in run(tmp_path, "lint", "--list").output


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        (
            'rules = {open-objects = "off"}',
            "3:1: tool.memshelf.lint.rules.open-objects: there is no such rule; did you mean",
        ),
        (
            'rules.open-object = "of"',
            "3:1: tool.memshelf.lint.rules.open-object: must be off, note, warning or error, got",
        ),
        ("rules = 3", "3:1: tool.memshelf.lint.rules: must be a table such as"),
        ("rule = {}", "3:1: tool.memshelf.lint.rule: unknown setting; did you mean 'rules'?"),
        (
            'rules.broken-reference = "off"',
            "3:1: tool.memshelf.lint.rules.broken-reference: what this rule finds stops generation, so it is always",
        ),
        ('\n[tool.memshelf.lint.rules]\nx = "off"', "5:1: tool.memshelf.lint.rules.x: there is no such rule"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_line(table: str, problem: str, tmp_path: Path) -> None:
    make(tmp_path, {"a.json": OPEN})
    write(tmp_path / "pyproject.toml", f"[tool.memshelf]\n[tool.memshelf.lint]\n{table}\n")
    ended = run(tmp_path, "lint")
    assert ended.exit_code == 2
    assert ended.stderr.startswith(f"pyproject.toml:{problem}")


def test_lint_that_is_no_table_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", '[tool.memshelf]\nlint = "strict"\n')
    assert "tool.memshelf.lint: must be a table with rules and plugins" in run(tmp_path, "lint").stderr


def test_one_rule_only_is_asked(tmp_path: Path) -> None:
    make(tmp_path, {"a.json": {**OPEN, "x-other": 1, "nullable": True}})
    assert rules(tmp_path) == [("properties.who", "open-object"), ("nullable", "unknown-keyword")]
    assert rules(tmp_path, "--rule", "unknown-keyword") == [("nullable", "unknown-keyword")]
    assert len(rules(tmp_path, "--rule", "unknown-keyword", "--rule", "open-object")) == 2
    ended = run(tmp_path, "lint", "--rule", "unknown-keywords")
    assert (ended.exit_code, ended.stderr) == (
        2,
        "--rule: there is no rule 'unknown-keywords'; did you mean 'unknown-keyword'?\n",
    )


def test_only_the_files_that_are_named_are_asked(tmp_path: Path) -> None:
    make(tmp_path, {"a.json": OPEN, "b/c.json": {**OPEN, "requried": []}, "b/d.yaml": "a: ["})
    told = {path: answer(run(tmp_path, "lint", "--json", path)) for path in ("schemas/a.json", "schemas/b", "schemas")}
    assert {path: each["files"] for path, each in told.items()} == {"schemas/a.json": 1, "schemas/b": 2, "schemas": 3}
    assert [each["rule"] for each in told["schemas/a.json"]["findings"]] == ["open-object"]
    assert [each["rule"] for each in told["schemas/b"]["findings"]] == ["misspelt-keyword", "unreadable"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("schemas/no.json", "there is no such file"),
        ("pyproject.toml", "is not in the schema folder of this project, schemas"),
    ],
)
def test_a_file_that_is_no_schema_is_refused(path: str, text: str, tmp_path: Path) -> None:
    make(tmp_path, {"a.json": OPEN})
    ended = run(tmp_path, "lint", path)
    assert (ended.exit_code, ended.stderr) == (2, f"{path}: {text}\n")


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_names_the_rule_and_the_place(form: str, tmp_path: Path) -> None:
    make(tmp_path, {"a.json": OPEN})
    ended = run(tmp_path, "lint", "--format", form)
    assert ended.exit_code == 1
    assert "open-object" in ended.output
    assert "schemas/a.json" in ended.output
    assert "139" in ended.output


def test_sarif_and_the_list_have_every_rule(tmp_path: Path) -> None:
    make(tmp_path, {"a.json": OPEN})
    ids = sorted(rule.id for rule in own_rules())
    sarif = json.loads(run(tmp_path, "lint", "--format", "sarif").output)
    assert [each["id"] for each in sarif["runs"][0]["tool"]["driver"]["rules"]] == ids
    assert [line.split()[0] for line in run(tmp_path, "lint", "--list").output.splitlines()] == ids
    assert [each["id"] for each in answer(run(tmp_path, "lint", "--list", "--json"))["rules"]] == ids


def test_a_rule_is_explained_in_any_folder(tmp_path: Path) -> None:
    told = run(tmp_path, "lint", "--explain", "open-object").output
    assert told.startswith("open-object (warning): an object does not say whether it takes properties that it does not")
    assert "# bad\n" in told
    assert "# good\n" in told
    ended = run(tmp_path, "lint", "--explain", "open-objet")
    assert (ended.exit_code, ended.stderr) == (
        2,
        "--explain: there is no rule 'open-objet'; did you mean 'open-object'?\n",
    )
    make(tmp_path, {"a.json": OPEN})
    write(tmp_path / "pyproject.toml", '[tool.memshelf.lint]\nrules = {open-object = "off"}\n')
    assert run(tmp_path, "lint", "--explain", "open-object").output.startswith(
        "open-object (warning, off in this project):"
    )


def test_the_example_has_no_finding(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "schemas", tmp_path / "schemas")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    assert run(tmp_path, "lint").output == "no findings\n"


def test_what_init_and_new_write_has_no_finding(tmp_path: Path) -> None:
    assert run(tmp_path, "init").exit_code == 0
    assert run(tmp_path, "new", "billing/refund").exit_code == 0
    assert run(tmp_path, "lint").output == "no findings\n"


def test_lint_writes_nothing(tmp_path: Path) -> None:
    make(tmp_path, {"email.json": EMAIL})
    run(tmp_path, "lint")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pyproject.toml", "schemas"]
