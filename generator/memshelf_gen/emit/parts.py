"""Gather what a schema and its `allOf` say about one object."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from memshelf_gen.emit.places import Place, Places
from memshelf_gen.spec import Json


@dataclass(frozen=True, slots=True)
class Part:
    """An object's properties, each with the place of its schema."""

    properties: dict[str, tuple[Place, Any]] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    closed: bool = False


def gather(places: Places, place: Place, *, kind: str = "") -> Part | None:
    """Give the object at a place, or None if something else than an object may stand there.

    `kind="object"` reads a schema of several types as one of an object.
    """
    return _gather(places, place, kind, frozenset())


def _gather(places: Places, place: Place, kind: str, seen: frozenset[Place]) -> Part | None:
    schema = places[place]
    if place in seen or not isinstance(schema, dict) or places.is_opaque(place):
        return None
    if "$ref" in schema:
        target = places.target(place, schema["$ref"])
        return None if target is None else _gather(places, target, kind, seen | {place})
    branches = [place.below("allOf", index) for index in range(_length(schema.get("allOf")))]
    parts = [_own(place, schema) if (kind or schema.get("type")) == "object" else None]
    parts += [_gather(places, branch, "", seen | {place}) for branch in branches]
    if not any(parts):
        return None
    loose = [_own(one, _untyped(places[one])) for one in (place, *branches)]
    joined = Part()
    for part, alternative in zip(parts, loose, strict=True):
        joined = _join(joined, part or alternative)
    return joined


def _own(place: Place, schema: Json) -> Part:
    properties = schema.get("properties") or {}
    return Part(
        properties={key: (place.below("properties", key), value) for key, value in properties.items()},
        required=frozenset(name for name in schema.get("required", ()) if isinstance(name, str)),
        closed=schema.get("additionalProperties") is False and not schema.get("patternProperties"),
    )


def _untyped(schema: Any) -> Json:
    """Give a schema that leaves the type to its neighbours in an `allOf`; nothing of any other."""
    return schema if isinstance(schema, dict) and not schema.keys() & {"type", "$ref", "$id"} else {}


def _join(one: Part, other: Part) -> Part:
    """Join two parts that both hold: a property of both keeps its type only if both say the same."""
    properties = dict(one.properties)
    for key, (place, schema) in other.properties.items():
        same = key not in properties or properties[key][1] == schema
        properties[key] = properties.get(key, (place, schema)) if same else (place.below("\0differs"), True)
    return Part(
        properties=properties,
        required=one.required | other.required,
        closed=any(part.closed and part.properties.keys() == properties.keys() for part in (one, other)),
    )


def _length(value: Any) -> int:
    return len(value) if isinstance(value, list) else 0
