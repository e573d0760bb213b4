"""The walk is never wrong: what it calls compatible refuses nothing that was taken, and what it shows is proven."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
from hypothesis import given, settings
from hypothesis import strategies as st

from memshelf_gen.gap import Gap
from memshelf_gen.gaps import Walk
from memshelf_gen.instances import instances
from memshelf_gen.pairing import JUDGING, TAKEN, Pair, Spot, pair
from memshelf_gen.witness import Witnesses
from tests.generator.projects import Json

D = "https://json-schema.org/draft/2020-12/schema"
NAMES = st.sampled_from(["a", "b", "x-c"])
VALUES = st.sampled_from([0, 1, "a", "ab", True, None])
COUNTS = st.integers(0, 3)


def parts(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    """Give schemas with a few keywords each."""
    keywords: dict[str, st.SearchStrategy[Any]] = {
        "type": st.sampled_from(
            ["string", "integer", "number", "boolean", "null", "array", "object", ["string", "null"]]
        ),
        "enum": st.lists(VALUES, min_size=1, max_size=3, unique_by=repr),
        "const": VALUES,
        "minLength": COUNTS,
        "maxLength": COUNTS,
        "minimum": COUNTS,
        "maximum": COUNTS,
        "multipleOf": st.integers(1, 3),
        "pattern": st.sampled_from(["^a", "b$", "^[ab]*$"]),
        "format": st.sampled_from(["date", "unknown"]),
        "minItems": COUNTS,
        "maxItems": COUNTS,
        "items": inner,
        "prefixItems": st.lists(inner, min_size=1, max_size=2),
        "uniqueItems": st.booleans(),
        "contains": inner,
        "required": st.lists(NAMES, max_size=2, unique=True),
        "properties": st.dictionaries(NAMES, inner, max_size=2),
        "patternProperties": st.dictionaries(st.sampled_from(["^x-", "a"]), inner, max_size=1),
        "additionalProperties": inner,
        "propertyNames": st.sampled_from([{"maxLength": 1}, {"pattern": "^[a-z]"}]),
        "dependentRequired": st.dictionaries(NAMES, st.lists(NAMES, max_size=1), max_size=1),
        "minProperties": COUNTS,
        "maxProperties": COUNTS,
        "anyOf": st.lists(inner, min_size=1, max_size=2),
        "oneOf": st.lists(inner, min_size=1, max_size=2),
        "allOf": st.lists(inner, min_size=1, max_size=2),
        "not": inner,
        "if": inner,
        "then": inner,
        "else": inner,
        "unevaluatedProperties": inner,
        "$ref": st.just("#/$defs/Shared"),
    }
    chosen = st.lists(st.sampled_from(sorted(keywords)), min_size=1, max_size=3, unique=True)
    return chosen.flatmap(lambda names: st.fixed_dictionaries({name: keywords[name] for name in names}))


SCHEMAS = st.recursive(st.booleans() | parts(st.booleans()), parts, max_leaves=5)


@st.composite
def changes(draw: st.DrawFn) -> tuple[Json, Json]:
    """Give two bundles of which the second is often the first with one thing changed."""
    shared = draw(parts(st.booleans()).filter(lambda each: "$ref" not in str(each)))
    old, new = draw(st.dictionaries(NAMES, SCHEMAS, max_size=2)), draw(st.dictionaries(NAMES, SCHEMAS, max_size=2))
    rest: Json = draw(parts(SCHEMAS).filter(lambda each: "type" not in each))
    rest.pop("properties", None)
    more: Json = draw(st.just({}) | parts(st.booleans()).filter(lambda each: "type" not in each))
    head: Json = {"$schema": D, "type": "object", "$defs": {"Shared": shared}}
    same = draw(st.booleans())
    return {**head, **rest, "properties": old}, {**head, **rest, **more, "properties": {**old, **new} if same else new}


def walked(old: Json, new: Json) -> tuple[Pair, list[Gap]]:
    sides = pair(old, new)
    assert sides is not None
    return sides, Walk(sides).gaps((Spot(TAKEN, (), sides.taken),), Spot(JUDGING, (), sides.judging), ())


@settings(max_examples=400, deadline=None)
@given(changes())
def test_what_is_compatible_refuses_nothing_that_was_taken(change: tuple[Json, Json]) -> None:
    old, new = change
    take, judge = (jsonschema_rs.validator_for(each, validate_formats=True) for each in change)
    sides, gaps = walked(old, new)
    if gaps:
        for gap in gaps[:2]:
            witness = Witnesses(old, new).of(gap, sides)
            assert witness is None or (take.is_valid(witness) and not judge.is_valid(witness))
        return
    both = (*instances(old, 150), *instances({"allOf": [old, {"not": new}]}, 50, root=old))
    assert [value for value in both if take.is_valid(value) and not judge.is_valid(value)] == []


@settings(max_examples=100, deadline=None)
@given(changes())
def test_a_schema_is_compatible_with_itself(change: tuple[Json, Json]) -> None:
    for each in change:
        assert [gap.kind for gap in walked(each, each)[1]] == []
