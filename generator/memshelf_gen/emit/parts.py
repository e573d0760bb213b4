"""Gather what a schema, its `allOf` and its alternatives say about one object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from memshelf_gen.emit.places import Place, Places
from memshelf_gen.spec import Json


@dataclass(frozen=True, slots=True)
class Part:
    """An object's properties, each with the places of its schemas: one of these holds."""

    properties: dict[str, tuple[Place, ...]] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    closed: bool = False


def gather(places: Places, place: Place) -> Part | None:
    """Give the object at a place, or None if something else than an object may stand there."""
    return _gather(places, place, frozenset())


def gather_object(places: Places, place: Place) -> Part:
    """Give the object at a place where other things are possible too: what is said of it in case that it is one."""
    return _gather_object(places, place, frozenset())


def gather_root(places: Places, place: Place) -> Part:
    """Give the object that a whole payload is: what all alternatives of `oneOf` or `anyOf` admit, in one."""
    return _gather_root(places, place, frozenset()) or Part()


def _gather(places: Places, place: Place, seen: frozenset[Place]) -> Part | None:
    schema = places[place]
    if place in seen or not isinstance(schema, dict):
        return None
    seen |= {place}
    if "$ref" in schema and not places.extends(place):
        target = places.target(schema["$ref"])
        return None if target is None else _gather(places, target, seen)
    branches = places.together(place)
    parts = [_own(place, schema) if schema.get("type") == "object" else None]
    parts += [_gather(places, branch, seen) for branch in branches]
    if not any(parts):
        return None
    # One of these is an object, so all are, also those that leave the type to their neighbours.
    loose = [_own(one, _untyped(places[one])) for one in (place, *branches)]
    return _all_of(places, [part or other for part, other in zip(parts, loose, strict=True)])


def _gather_object(places: Places, place: Place, seen: frozenset[Place]) -> Part:
    schema = places[place]
    if place in seen or not isinstance(schema, dict) or "object" not in schema.get("type", "object"):
        return Part()
    seen |= {place}
    own = [] if "$ref" in schema and not places.extends(place) else [_own(place, schema)]
    return _all_of(places, [*own, *(_gather_object(places, each, seen) for each in places.together(place))])


def _gather_root(places: Places, place: Place, seen: frozenset[Place]) -> Part | None:
    schema = places[place]
    if place in seen or not isinstance(schema, dict):
        return None
    seen |= {place}
    if "$ref" in schema:
        target = places.target(schema["$ref"])
        return None if target is None else _gather_root(places, target, seen)
    parts = [_own(place, schema)]
    parts += [part for each in _branches(place, schema, "allOf") if (part := _gather_root(places, each, seen))]
    for keyword in ("oneOf", "anyOf"):
        if branches := _branches(place, schema, keyword):
            parts.append(_one_of([_gather_root(places, branch, seen) for branch in branches], place))
    return _all_of(places, parts)


def _own(place: Place, schema: Json) -> Part:
    properties = schema.get("properties") or {}
    return Part(
        properties={key: (place.below("properties", key),) for key in properties},
        required=frozenset(name for name in schema.get("required", ()) if isinstance(name, str)),
        closed=schema.get("additionalProperties") is False and not schema.get("patternProperties"),
    )


def _untyped(schema: Any) -> Json:
    """Give a schema that leaves the type to its neighbours in an `allOf`; nothing of any other."""
    return schema if isinstance(schema, dict) and not schema.keys() & {"type", "$ref"} else {}


def _all_of(places: Places, parts: Sequence[Part]) -> Part:
    """Join parts that all hold. A property of two has to fit both, so the type of either admits it."""

    def join(one: Part, other: Part) -> Part:
        properties = dict(one.properties)
        for key, found in other.properties.items():
            if key not in properties or not _names_values(places, properties[key]):
                properties[key] = found if key not in properties or _names_values(places, found) else properties[key]
        return Part(
            properties=properties,
            required=one.required | other.required,
            closed=any(part.closed and part.properties.keys() == properties.keys() for part in (one, other)),
        )

    return reduce(join, parts, Part())


def _one_of(parts: Sequence[Part | None], place: Place) -> Part:
    """Join parts of which one holds. A property that one of them does not know may be anything there, if it is open."""
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return Part()
    anything = place.below("\0anything")
    keys = dict.fromkeys(key for part in known for key in part.properties)
    properties = {
        key: tuple(one for part in known for one in part.properties.get(key, () if part.closed else (anything,)))
        for key in keys
    }
    return Part(
        properties=properties,
        required=frozenset.intersection(*(part.required for part in known)),
        closed=all(part.closed for part in known),
    )


def _names_values(places: Places, found: tuple[Place, ...]) -> bool:
    """Tell whether a property's schemas list its values, which says more than a type."""
    schemas = [places[place] for place in found]
    return all(isinstance(schema, dict) and schema.keys() & {"const", "enum"} for schema in schemas)


def _branches(place: Place, schema: Json, keyword: str) -> list[Place]:
    found = schema.get(keyword)
    return [place.below(keyword, index) for index in range(len(found))] if isinstance(found, list) else []
