"""Read what several schemas say together of one value."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from memshelf_gen.keywords import TYPES
from memshelf_gen.pairing import Spot, Spots

ANYTHING = Spot("", (), True)
"""What is said where nothing is said."""


def finite(taken: Spots) -> list[Any] | None:
    """Give all values that can be, some that cannot among them; None when there are endlessly many."""
    for spot in taken:
        if has(spot, "const"):
            return [spot.schema["const"]]
        if has(spot, "enum"):
            return list(spot.schema["enum"])
    for spot in taken:
        for keyword in ("anyOf", "oneOf"):
            inner = (
                [finite((spot.below(keyword, index),)) for index in range(len(spot.schema[keyword]))]
                if has(spot, keyword)
                else [None]
            )
            if all(each is not None for each in inner):
                return [value for each in inner for value in each or ()]
    kinds = types_of(taken)
    if all(kind in ("boolean", "null") for kind in kinds):
        return [value for kind in kinds for value in ((True, False) if kind == "boolean" else (None,))]
    return None


def has(spot: Spot, keyword: str | int) -> bool:
    """Tell whether a schema has a keyword."""
    return isinstance(spot.schema, dict) and keyword in spot.schema


def all_of(taken: Spots, keyword: str) -> list[Any]:
    """Give what each schema says under a keyword."""
    return [spot.schema[keyword] for spot in taken if has(spot, keyword)]


def union_of(spot: Spot) -> str:
    """Give the keyword of a union; empty when the schema is none."""
    return next((keyword for keyword in ("oneOf", "anyOf") if has(spot, keyword)), "")


def branches(spot: Spot) -> list[Spot]:
    """Give the branches of a union."""
    keyword = union_of(spot)
    return [spot.below(keyword, index) for index in range(len(spot.schema[keyword]))]


def item(spot: Spot, index: int) -> Iterator[Spot]:
    """Give the schema of the item at an index, if there is one."""
    if not isinstance(spot.schema, dict):
        return
    if index < len(spot.schema.get("prefixItems", ())):
        yield spot.below("prefixItems", index)
    elif "items" in spot.schema:
        yield spot.below("items")


def stated(spot: Spot) -> list[str]:
    """Give the types that a schema states; all of them when it states none."""
    kinds = spot.schema.get("type", list(TYPES))
    return kinds if isinstance(kinds, list) else [kinds]


def types_of(taken: Spots) -> list[str]:
    """Give the types that all schemas admit."""
    found = list(TYPES)
    for spot in taken:
        if has(spot, "type"):
            kinds = stated(spot)
            found = [kind for kind in found if kind in kinds or (kind == "integer" and "number" in kinds)]
    return [kind for kind in found if not (kind == "integer" and "number" in found)]


def negated(spot: Spot) -> Spot:
    """Give a schema of everything that another refuses."""
    return Spot(spot.address, (*spot.steps, "not"), {"not": spot.schema})


def written(value: Any) -> str:
    """Write a value as JSON, not too long."""
    return json.dumps(value, ensure_ascii=False)[:80]
