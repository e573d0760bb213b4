"""Findings read the same in every format, and each format is what its readers expect."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import jsonschema_rs
import pytest

from memshelf_gen.finding import Finding
from memshelf_gen.outputs import FORMATS, Format, RuleText, Tool, show
from tests import corpora

TOOL = Tool(name="memshelf-gen lint", version="1.2.3", page="urn:memshelf:docs/lint.md")
RULES = (
    RuleText(id="closed", severity="error", text="An object is closed.", help="Why, *with* an example."),
    RuleText(id="open-object", severity="warning", text="An object is open."),
)
OPEN = Finding(
    path="schemas/e mail.yaml",
    line=7,
    column=5,
    where="properties.to",
    rule="open-object",
    severity="warning",
    text="100% of it: is open,\nreally",
    fix="close it",
    witness={"to": "a"},
)
GONE = Finding(
    path="schemas/gone.yaml", line=0, column=0, where="", rule="closed", severity="error", text="<gone> \x00"
)
NOTE = Finding(path="schemas/gone.yaml", line=1, column=1, where="", rule="other", severity="note", text="by the way")
ALL = (OPEN, GONE, NOTE)


def written(form: Format, *findings: Finding, tool: Tool = TOOL) -> str:
    return show(findings, form, tool=tool, rules=RULES)


def test_text_has_a_line_for_each_finding_and_counts_them() -> None:
    assert written("text", GONE, NOTE, NOTE).splitlines() == [
        "schemas/gone.yaml: error: <gone> \x00 [closed]",
        "schemas/gone.yaml:1:1: note: by the way [other]",
        "schemas/gone.yaml:1:1: note: by the way [other]",
        "3 findings: 1 error, 2 notes",
    ]
    assert written("text") == "no findings"


def test_json_says_whether_all_is_well_and_has_every_field() -> None:
    assert json.loads(written("json", OPEN)) == {
        "ok": False,
        "findings": [
            {
                "path": "schemas/e mail.yaml",
                "line": 7,
                "column": 5,
                "where": "properties.to",
                "rule": "open-object",
                "severity": "warning",
                "text": "100% of it: is open,\nreally",
                "fix": "close it",
                "witness": {"to": "a"},
            }
        ],
    }
    assert json.loads(written("json", NOTE))["ok"] is True
    assert json.loads(show([NOTE], "json", tool=TOOL, rules=RULES, fail_on="note"))["ok"] is False


def test_github_is_told_by_commands_that_nothing_in_a_text_can_end() -> None:
    assert written("github", *ALL).splitlines() == [
        "::warning file=schemas/e mail.yaml,line=7,col=5,title=memshelf-gen lint%3A open-object"
        "::properties.to: 100%25 of it: is open,%0Areally; close it",
        "::error file=schemas/gone.yaml,title=memshelf-gen lint%3A closed::<gone> \x00",
        "::notice file=schemas/gone.yaml,line=1,col=1,title=memshelf-gen lint%3A other::by the way",
    ]
    assert written("github") == ""


def test_junit_has_a_suite_for_each_file_and_fails_from_the_threshold_on() -> None:
    root = ElementTree.fromstring(written("junit", *ALL))
    suites = [(each.get("name"), each.get("tests"), each.get("failures")) for each in root]
    assert suites == [("schemas/e mail.yaml", "1", "1"), ("schemas/gone.yaml", "2", "1")]
    failure = root[1][0][0]
    assert (failure.tag, failure.get("type"), failure.get("message")) == ("failure", "error: closed", "<gone> \ufffd")
    assert [each.tag for each in root[1][1]] == ["system-out"]


def test_junit_has_a_case_that_passed_when_nothing_was_found() -> None:
    root = ElementTree.fromstring(written("junit"))
    assert [(case.get("name"), list(case)) for case in root.iter("testcase")] == [("no findings", [])]


def test_sarif_refers_to_its_rules_and_to_relative_addresses() -> None:
    run = json.loads(written("sarif", *ALL, tool=Tool(name="x", version=None, page="urn:page", folder="mail")))["runs"][
        0
    ]
    assert run["columnKind"] == "unicodeCodePoints"
    assert [rule["helpUri"] for rule in run["tool"]["driver"]["rules"]] == ["urn:page#closed", "urn:page#open-object"]
    first, second, third = run["results"]
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "mail/schemas/e%20mail.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 7, "startColumn": 5},
    }
    assert (first["ruleIndex"], second["ruleIndex"], "ruleIndex" in third) == (1, 0, False)
    assert "region" not in second["locations"][0]["physicalLocation"]
    assert (third["level"], first["properties"]["witness"]) == ("note", {"to": "a"})


@pytest.mark.parametrize("findings", [(), ALL])
def test_sarif_is_valid_under_its_published_schema(findings: tuple[Finding, ...]) -> None:
    schema = corpora.read(corpora.SCHEMASTORE, "vendor/schemastore/src/schemas/json/sarif-2.1.0.json")
    judge = jsonschema_rs.validator_for(json.loads(*schema.values()), validate_formats=True)
    judge.validate(json.loads(written("sarif", *findings)))


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_text_without_a_line_break_at_its_end(form: Format) -> None:
    assert written(form, *ALL) == written(form, *ALL).rstrip("\n")
