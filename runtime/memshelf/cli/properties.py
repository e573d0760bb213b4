"""The properties of a payload, as a command line can take them: read from the job's bundled schema."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Schema = Mapping[str, Any]

KINDS = ("string", "integer", "number", "boolean", "object", "array", "null")
"""The types of JSON Schema, in the order in which help names them."""
NAMEABLE = re.compile(r"[^\W_][\w.-]*")
"""A name that can stand behind two dashes; a property of another name needs `--data`."""


@dataclass(frozen=True, slots=True)
class Property:
    """One property of the payload."""

    name: str
    """The name on the wire."""
    kinds: frozenset[str]
    """The JSON types that its schema may accept."""
    item_kinds: frozenset[str] = frozenset()
    """Those of its items, if it is an array."""
    choices: tuple[Any, ...] = ()
    """The values of its `enum` or `const`."""
    required: bool = False
    description: str = ""
    default: Any = field(default=None)
    """The schema's default, which a reader of the payload sees; None if there is none."""

    @property
    def repeatable(self) -> bool:
        """Whether each use of the option is one item of an array."""
        return "array" in self.kinds and "string" not in self.kinds

    @property
    def is_flag(self) -> bool:
        """Whether the option takes no value."""
        return self.kinds == {"boolean"} and not self.choices


def properties(schema: Schema) -> tuple[Property, ...]:
    """Give the properties that a schema's root names, those of its alternatives included, in the schema's order."""
    found: dict[str, Schema] = {}
    required: set[str] = set()
    for part, certain in _parts(schema, schema, frozenset()):
        for name, below in part.get("properties", {}).items():
            found.setdefault(name, below if isinstance(below, Mapping) else {})
        if certain:
            required |= set(part.get("required", ()))
    return tuple(_property(name, below, schema, name in required) for name, below in found.items())


def _property(name: str, schema: Schema, root: Schema, required: bool) -> Property:
    parts = [part for part, _ in _parts(schema, root, frozenset())]
    choices = _choices(schema, root, frozenset())
    items: Schema = next((part["items"] for part in parts if isinstance(part.get("items"), Mapping)), {})
    return Property(
        name=name,
        kinds=_kinds(schema, root, frozenset()),
        item_kinds=_kinds(items, root, frozenset()),
        choices=tuple(choices or ()),
        required=required,
        description=_first_text(part.get("description") for part in parts),
        default=next((part["default"] for part in parts if "default" in part), None),
    )


def _parts(schema: Schema, root: Schema, seen: frozenset[str]) -> Iterator[tuple[Schema, bool]]:
    """Give a schema and those that it is made of, each with whether it holds for every payload."""
    yield schema, True
    for below, reference in _below(schema, root, seen, ("allOf",)):
        yield from _parts(below, root, seen | reference)
    for below, reference in _below(schema, root, seen, ("anyOf", "oneOf", "then", "else"), refer=False):
        for part, _ in _parts(below, root, seen | reference):
            yield part, False


def _below(
    schema: Schema, root: Schema, seen: frozenset[str], keywords: Iterable[str], *, refer: bool = True
) -> Iterator[tuple[Schema, frozenset[str]]]:
    """Give the schemas that stand in a schema's place, with the reference that led there."""
    reference = schema.get("$ref")
    if refer and isinstance(reference, str) and reference not in seen:
        target = _target(reference, root)
        if target is not None:
            yield target, frozenset({reference})
    for keyword in keywords:
        value = schema.get(keyword, ())
        for below in value if isinstance(value, list) else [value]:
            if isinstance(below, Mapping):
                yield below, frozenset()


def _target(reference: str, root: Schema) -> Schema | None:
    """Follow a reference inside the bundle (RFC 6901)."""
    place: Any = root
    for step in reference.removeprefix("#").split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(place, Mapping) or key not in place:
            return None
        place = place[key]
    return place if isinstance(place, Mapping) and reference.startswith("#") else None


def _kinds(schema: Schema, root: Schema, seen: frozenset[str]) -> frozenset[str]:
    """Give the types that a schema may accept; all of them if it does not say."""
    found = frozenset(KINDS)
    named = schema.get("type")
    if named is not None:
        found &= frozenset([named] if isinstance(named, str) else named)
    values = _own_choices(schema)
    if values is not None:
        found &= frozenset(kind for value in values for kind in kinds_of(value))
    for below, reference in _below(schema, root, seen, ("allOf",)):
        found &= _kinds(below, root, seen | reference)
    for keyword in ("anyOf", "oneOf"):
        branches = [_kinds(below, root, seen) for below, _ in _below(schema, root, seen, (keyword,), refer=False)]
        if branches:
            found &= frozenset().union(*branches)
    return found


def _choices(schema: Schema, root: Schema, seen: frozenset[str]) -> list[Any] | None:
    """Give the values to choose from, if the schema is nothing but a choice."""
    own = _own_choices(schema)
    if own is not None:
        return own
    for below, reference in _below(schema, root, seen, ("allOf",)):
        found = _choices(below, root, seen | reference)
        if found is not None:
            return found
    return None


def _own_choices(schema: Schema) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    values = schema.get("enum")
    return values if isinstance(values, list) else None


def kinds_of(value: object) -> tuple[str, ...]:
    """Give the types of JSON Schema that a value has."""
    match value:
        case None:
            return ("null",)
        case bool():
            return ("boolean",)
        case int():
            return ("integer", "number")
        case float():
            return ("number",)
        case str():
            return ("string",)
        case Mapping():
            return ("object",)
        case _:
            return ("array",)


def _first_text(texts: Iterable[Any]) -> str:
    return next((" ".join(text.split()) for text in texts if isinstance(text, str) and text.strip()), "")


def option_names(found: Iterable[Property], reserved: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Give every property's option names: its own name and its name in dashes, or `payload-…` where both are taken.

    A property whose name cannot stand on a command line gets none.
    """
    taken = set(reserved)
    nameable = [each for each in found if NAMEABLE.fullmatch(each.name)]
    names: dict[str, tuple[str, ...]] = {each.name: () for each in nameable}
    # A name that is written as it stands goes before one that only becomes it.
    for spelling in (str, dashed):
        for each in nameable:
            name = spelling(each.name)
            if name not in taken:
                taken.add(name)
                names[each.name] = (name, *names[each.name])
    for each in nameable:
        name = dashed(each.name)
        while not names[each.name]:
            name = f"payload-{name}"
            if name not in taken:
                taken.add(name)
                names[each.name] = (name,)
    return names


def dashed(name: str) -> str:
    """Write a name as options are written: `templateId` as `template-id`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_+", "-", name).lower()
