"""Instances of schemas: likely to be valid, at the bounds of everything, and the same every time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from memshelf_gen.instances import instances
from memshelf_gen.matching import matching
from memshelf_gen.parse import read_project
from memshelf_gen.scalars import FORMATS
from memshelf_gen.settings import read_config

JOBS = {job.names.wire: job.bundle for job in read_project(read_config(Path("pyproject.toml"))).jobs}

NODE: Any = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string"}, "next": {"$ref": "#"}, "all": {"type": "array", "items": {"$ref": "#"}}},
}
CARD = {"type": "object", "required": ["kind", "no"], "properties": {"kind": {"const": "card"}, "no": {"minLength": 3}}}
CASH = {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "cash"}}}

INCLUDED: list[tuple[Any, list[Any]]] = [
    (True, [{}, "text", 1, True, None, []]),
    ({"const": None}, [None]),
    ({"enum": ["a", 2]}, ["a", 2]),
    ({"enum": ["a", "b"], "const": "b"}, ["b"]),
    ({"type": "string", "examples": ["Ada"], "default": "Bob"}, ["Ada", "Bob", "text", ""]),
    ({"type": "string", "minLength": 2, "maxLength": 6}, ["text", "aa", "aaaaaa", "😀😀😀😀😀😀"]),
    ({"type": "string", "pattern": "^[A-Z]{2}[0-9]+$"}, ["AA0"]),
    ({"type": "string", "minLength": 40, "pattern": "^x+$"}, ["x" * 41]),
    ({"type": "integer", "minimum": 3, "maximum": 9}, [3, 9, 4, 8]),
    ({"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 9, "multipleOf": 4}, [4, 8]),
    ({"type": "number", "minimum": 0, "maximum": 1}, [0, 1, 0.5]),
    ({"type": ["boolean", "null"]}, [True, False, None]),
    ({"type": "array", "items": {"enum": [1, 2]}, "maxItems": 3}, [[], [1], [2], [1, 1, 1]]),
    ({"type": "array", "items": {"type": "string"}, "minItems": 2, "uniqueItems": True}, [["text", ""]]),
    ({"type": "array", "prefixItems": [{"const": "a"}, {"const": 1}], "items": False}, [[], ["a"], ["a", 1]]),
    ({"type": "array", "contains": {"const": 7}, "minContains": 2}, [[7, 7]]),
    (
        {"type": "object", "required": ["a"], "properties": {"a": {"const": 1}, "b": {"enum": [1, 2]}}},
        [{"a": 1}, {"a": 1, "b": 1}, {"a": 1, "b": 2}, {"a": 1, "extra": "text"}],
    ),
    ({"type": "object", "additionalProperties": {"const": 1}, "minProperties": 2}, [{"extra": 1, "other": 1}]),
    ({"type": "object", "maxProperties": 2, "additionalProperties": {"const": 1}}, [{}, {"extra": 1, "other": 1}]),
    ({"type": "object", "patternProperties": {"^x-": {"const": 1}}, "additionalProperties": False}, [{"x-": 1}]),
    ({"type": "object", "propertyNames": {"pattern": "^[a-z]{3}$"}, "minProperties": 1}, [{"aaa": "text"}]),
    (
        {"type": "object", "properties": {"a": {"const": 1}}, "dependentRequired": {"a": ["b"]}, "required": ["a"]},
        [{"a": 1, "b": "text"}],
    ),
    ({"oneOf": [CARD, CASH]}, [{"kind": "cash"}, {"kind": "card", "no": "text"}]),
    (
        {"type": "object", "properties": {"a": {"enum": [1, 2]}}, "allOf": [{"required": ["a"]}]},
        [{"a": 1}, {"a": 2}],
    ),
    (
        {"if": {"type": "object", "required": ["a"]}, "then": {"required": ["b"]}, "type": "object"},
        [{}, {"a": "text", "b": "text"}],
    ),
    (NODE, [{"name": "text"}, {"name": "text", "next": {"name": "text"}}, {"name": "text", "all": [{"name": "text"}]}]),
    ({"allOf": [{"minimum": 3}, {"type": "integer", "maximum": 3}]}, [3]),
    (
        {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "items": [{"const": 1}],
            "additionalItems": {"const": 2},
        },
        [[1], [1, 2]],
    ),
]


@pytest.mark.parametrize(("schema", "expected"), INCLUDED)
def test_the_values_that_matter_are_made(schema: Any, expected: list[Any]) -> None:
    found = {json.dumps(each) for each in instances(schema, 300)}
    assert [value for value in expected if json.dumps(value) not in found] == []


@pytest.mark.parametrize(("schema", "expected"), INCLUDED)
def test_most_values_are_valid(schema: Any, expected: list[Any]) -> None:
    judge = jsonschema_rs.validator_for(schema, validate_formats=True)
    assert [value for value in expected if not judge.is_valid(value)] == []
    found = list(instances(schema, 100))
    assert sum(map(judge.is_valid, found)) >= 0.7 * len(found), [each for each in found if not judge.is_valid(each)]


@pytest.mark.parametrize("name", JOBS)
def test_instances_of_real_jobs_are_valid(name: str) -> None:
    judge = jsonschema_rs.validator_for(JOBS[name], validate_formats=True)
    found = list(instances(JOBS[name], 200))
    assert len(found) >= 12
    assert [each for each in found if not judge.is_valid(each)] == []


def test_every_property_of_a_real_job_is_varied() -> None:
    found = list(instances(JOBS["billing-invoice"], 2000))
    assert {each["payment"]["kind"] for each in found} == {"card", "transfer", "debit"}
    assert {each["sections"][0]["lines"][0].get("quantity") for each in found} >= {None, 1, 2, 1.5}
    assert {len(each["sections"]) for each in found} == {1, 2, 100}
    assert {currency for each in found if (currency := each["sections"][0]["lines"][0]["unitPrice"]["currency"])} >= {
        "EUR",
        "PLN",
    }


def test_nothing_is_made_of_what_nothing_fits() -> None:
    assert list(instances(False, 10)) == []
    assert list(instances({"type": "object", "required": ["a"], "properties": {"a": False}}, 10)) == []
    assert list(instances({"enum": ["a"], "const": "b"}, 10)) == []


def test_a_schema_that_can_only_be_endless_gives_nothing() -> None:
    assert list(instances({"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#"}}}, 10)) == []


def test_the_same_schema_gives_the_same_values_and_none_twice() -> None:
    once, again = (list(instances(JOBS["billing-invoice"], 150)) for _ in range(2))
    assert once == again
    assert len({json.dumps(each, sort_keys=True) for each in once}) == 150


@pytest.mark.parametrize("name", FORMATS)
def test_the_texts_of_a_format_have_it(name: str) -> None:
    judge = jsonschema_rs.Draft202012Validator({"format": name}, validate_formats=True)
    assert [text for text in FORMATS[name] if not judge.is_valid(text)] == []


PATTERNS = [
    r"^[A-Z]{2}$",
    r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
    r"^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,4})?$",
    r"^https?://",
    r"^[\x20-\x7e]*$",
    r"^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$",
    r"^(?:a|bc|def)+?$",
    r"^\d{4}-\d{2}$",
    r"^\w+\s\S+$",
    r"^\p{L}+$",
    r"^\p{Lu}\p{Ll}*$",
    r"^[^a-z\s]+$",
    r"^[\w.+-]+@[\w-]+\.[a-z]{2,}$",
    r"^(?<year>[0-9]{4})$",
    r"^(a|b)\1$",
    r"^\u00e9\t\cA$",
    r"^[\]\\^-]$",
    r"^a{2,3}b{2}c{1,}$",
    r"^\.\*\$$",
    "",
    "^$",
    "x",
    "^[^\\x00-\\x7f]$",
]


def test_a_text_is_as_long_as_it_has_to_be() -> None:
    assert "x" * 41 in matching("^xx*$", shortest=41) or "x" * 42 in matching("^xx*$", shortest=41)


def test_some_text_passes_a_look_ahead() -> None:
    assert "aab" in matching("^(?=a)[ab]{3}$") or "aaa" in matching("^(?=a)[ab]{3}$")


@pytest.mark.parametrize("pattern", PATTERNS)
def test_texts_match_their_pattern(pattern: str) -> None:
    judge = jsonschema_rs.Draft202012Validator({"pattern": pattern})
    found = list(matching(pattern))
    assert len(found) >= 1
    assert [text for text in found if not judge.is_valid(text)] == []


@pytest.mark.parametrize("pattern", ["(", "[a", "\\", "a)b"])
def test_a_pattern_that_cannot_be_read_gives_nothing(pattern: str) -> None:
    assert list(matching(pattern)) == []
