"""What lint finds in the cases that the examples of its rules leave out, and what it leaves alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from memshelf_gen.lint.inspection import inspect
from memshelf_gen.lint.rules import own_rules
from memshelf_gen.settings import ProjectConfig
from tests.generator.projects import Json, write

DRAFT_07 = "http://json-schema.org/draft-07/schema#"
QUIET = ("missing-description", "validator-format", "unused-definition")
TEXT: Json = {"type": "string"}
CLOSED: Json = {"type": "object", "additionalProperties": False, "properties": {"a": TEXT}}
OPEN: Json = {"type": "object", "properties": {"a": TEXT}}
FOUR = 2**53 + 1


def found(
    folder: Path, *, definitions: Json | None = None, draft: str = "", quiet: bool = True, **properties: Any
) -> Any:
    """Give the places and the rules that lint finds in a job with these properties."""
    schema = {
        "$schema": draft or "https://json-schema.org/draft/2020-12/schema",
        "description": "Do one thing.",
        "x-job": {},
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        **({"definitions" if draft else "$defs": definitions} if definitions else {}),
    }
    return linted(folder, {"job.json": schema}, quiet=quiet)


def linted(folder: Path, files: dict[str, Json | str], *, quiet: bool = True) -> Any:
    for name, content in files.items():
        write(folder / "schemas" / name, content)
    findings = inspect(ProjectConfig(root=folder), own_rules()).findings
    return {
        (each.where.removeprefix("properties."), each.rule) for each in findings if not quiet or each.rule not in QUIET
    }


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object"},
        {**OPEN, "additionalProperties": True},
        {**OPEN, "unevaluatedProperties": False},
        {**OPEN, "patternProperties": {"^b$": TEXT}, "additionalProperties": TEXT},
        {"$ref": "#/$defs/Closed"},
        {"allOf": [{"$ref": "#/$defs/Closed"}]},
        {"allOf": [OPEN, {"properties": {"b": TEXT}}], "unevaluatedProperties": False},
        {"allOf": [{"$ref": "#/$defs/Mixin"}], "unevaluatedProperties": False},
        {"not": OPEN, "type": "object"},
        {"type": "array", "contains": OPEN},
        {"type": "object", "if": {"properties": {"a": {"const": 1}}}, "then": {"required": ["a"]}},
        {"type": ["string", "null"], "properties": {"a": TEXT}},
    ],
)
def test_an_object_that_is_closed_or_no_object_of_its_own_is_not_open(schema: Json, tmp_path: Path) -> None:
    told = found(tmp_path, definitions={"Closed": CLOSED, "Mixin": OPEN}, x=schema)
    assert [rule for place, rule in told if rule == "open-object" and place.startswith("x")] == []


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        (OPEN, "x"),
        ({"properties": {"a": TEXT}}, "x"),
        ({"type": "array", "items": OPEN}, "x.items"),
        ({"oneOf": [OPEN, TEXT]}, "x.oneOf.0"),
        ({"type": "object", "allOf": [OPEN, {"properties": {"b": TEXT}}]}, "x"),
        ({"$ref": "#/$defs/Open"}, "$defs.Open"),
    ],
)
def test_an_open_object_is_told_where_it_would_be_closed(schema: Json, place: str, tmp_path: Path) -> None:
    told = found(tmp_path, definitions={"Open": OPEN} if "$ref" in schema else None, x=schema)
    assert [where for where, rule in told if rule == "open-object"] == [place]


def test_a_job_that_takes_any_object_says_so(tmp_path: Path) -> None:
    job: Json = {"$schema": DRAFT_07, "description": "Do.", "x-job": {}, "type": "object"}
    assert linted(tmp_path, {"job.json": job}) == {("", "open-object")}
    assert linted(tmp_path, {"job.json": {**job, "additionalProperties": True}}) == set()


@pytest.mark.parametrize(
    "schema",
    [
        {**CLOSED, "required": ["a"]},
        {"type": "object", "patternProperties": {"^b": TEXT}, "additionalProperties": False, "required": ["ba"]},
        {"type": "object", "additionalProperties": TEXT, "required": ["b"]},
        {**OPEN, "additionalProperties": True, "anyOf": [{"required": ["a"]}, {"maxProperties": 0}]},
        {**OPEN, "additionalProperties": True, "not": {"required": ["z"]}},
        {**OPEN, "additionalProperties": True, "allOf": [{"$ref": "#/$defs/NeedsA"}]},
        {"allOf": [{"properties": {"b": TEXT}}, {"required": ["b"]}], "type": "object", "unevaluatedProperties": False},
    ],
)
def test_a_required_property_may_be_described_anywhere_in_the_same_object(schema: Json, tmp_path: Path) -> None:
    told = found(tmp_path, definitions={"NeedsA": {"required": ["a"]}}, x=schema)
    assert [place for place, rule in told if rule == "required-without-property" and place[0] == "x"] == []


@pytest.mark.parametrize(
    ("schema", "places"),
    [
        ({"allOf": [CLOSED, {"properties": {"b": TEXT}}]}, ["x.allOf.1.properties.b"]),
        ({"$ref": "#/$defs/Closed", "properties": {"b": TEXT}}, ["x.properties.b"]),
        ({**CLOSED, "oneOf": [{"properties": {"b": TEXT}}, {"properties": {"a": TEXT}}]}, ["x.oneOf.0.properties.b"]),
        ({"allOf": [{"$ref": "#/$defs/Closed"}, {"$ref": "#/$defs/Other"}]}, ["x"]),
        ({**CLOSED, "patternProperties": {"^b$": TEXT}, "allOf": [{"properties": {"b": TEXT}}]}, []),
        ({**CLOSED, "not": {"properties": {"b": TEXT}}}, []),
        ({"type": "object", "properties": {"b": TEXT}, "anyOf": [CLOSED, {"required": ["b"]}]}, []),
        (
            {"type": "object", "properties": {"b": TEXT}, "oneOf": [CLOSED, {"maxProperties": 0, **CLOSED}]},
            ["x.properties.b"],
        ),
        ({"oneOf": [CLOSED, {**CLOSED, "properties": {"b": TEXT}}]}, []),
        ({**CLOSED, "allOf": [{"properties": {"b": False}}]}, []),
    ],
)
def test_a_part_that_refuses_what_another_describes_is_told_once(
    schema: Json, places: list[str], tmp_path: Path
) -> None:
    other = {"type": "object", "properties": {"b": TEXT}, "additionalProperties": True}
    told = found(tmp_path, definitions={"Closed": CLOSED, "Other": other}, x=schema)
    assert sorted(place for place, rule in told if rule == "closed-part") == places


@pytest.mark.parametrize(
    "schema",
    [
        True,
        {"enum": ["a"]},
        {"const": None},
        {"$ref": "#/$defs/A"},
        {"anyOf": [TEXT, {"type": "null"}]},
        {"allOf": [TEXT]},
    ],
)
def test_what_speaks_for_itself_needs_no_type(schema: Any, tmp_path: Path) -> None:
    assert found(tmp_path, definitions={"A": TEXT}, x=schema) == set()


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ({}, "x"),
        ({"maxLength": 3}, "x"),
        ({"type": "array", "items": {}}, "x.items"),
        ({"type": "object", "additionalProperties": {"minLength": 1}}, "x.additionalProperties"),
        ({"$ref": "#/$defs/A"}, "$defs.A"),
    ],
)
def test_a_value_without_a_type_is_told_where_it_is_described(schema: Json, place: str, tmp_path: Path) -> None:
    told = found(tmp_path, definitions={"A": {"minLength": 1}} if "$ref" in schema else None, x=schema)
    assert told == {(place, "missing-type")}


@pytest.mark.parametrize(
    ("schema", "rule"),
    [
        ({"enum": [1, 2]}, "untyped-enum"),
        ({"enum": ["a", 1]}, "untyped-enum"),
        ({"const": 1.5}, "untyped-enum"),
        ({"enum": ["a", None]}, ""),
        ({"const": True}, ""),
        ({"type": "integer", "enum": [1, 1.0]}, "duplicate-value"),
        ({"enum": [True, 1], "type": ["boolean", "integer"]}, ""),
        ({"type": "integer", "minimum": 2**63}, "beyond-int64"),
        ({"type": "integer", "minimum": -(2**63)}, "beyond-double"),
        ({"type": "integer", "maximum": 2**53}, ""),
        ({"type": "array", "items": {"type": "integer"}, "examples": [[1, FOUR]]}, "beyond-double"),
        ({"type": "number", "maximum": 1e300}, ""),
        ({"type": "number", "multipleOf": 2.0}, ""),
        ({"type": "number", "multipleOf": 0.1}, "fractional-multiple-of"),
        ({"type": "number", "multipleOf": 1e-9}, "fractional-multiple-of"),
        ({"type": "number", "multipleOf": 0.25}, ""),
        ({"type": "integer", "format": "int64"}, "unknown-format"),
        ({"type": "string", "format": "uuid4"}, "unknown-format"),
        ({"type": "string", "maximum": 3}, "idle-keyword"),
        ({"type": ["string", "integer"], "maximum": 3}, ""),
        ({"type": "array", "items": TEXT, "minContains": 1}, "idle-keyword"),
        ({"type": "string", "if": {"minLength": 1}}, "idle-keyword"),
        ({"type": "string", "not": {}}, ""),
        ({"type": "string", "not": TEXT}, "unsatisfiable"),
        ({"type": "string", "enum": [1]}, "unsatisfiable"),
        ({"oneOf": [TEXT, {"type": "string", "format": "date"}]}, "overlapping-branches"),
        ({"oneOf": [{"type": "array", "items": TEXT}, TEXT]}, ""),
        ({"type": "object", "nullable": True}, "unknown-keyword"),
        ({"type": "string", "example": "a"}, "unknown-keyword"),
    ],
)
def test_one_value(schema: Json, rule: str, tmp_path: Path) -> None:
    assert {found for _, found in found(tmp_path, x=schema)} == ({rule} if rule else set())


@pytest.mark.parametrize(
    ("pattern", "rules"),
    [
        ("^a$", []),
        ("^[a-z]+([-.][a-z]+)*$", []),
        ("^(\\s+\\S+)*$", ["pattern-shorthand"]),
        ("^(a+)+$", ["slow-pattern"]),
        ("^((?:.?[0-9]+){3,})$", ["slow-pattern"]),
        ("^(?:a*)*$", ["slow-pattern"]),
        ("^([a-z]+,)+$", []),
        ("^a|b$", ["half-anchored-pattern"]),
        ("^a|^b$", []),
        ("^a$|^b$", []),
        ("a+b", ["unanchored-pattern"]),
        ("\\S", ["pattern-shorthand"]),
        (".*", []),
        ("@", []),
        ("^(?=a)b$", ["pattern-not-everywhere"]),
        ("^(a)\\1$", ["pattern-not-everywhere"]),
        ("^\\p{L}+$", ["pattern-not-everywhere"]),
        ("^[[:alpha:]]$", ["pattern-not-ecma"]),
        ("^a++$", ["pattern-not-ecma"]),
        ("^(?P<n>a)$", ["pattern-not-ecma"]),
        ("^a\\_b$", ["pattern-not-ecma"]),
        ("^\\d$", ["pattern-shorthand"]),
    ],
)
def test_one_pattern(pattern: str, rules: list[str], tmp_path: Path) -> None:
    assert [rule for _, rule in found(tmp_path, x={"type": "string", "pattern": pattern})] == rules
    maps = {"type": "object", "additionalProperties": False, "patternProperties": {pattern: TEXT}}
    assert [rule for _, rule in found(tmp_path, x=maps)] == rules


def test_a_pattern_within_not_may_match_anywhere(tmp_path: Path) -> None:
    assert found(tmp_path, x={"type": "string", "not": {"pattern": "a+b"}}) == set()


@pytest.mark.parametrize(
    ("wire", "name"),
    [("class", "class_"), ("model_dump", "model_dump_"), ("copy", "copy_"), ("§", "field"), ("2fa", "field_2fa")],
)
def test_a_renamed_field_is_told_with_its_name(wire: str, name: str, tmp_path: Path) -> None:
    schema = {"$schema": DRAFT_07, "description": "Do.", "x-job": {}, **CLOSED, "properties": {wire: TEXT}}
    write(tmp_path / "schemas/job.json", schema)
    findings = inspect(ProjectConfig(root=tmp_path), own_rules(), only=["renamed-field"]).findings
    assert [each.text.rpartition(" ")[2] for each in findings] == [name]


def test_names_of_python_s_style_are_told_only_when_they_meet(tmp_path: Path) -> None:
    both: Any = {"a-b": TEXT, "a_b": TEXT}
    assert found(tmp_path, templateId=TEXT, a_b=TEXT) == set()
    assert found(tmp_path, **both) == {("a-b", "renamed-field")}


def test_a_reference_of_draft_07_hides_what_stands_beside_it(tmp_path: Path) -> None:
    told = found(
        tmp_path, draft=DRAFT_07, definitions={"A": TEXT}, x={"$ref": "#/definitions/A", "maxLength": 3, "title": "X"}
    )
    assert told == {("x.maxLength", "ref-siblings")}
    assert found(tmp_path, definitions={"A": TEXT}, x={"$ref": "#/$defs/A", "maxLength": 3}) == set()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("enum: [yes, 'no']", "enum.0"),
        ("const: off", "const"),
        ("default: 012", "default"),
        ("default: 1:30", "default"),
        ("default: 1_000", "default"),
        ("default: 0o17", "default"),
        ("default: 1e3", "default"),
        ("default: 2025-03-14", "default"),
        ("default: 2025-03-14T10:00:00Z", "default"),
        ("default: 08", "default"),
        ("on: 1", "on"),
        ("default: 'no'", ""),
        ('default: "012"', ""),
        ("default: 12", ""),
        ("default: 1.5", ""),
        ("default: -1.5e+3", ""),
        ("default: 0x1F", ""),
        ("default: true", ""),
        ("default: ~", ""),
        ("default: y", ""),
        ("default: no way", ""),
        ("default: 2025-03", ""),
        ("default: |\n    no", ""),
    ],
)
def test_a_word_that_yaml_1_1_reads_otherwise(text: str, place: str, tmp_path: Path) -> None:
    write(tmp_path / "schemas/job.yaml", f"$defs:\n  A:\n    type: string\n    {text}\n")
    findings = inspect(ProjectConfig(root=tmp_path), own_rules(), only=["yaml-trap"]).findings
    assert [each.where for each in findings] == ([f"$defs.A.{place}"] if place else [])
    assert [each.line for each in findings] == ([4] if place else [])


def test_json_has_no_traps(tmp_path: Path) -> None:
    write(tmp_path / "schemas/job.json", '{"$defs": {"A": {"type": "integer", "default": 1e3}}}')
    assert inspect(ProjectConfig(root=tmp_path), own_rules(), only=["yaml-trap"]).findings == ()


@pytest.mark.parametrize(
    ("retries", "rules"),
    [
        ({"max": 3, "delay": "10s", "max_delay": "1h"}, []),
        ({"max": 0, "backoff": "linear"}, ["idle-setting"]),
        ({"backoff": "fixed", "delay": "5s", "max_delay": "1h"}, ["idle-setting"]),
        ({"backoff": "exponential", "delay": "0s"}, ["idle-setting"]),
        ({"max_delay": "5s"}, ["contradictory-settings"]),
        ({"delay": "2h"}, ["contradictory-settings"]),
        (0, []),
    ],
)
def test_settings_of_retries(retries: Any, rules: list[str], tmp_path: Path) -> None:
    job: Json = {"$schema": DRAFT_07, "description": "Do.", "x-job": {"retries": retries}, **CLOSED}
    assert [rule for _, rule in linted(tmp_path, {"job.json": job})] == rules


def test_settings_that_contradict_the_schema(tmp_path: Path) -> None:
    job: Json = {
        "$schema": DRAFT_07,
        "description": "Do.",
        "x-job": {"max_payload": 10},
        **CLOSED,
        "examples": [{"a": "12345"}],
    }
    assert linted(tmp_path, {"job.json": job}) == {("examples.0", "contradictory-settings")}
    excused: Json = {**job, "x-job": {"compatibility": "none", "allow_breaking": [{"rule": "closed", "reason": "new"}]}}
    assert linted(tmp_path, {"job.json": excused}) == {("x-job.allow_breaking", "idle-setting")}


def test_a_list_that_holds_its_own_kind_ends_unless_it_must_hold_one(tmp_path: Path) -> None:
    tree: Json = {"type": "object", "additionalProperties": False, "required": ["below"]}
    for least, rules in ((0, set()), (1, {"endless-recursion"})):
        below = {"type": "array", "minItems": least, "items": {"$ref": "#/$defs/Tree"}}
        told = found(
            tmp_path, definitions={"Tree": {**tree, "properties": {"below": below}}}, x={"$ref": "#/$defs/Tree"}
        )
        assert {rule for _, rule in told} == rules


def test_what_a_fault_elsewhere_bars_is_not_judged(tmp_path: Path) -> None:
    broken: Json = {"$defs": {"A": {"type": "strng"}}}
    job: Json = {
        "description": "Do.",
        "x-job": {},
        **CLOSED,
        "properties": {"x": {"$ref": "bad.json#/$defs/A", "default": 1}},
    }
    assert linted(tmp_path, {"bad.json": broken, "job.json": job}) == {
        ("$defs.A.type", "invalid-keyword"),
        ("", "missing-dialect"),
    }


def test_definitions_are_used_by_other_files_too(tmp_path: Path) -> None:
    shared: Json = {
        "$schema": DRAFT_07,
        "definitions": {
            "A": TEXT,
            "B": {"$ref": "#/definitions/B/definitions/C", "definitions": {"C": TEXT}},
            "D": TEXT,
        },
    }
    job: Json = {
        "$schema": DRAFT_07,
        "description": "Do.",
        "x-job": {},
        **CLOSED,
        "properties": {"x": {"$ref": "shared.json#/definitions/A"}},
    }
    told = linted(tmp_path, {"shared.json": shared, "job.json": job}, quiet=False)
    assert {place for place, rule in told if rule == "unused-definition"} == {"definitions.D"}
