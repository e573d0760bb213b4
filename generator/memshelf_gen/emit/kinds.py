"""Combine relaxed types: enumerations, unions, and the limits that pydantic applies exactly as JSON Schema does."""

from __future__ import annotations

from collections.abc import Collection
from enum import IntEnum
from math import isfinite
from typing import Any

from memshelf_gen.spec import Json

_TEXT_LIMITS = {"minLength": "min_length", "maxLength": "max_length"}
_LIST_LIMITS = {"minItems": "min_length", "maxItems": "max_length"}
_NUMBER_LIMITS = {"minimum": "ge", "maximum": "le", "exclusiveMinimum": "gt", "exclusiveMaximum": "lt"}
_LIMITS = {"string": _TEXT_LIMITS, "array": _LIST_LIMITS, "integer": _NUMBER_LIMITS, "number": _NUMBER_LIMITS}
_NULL: Json = {"type": "null"}
_LAST: list[Json] = [{"type": "boolean"}, _NULL]
_INT64 = 2**63
MOST = 1000
"""Members of a union; Python itself cannot read an annotation of a few thousand."""
MOST_TEXTS = 10_000
"""Texts of an enumeration; type checkers and imports crawl with more, and nobody types them."""
KINDS = ("object", "array", "string", "number", "boolean", "null")
"""Every type, with integers among the numbers."""
_INSIDE = {"object": "additionalProperties", "array": "items"}


class Vagueness(IntEnum):
    """How much a type leaves open."""

    NONE = 0
    INSIDE = 1
    """What its lists or objects hold."""
    KIND = 2
    """Whether it is a list, an object or neither."""
    ALL = 3


def vagueness(typed: Json) -> Vagueness:
    """Tell how much a type leaves open."""
    members = typed.get("anyOf", [typed])
    if not typed:
        return Vagueness.ALL
    if {one.get("type", "object") for one in members} >= {"object", "array", "string", "boolean", "null"}:
        return Vagueness.KIND
    inside = [one[word] for one in members if (word := _INSIDE.get(one.get("type", "")))]
    return Vagueness.INSIDE if any(map(vagueness, inside)) else Vagueness.NONE


def plain(kind: str) -> Json:
    """Give a type of which nothing more is said."""
    return {"type": kind, _INSIDE[kind]: {}} if kind in _INSIDE else {"type": kind}


def narrowed(typed: Json, kinds: Collection[str]) -> Json:
    """Leave out the members of a union that are of none of some types."""
    allowed = {*kinds, *(("number", "integer") if {"number", "integer"} & {*kinds} else ())}
    members = [one for one in typed.get("anyOf", [typed]) if one and one.get("type", "object") in allowed]
    return unite(members) if members else {}


def enumeration(values: Any) -> Json:
    """Give texts as they are, if not too many; of others only their types, because 1.0 equals 1 in JSON Schema."""
    if not isinstance(values, list) or not values:
        return {}
    texts = [value for value in values if isinstance(value, str)]
    listed: Json = {"enum": list(dict.fromkeys(texts))} if len(texts) <= MOST_TEXTS else {}
    types: list[Json] = [{"type": "string", **listed}] if texts else []
    types += {str(kind): kind for kind in (_type_of(each) for each in values if not isinstance(each, str))}.values()
    return unite(types)


def unite(types: list[Json]) -> Json:
    """Give the union of types: flat, each once, booleans and null last; `{}`, everything, swallows the rest.

    So does a union of too many: nobody can read it, neither people nor Python.
    """
    flat = _unite_texts([member for one in types for member in one.get("anyOf", [one])])
    if len(flat) > MOST:
        return {}
    unique = [one for index, one in enumerate(flat) if one not in flat[:index]]
    # pydantic takes the first member that fits loosely: 1.0 shall become the integer 1, not true.
    unique.sort(key=lambda one: _LAST.index(one) if one in _LAST else -1)
    if not unique or not all(unique):
        return {}
    return unique[0] if len(unique) == 1 else {"anyOf": unique}


def _unite_texts(types: list[Json]) -> list[Json]:
    """Make one enumeration of all listed texts, and one type of all others, which is plain where these differ.

    Beside a plain text no enumeration is needed. One beside a text with a format comes first: pydantic takes it first.
    """
    texts = [one for one in types if one.get("type") == "string"]
    others = [one for one in texts if "enum" not in one]
    if len(texts) < 2:
        return types
    any_text = [_any_text(others)] if others else []
    words = dict.fromkeys(text for one in texts for text in one.get("enum", ()))
    listed: list[Json] = (
        [{"type": "string", "enum": list(words)}] if words and {"type": "string"} not in any_text else []
    )
    first = next(index for index, one in enumerate(types) if one is texts[0])
    rest = [one for one in types[first:] if one.get("type") != "string"]
    return [*types[:first], *listed, *any_text, *rest]


def _any_text(texts: list[Json]) -> Json:
    """Give the one type of several texts: their limits and their format only where all have the same."""
    first, *others = texts
    return {key: value for key, value in first.items() if all(other.get(key) == value for other in others)}


def limits(schema: Json, kind: str) -> Json:
    """Keep what bounds a text, a list or a number; it travels under `limits` until its field is made."""
    kept: dict[str, int | float] = {}
    for keyword, constraint in _LIMITS[kind].items():
        bound = schema.get(keyword)
        if isinstance(bound, bool) or not isinstance(bound, int | float) or not isfinite(bound):
            continue
        if kind == "number":
            kept[constraint] = bound
        elif bound == int(bound) and -_INT64 < bound < _INT64:
            kept[constraint] = int(bound)
    return {"limits": kept} if kept else {}


def field_limits(typed: Json) -> dict[str, int | float]:
    """Give the limits of a field that has one type, null beside it or not."""
    members = [one for one in typed.get("anyOf", [typed]) if one != _NULL]
    return dict(members[0].get("limits", {})) if len(members) == 1 else {}


def _type_of(value: Any) -> Json:
    match value:
        case None:
            return _NULL
        case bool():
            return {"type": "boolean"}
        case int():
            return {"type": "integer"}
        case float():
            return {"type": "integer"} if value == int(value) else {"type": "number"}
        case list():
            return {"type": "array", "items": unite([enumeration([one]) for one in value])}
        case _:
            return {"type": "object", "additionalProperties": unite([enumeration([one]) for one in value.values()])}
