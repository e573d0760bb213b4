"""Say in words what a schema asks of a value: its type, and what else must hold."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from memshelf_gen.exports.entries import Code, Line, Piece, Text

Refer: TypeAlias = Callable[[str], Piece]
"""Gives the piece that stands for a `$ref`."""

TOLD_ELSEWHERE = frozenset(
    (
        *("$schema", "$id", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$vocabulary", "$comment", "$defs"),
        *("definitions", "title", "description", "default", "examples", "type", "format", "const", "enum"),
        *("$ref", "properties", "patternProperties", "prefixItems", "items", "additionalItems", "anyOf", "oneOf"),
        *("allOf", "required"),
    )
)
"""Keywords that are a field's type, its text, or fields of their own."""
_SIMPLE = frozenset(("type", "format", "const", "enum", "$ref", "items", "title", "$comment"))
_COUNTED = (
    ("minLength", "maxLength", "character", "characters"),
    ("minItems", "maxItems", "item", "items"),
    ("minProperties", "maxProperties", "property", "properties"),
)
_FLAGS = {
    "uniqueItems": "no item twice",
    "deprecated": "deprecated",
    "readOnly": "read only",
    "writeOnly": "write only",
}
_BOUNDS = (
    ("minimum", "at least"),
    ("exclusiveMinimum", "more than"),
    ("maximum", "at most"),
    ("exclusiveMaximum", "less than"),
    ("multipleOf", "a multiple of"),
)


def value(found: Any) -> str:
    """Write a value as JSON on one line."""
    return json.dumps(found, ensure_ascii=False)


def is_simple(schema: Any) -> bool:
    """Tell whether a type's words say all that a schema says."""
    if not isinstance(schema, dict):
        return True
    items = schema.get("items", True)
    return schema.keys() <= _SIMPLE and not isinstance(items, list) and is_simple(items)


def type_of(schema: Any, refer: Refer) -> Line:
    """Give the words for a value's type, such as `string (date-time) or null`."""
    match schema:
        case False:
            return (Text("nothing"),)
        case {"$ref": str(reference)}:
            return (refer(reference),)
        case {"const": const}:
            return Text("always "), Code(value(const))
        case {"enum": [*choices]} if choices:
            return Text("one of "), *joined(((Code(value(each)),) for each in choices), ", ")
        case {"type": str(kind)}:
            return _kind(kind, schema, refer)
        case {"type": [*kinds]}:
            return joined((_kind(str(kind), schema, refer) for kind in kinds), " or ")
        case {"oneOf": [*branches]} | {"anyOf": [*branches]}:
            return joined(choices_of(branches, refer), " or ")
        case {"properties": _}:
            return (Text("object"),)
        case _:
            return (Text("anything"),)


def choices_of(branches: list[Any], refer: Refer) -> Iterator[Line]:
    """Give the words for each branch of a choice; one that has fields or notes of its own also has a number."""
    for number, branch in enumerate(branches, 1):
        yield type_of(branch, refer) if is_simple(branch) else (*type_of(branch, refer), Text(f" (#{number})"))


def joined(lines: Iterator[Line], between: str) -> Line:
    """Join lines with words between them."""
    pieces: list[Piece] = []
    for line in lines:
        pieces += [*([Text(between)] if pieces else []), *line]
    return tuple(pieces)


def notes(schema: Mapping[str, Any], refer: Refer) -> Iterator[Line]:
    """Give what must hold beside the type, every keyword that has no words of its own as it is written."""
    left = {key: each for key, each in schema.items() if key not in TOLD_ELSEWHERE}
    for low, high, one, many in _COUNTED:
        if (said := _counted(left.pop(low, None), left.pop(high, None), one, many)) is not None:
            yield (Text(said),)
    yield from ((Text(f"{words} {value(left.pop(keyword))}"),) for keyword, words in _BOUNDS if keyword in left)
    if isinstance(left.get("pattern"), str):
        yield Text("matches "), Code(left.pop("pattern") or '""')
    for keyword, words in _FLAGS.items():
        if (flag := left.pop(keyword, False)) is True:
            yield (Text(words),)
        elif flag is not False:
            left[keyword] = flag
    if "format" in schema and "string" not in _kinds(schema):
        yield (Text(f"of format {schema['format']}"),)
    if "properties" not in schema and "object" in _kinds(schema) and _has_type(left.get("additionalProperties")):
        del left["additionalProperties"]
    yield from _other_properties(left, refer)
    for name, names in left.pop("dependentRequired", {}).items():
        yield Text("with "), Code(name), Text(" also "), *joined(((Code(each),) for each in names), ", ")
    for keyword, each in left.items():
        yield Text(f"{keyword} "), Code(value(each))


def _other_properties(left: dict[str, Any], refer: Refer) -> Iterator[Line]:
    for keyword in ("additionalProperties", "unevaluatedProperties"):
        match left.pop(keyword, None):
            case False:
                yield (Text("no other properties"),)
            case dict() as schema if is_simple(schema):
                yield Text("other properties are "), *type_of(schema, refer)
            case _:
                pass


def _kind(kind: str, schema: Mapping[str, Any], refer: Refer) -> Line:
    match kind:
        case "array":
            items = schema.get("items", True)
            return (Text("list of "), *type_of(items, refer)) if _has_type(items) else (Text("list"),)
        case "object":
            others = schema.get("additionalProperties", True)
            if "properties" not in schema and _has_type(others):
                return Text("map of "), *type_of(others, refer)
            return (Text("object"),)
        case "string" if isinstance(schema.get("format"), str):
            return (Text(f"string ({schema['format']})"),)
        case _:
            return (Text(kind),)


def _kinds(schema: Mapping[str, Any]) -> list[Any]:
    kinds = schema.get("type", [])
    return kinds if isinstance(kinds, list) else [kinds]


def _has_type(schema: Any) -> bool:
    return isinstance(schema, dict) and bool(schema.keys() & {"$ref", "const", "enum", "type", "oneOf", "anyOf"})


def _counted(low: Any, high: Any, one: str, many: str) -> str | None:
    match low, high:
        case None | 0, None:
            return None
        case None | 0, _:
            return f"at most {high} {one if high == 1 else many}"
        case _, None:
            return f"at least {low} {one if low == 1 else many}"
        case _ if low == high:
            return f"exactly {low} {one if low == 1 else many}"
        case _:
            return f"{low} to {high} {many}"
