"""How a schema becomes options, and the texts of options become JSON."""

from __future__ import annotations

from typing import Any

import pytest

from memshelf.cli.literals import literal, value_of
from memshelf.cli.properties import KINDS, Property, dashed, option_names, properties

ALL = frozenset(KINDS)


def only(schema: dict[str, Any], **below: Any) -> Property:
    """Give the property `x` of a schema that has just this one."""
    [found] = properties({"type": "object", "properties": {"x": schema}, **below})
    return found


@pytest.mark.parametrize(
    ("schema", "kinds"),
    [
        ({}, ALL),
        ({"type": "string"}, {"string"}),
        ({"type": ["integer", "null"]}, {"integer", "null"}),
        ({"enum": ["a", 1, None]}, {"string", "integer", "number", "null"}),
        ({"const": True}, {"boolean"}),
        ({"$ref": "#/$defs/Y"}, {"object"}),
        ({"$ref": "#/$defs/Nowhere"}, ALL),
        ({"$ref": "#/$defs/Loop"}, ALL),
        ({"anyOf": [{"type": "string"}, {"$ref": "#/$defs/Y"}]}, {"string", "object"}),
        ({"oneOf": [{"const": 1.5}, {"type": "array"}]}, {"number", "array"}),
        ({"allOf": [{"type": ["string", "null"]}, {"type": ["string", "array"]}]}, {"string"}),
        ({"type": ["string", "integer"], "enum": ["a", "b"]}, {"string"}),
    ],
)
def test_the_kinds_of_a_property_are_what_its_schema_may_accept(schema: dict[str, Any], kinds: set[str]) -> None:
    found = only(schema, **{"$defs": {"Y": {"type": "object"}, "Loop": {"$ref": "#/$defs/Loop"}}})
    assert found.kinds == kinds


def test_what_a_person_needs_to_know_is_read() -> None:
    found = only({"enum": ["a", "b"], "default": "a", "description": "One\n  of two."}, required=["x"])
    assert (found.choices, found.default, found.description, found.required) == (("a", "b"), "a", "One of two.", True)


def test_a_reference_gives_description_and_choices() -> None:
    found = only({"$ref": "#/$defs/Y"}, **{"$defs": {"Y": {"enum": [1, 2], "description": "Which."}}})
    assert (found.choices, found.description) == ((1, 2), "Which.")


def test_the_properties_of_alternatives_are_options_too_and_not_required() -> None:
    schema = {
        "allOf": [{"properties": {"a": {}}, "required": ["a"]}],
        "oneOf": [{"properties": {"b": {}}, "required": ["b"]}, {"$ref": "#/$defs/C"}],
        "$defs": {"C": {"properties": {"c": {"type": "string"}}}},
    }
    assert [(each.name, each.required) for each in properties(schema)] == [("a", True), ("b", False), ("c", False)]


def test_a_schema_without_properties_has_no_options() -> None:
    assert properties({"type": "object"}) == ()


@pytest.mark.parametrize(
    ("name", "option"),
    [("to", "to"), ("templateId", "template-id"), ("snake_case", "snake-case"), ("vatID2", "vat-id2"), ("_id", "-id")],
)
def test_options_are_written_in_dashes(name: str, option: str) -> None:
    assert dashed(name) == option


def test_every_property_gets_names_that_no_other_has() -> None:
    found = [Property(name, ALL) for name in ("fooBar", "foo-bar", "foo_bar", "at", "payload-at", "a b", "$ref", "_x")]
    assert option_names(found, ["at", "queue"]) == {
        "fooBar": ("fooBar",),
        "foo-bar": ("foo-bar",),
        "foo_bar": ("foo_bar",),
        "at": ("payload-payload-at",),
        "payload-at": ("payload-at",),
    }


def test_a_property_keeps_both_of_its_spellings() -> None:
    assert option_names([Property("templateId", ALL)], []) == {"templateId": ("template-id", "templateId")}


@pytest.mark.parametrize(
    ("text", "kinds", "value"),
    [
        ("012", {"string"}, "012"),
        ("true", {"string", "null"}, "true"),
        ("5", {"string", "integer"}, "5"),
        ("5", {"integer"}, 5),
        ("5.0", {"integer"}, 5.0),
        ("five", {"integer"}, "five"),
        ("null", {"null", "integer"}, None),
        ("false", {"boolean", "null"}, False),
        ('{"a": [1]}', {"object"}, {"a": [1]}),
        ('{"a": [1]}', {"object", "string"}, {"a": [1]}),
        ('{"a": [1]}', {"string"}, '{"a": [1]}'),
        ('{"a": ', {"object"}, '{"a": '),
        ('{"a": 1, "a": 2}', {"object"}, '{"a": 1, "a": 2}'),
        ("[" * 100_000, {"array"}, "[" * 100_000),
    ],
)
def test_a_text_is_read_by_what_the_schema_takes(text: str, kinds: set[str], value: object) -> None:
    assert literal(text, frozenset(kinds)) == value


def test_a_choice_that_is_no_string_is_found() -> None:
    kinds = frozenset({"string", "integer", "number"})
    assert [literal(text, kinds, ("1", 2)) for text in ("1", "2", "3")] == ["1", 2, "3"]


@pytest.mark.parametrize(
    ("texts", "items", "value"),
    [
        (["a", "5"], {"string"}, ["a", "5"]),
        (["1", "2"], {"integer"}, [1, 2]),
        (["[1, 2]"], {"integer"}, [1, 2]),
        (["[1, 2]"], {"array"}, [[1, 2]]),
        (["[1, 2]", "[3]"], {"array"}, [[1, 2], [3]]),
        (['{"a": 1}'], {"object"}, [{"a": 1}]),
        (["[]"], {"string"}, []),
    ],
)
def test_a_repeated_option_is_an_array(texts: list[str], items: set[str], value: object) -> None:
    assert value_of(Property("x", frozenset({"array"}), frozenset(items)), texts) == value


def test_an_array_that_may_be_null_can_be() -> None:
    assert value_of(Property("x", frozenset({"array", "null"}), frozenset({"string"})), ["null"]) is None
