"""The texts of the judge, keyword by keyword, the same by jsonschema-rs and by jsonschema."""

from __future__ import annotations

from typing import Any

import pytest

from memshelf.faults import MOST_PROBLEMS
from memshelf.judge import Compiler, Judge, Schema, python_compiler, rs_compiler

DRAFT_07 = "http://json-schema.org/draft-07/schema#"
DRAFT_2019 = "https://json-schema.org/draft/2019-09/schema"


@pytest.fixture(params=[rs_compiler, python_compiler], ids=["jsonschema-rs", "jsonschema"])
def compiler(request: pytest.FixtureRequest) -> Compiler:
    """Give each of the two compilers in turn."""
    made: Compiler = request.param()
    return made


def told(schema: Schema, data: object, compiler: Compiler) -> list[str]:
    judge = Judge(schema, compiler=compiler)
    problems = [str(problem) for problem in judge.problems(data)]
    assert judge.is_valid(data) is (not problems)
    return problems


KEYWORDS: list[tuple[Schema, Any, list[str]]] = [
    ({"type": "integer"}, True, ["$: must be an integer"]),
    ({"type": "integer"}, 1.0, []),
    ({"type": "number"}, True, ["$: must be a number"]),
    ({"type": ["null", "string", "integer"]}, 1.5, ["$: must be a string, an integer or null"]),
    ({"enum": [1, None, "a", {"x": [1]}]}, 2, ["$: must be one of 1, null, 'a', {\"x\": [1]}"]),
    ({"enum": ["a"]}, 2, ["$: must be 'a'"]),
    (
        {"enum": [10 + n for n in range(15)]},
        2,
        ["$: must be one of 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21 and 3 more"],
    ),
    ({"const": None}, 2, ["$: must be null"]),
    ({"const": "x" * 100}, 2, [f"$: must be '{'x' * 60}…'"]),
    ({"minLength": 3}, "éé", ["$: must have at least 3 characters"]),
    ({"maxLength": 1}, "éé", ["$: must have at most 1 character"]),
    ({"pattern": "^a+$"}, "b", ["$: must match the pattern ^a+$"]),
    ({"minimum": 1.5}, 1, ["$: must be at least 1.5"]),
    ({"maximum": 1}, 2, ["$: must be at most 1"]),
    ({"exclusiveMinimum": 1}, 1, ["$: must be greater than 1"]),
    ({"exclusiveMaximum": 1}, 1, ["$: must be less than 1"]),
    ({"multipleOf": 3}, 4, ["$: must be a multiple of 3"]),
    ({"minItems": 1}, [], ["$: must have at least 1 item"]),
    ({"maxItems": 2000}, [0] * 2001, ["$: must have at most 2,000 items"]),
    ({"minProperties": 1}, {}, ["$: must have at least 1 property"]),
    ({"maxProperties": 0}, {"a": 1}, ["$: must have at most 0 properties"]),
    ({"uniqueItems": True}, [1, 1.0], ["$: must not have the same item twice"]),
    ({"uniqueItems": True}, [1, True], []),
    ({"properties": {"a": False}}, {"a": 1}, ["$.a: must be left out"]),
    ({"prefixItems": [{"type": "string"}], "items": False}, ["a", 1], ["$[1]: must be left out"]),
    (
        {"prefixItems": [{"type": "string"}], "items": {"type": "integer"}},
        [1, "a"],
        ["$[0]: must be a string", "$[1]: must be an integer"],
    ),
    ({"prefixItems": [True], "unevaluatedItems": False}, [1, 2], ["$: has more items than its schema describes"]),
    ({"contains": {"type": "string"}}, [1], ["$: does not contain the items that `contains` asks for"]),
    (
        {"contains": {"type": "string"}, "minContains": 2},
        ["a"],
        ["$: does not contain the items that `contains` asks for"],
    ),
    (
        {"contains": {"type": "string"}, "maxContains": 1},
        ["a", "b"],
        ["$: does not contain the items that `contains` asks for"],
    ),
    (
        {"propertyNames": {"maxLength": 2}},
        {"abc": 1},
        ["$: has the property 'abc', whose name does not match `propertyNames`"],
    ),
    (
        {"patternProperties": {"^a": {"type": "string"}, "^b": False}},
        {"a": 1, "b": 1},
        ["$.a: must be a string", "$.b: must be left out"],
    ),
    (
        {"patternProperties": {"^a": True}, "additionalProperties": False},
        {"a": 1, "b": 1},
        ["$: unexpected property 'b'"],
    ),
    ({"additionalProperties": {"type": "string"}}, {"a": 1}, ["$.a: must be a string"]),
    ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, ["$: required property 'b' is missing"]),
    ({"dependentSchemas": {"a": {"required": ["b"]}}}, {"a": 1}, ["$: required property 'b' is missing"]),
    ({"if": {"required": ["a"]}, "then": {"required": ["b"]}}, {"a": 1}, ["$: required property 'b' is missing"]),
    ({"if": {"required": ["a"]}, "else": {"required": ["b"]}}, {}, ["$: required property 'b' is missing"]),
    ({"not": {"required": ["a"]}}, {"a": 1}, ["$: must not match the schema under `not`"]),
    ({"allOf": [{"minimum": 3}, {"maximum": 0}]}, 2, ["$: must be at least 3", "$: must be at most 0"]),
    ({"anyOf": [{"type": "array"}, {"type": "null"}]}, 1, ["$: must be an array or null"]),
    ({"anyOf": [{"const": 1}, {"const": 2}]}, 3, ["$: must be one of 1, 2"]),
    ({"anyOf": [{"enum": [1]}, {"enum": [2, 3]}]}, 4, ["$: must be one of 1, 2, 3"]),
    ({"anyOf": [False, {"type": "array"}]}, 1, ["$: must be left out"]),
    ({"anyOf": [{"type": "array"}, {"type": "string", "minLength": 3}]}, "a", ["$: must have at least 3 characters"]),
    (
        {"anyOf": [{"minimum": 3}, {"multipleOf": 5}]},
        1,
        ["$: matches none of the 2 allowed forms; the closest needs: $ must be at least 3"],
    ),
    (
        {"oneOf": [{"minimum": 1}, {"maximum": 5}]},
        3,
        ["$: must match exactly one of the allowed forms, but matches several"],
    ),
    ({"format": "date"}, "2025-02-30", ["$: must match the format date"]),
    ({"format": "unheard-of"}, "x", []),
    ({"contentEncoding": "base64", "contentMediaType": "application/json"}, "???", []),
    ({"$schema": DRAFT_07, "contentEncoding": "base64", "contentMediaType": "application/json"}, "???", []),
    (
        {"$schema": DRAFT_07, "items": [True], "additionalItems": False},
        [1, 2],
        ["$: has more items than its schema describes"],
    ),
    (
        {"$schema": DRAFT_07, "dependencies": {"a": ["b"], "c": {"minProperties": 3}}},
        {"a": 1, "c": 1},
        ["$: must have at least 3 properties", "$: required property 'b' is missing"],
    ),
    (
        {"$schema": DRAFT_07, "$ref": "#/definitions/a", "type": "string", "definitions": {"a": {"type": "integer"}}},
        1,
        [],
    ),
    (
        {"$schema": DRAFT_2019, "items": [{"type": "string"}], "additionalItems": {"type": "null"}},
        [1, 2],
        ["$[0]: must be a string", "$[1]: must be null"],
    ),
    (
        {
            "$schema": DRAFT_2019,
            "$recursiveAnchor": True,
            "properties": {"a": {"$recursiveRef": "#"}},
            "unevaluatedProperties": True,
            "maxProperties": 1,
        },
        {"a": {"b": 1, "c": 2}},
        ["$.a: must have at most 1 property"],
    ),
]


@pytest.mark.parametrize(("schema", "data", "expected"), KEYWORDS)
def test_every_keyword_has_its_text(schema: Schema, data: Any, expected: list[str], compiler: Compiler) -> None:
    assert told(schema, data, compiler) == expected


def test_unevaluated_properties_are_named_where_the_library_tells() -> None:
    schema = {"properties": {"a": True}, "unevaluatedProperties": False}
    assert told(schema, {"a": 1, "b": 2}, rs_compiler()) == ["$: unexpected property 'b'"]
    assert told(schema, {"a": 1, "b": 2}, python_compiler()) == ["$: has a property that its schema does not describe"]


def test_problems_are_sorted_by_place_with_items_in_the_order_of_the_array(compiler: Compiler) -> None:
    schema = {"items": {"type": "string"}}
    assert [problem.path for problem in Judge(schema, compiler=compiler).problems([1] * 12)] == [
        f"$[{index}]" for index in range(12)
    ]


def test_more_than_twenty_problems_are_counted(compiler: Compiler) -> None:
    problems = told({"items": {"type": "string"}}, [1] * 100, compiler)
    assert len(problems) == MOST_PROBLEMS + 1
    assert problems[-1] == "$: and 80 more problems"


def test_counting_ends_somewhere(compiler: Compiler) -> None:
    assert told({"items": {"type": "string"}}, [1] * 5000, compiler)[-1] == "$: and at least 980 more problems"
