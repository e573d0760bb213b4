"""Two bundles side by side: what one takes, by what the other judges, and questions about any part of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import jsonschema_rs

from memshelf_gen.canonical import Answer, Around, around, covers, is_endless
from memshelf_gen.document import Steps
from memshelf_gen.facts import resolve
from memshelf_gen.judging import judge
from memshelf_gen.keywords import ADDRESSES, ANNOTATIONS, DEFAULT_DIALECT, children, filled
from memshelf_gen.modern import is_asserted
from memshelf_gen.pointers import follow
from memshelf_gen.spec import Json

_SAID = ADDRESSES | ANNOTATIONS
TAKEN, JUDGING = "urn:memshelf:taken", "urn:memshelf:judging"


@dataclass(frozen=True, slots=True)
class Spot:
    """One schema in one of the two bundles."""

    address: str
    steps: Steps
    schema: Any = field(compare=False)

    def below(self, *steps: str | int) -> Spot:
        """Give the schema some steps further down."""
        found = self.schema
        for step in steps:
            found = found[step]
        return Spot(self.address, (*self.steps, *steps), found)


Spots: TypeAlias = tuple[Spot, ...]
"""Schemas that hold for one value all together."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two bundles in draft 2020-12: every payload that `taken` takes should be taken by `judging`."""

    taken: Json
    judging: Json
    around: Around

    def covers(self, wide: Json | bool, narrow: Json | bool) -> Answer:
        """Tell whether a part of a bundle takes everything that another part takes."""
        return "unknown" if self.is_endless() else covers(_whole(wide), _whole(narrow), self.around)

    def is_endless(self) -> bool:
        """Tell whether one of the bundles has no canonical form that could be found."""
        return is_endless(self.taken) or is_endless(self.judging)

    def judge(self, schema: Json | bool) -> jsonschema_rs.Validator:
        """Compile a part of a bundle."""
        return judge(_whole(schema), registry=self.around.registry)

    def same(self, judging: Json, taken: Json) -> bool:
        """Tell whether two parts are written alike, and so is everything that they refer to."""
        left = [(judging, taken)]
        seen: set[str] = set()
        for one, other in left:
            text = json.dumps(one, sort_keys=True).replace(f'"{JUDGING}#', f'"{TAKEN}#')
            if text != json.dumps(other, sort_keys=True):
                return False
            for found in re.findall(rf'"\$ref": "{TAKEN}(#[^"]*)"', text):
                if found not in seen:
                    seen.add(found)
                    left.append((resolve(self.judging, found), resolve(self.taken, found)))
        return True

    def flat(self, spots: Spots) -> Spots:
        """Give what holds together with some schemas: those behind `$ref` and in `allOf`, and themselves."""
        found: list[Spot] = []
        seen: set[tuple[str, Steps]] = set()
        for spot in self._flat(spots):
            if (spot.address, spot.steps) not in seen:
                seen.add((spot.address, spot.steps))
                found.append(spot)
        return tuple(found)

    def _flat(self, spots: Spots) -> Iterator[Spot]:
        for spot in spots:
            yield spot
            if not isinstance(spot.schema, dict):
                continue
            if "$ref" in spot.schema:
                yield from self._flat((self.target(spot),))
            for index in range(len(spot.schema.get("allOf", ()))):
                yield from self._flat((spot.below("allOf", index),))

    def target(self, spot: Spot) -> Spot:
        """Give the schema that a reference means."""
        address, _, fragment = spot.schema["$ref"].partition("#")
        steps, schema = follow(self.taken if address == TAKEN else self.judging, f"#{fragment}")
        return Spot(address, steps, schema)


def pair(taken: Json, judging: Json) -> Pair:
    """Put two bundles of draft 2020-12 side by side."""
    dialect = {"$schema": DEFAULT_DIALECT}
    one, other = {**dialect, **_addressed(taken, TAKEN)}, {**dialect, **_addressed(judging, JUDGING)}
    return Pair(one, other, around({TAKEN: one, JUDGING: other}))


def together(spots: Spots) -> Json | bool:
    """Give the schema that says what some schemas say together."""
    return spots[0].schema if len(spots) == 1 else {"allOf": [spot.schema for spot in spots]}


def _addressed(schema: Any, address: str) -> Any:
    """Give a schema with its references counted from an address, without what refuses nothing."""
    if not isinstance(schema, dict):
        return schema
    inside = {steps: _addressed(child, address) for steps, child in children(schema, "2020-12")}
    made: Json = {}
    for keyword, value in schema.items():
        if keyword in _SAID or (keyword == "format" and not is_asserted(value, "2020-12")):
            continue
        made[keyword] = f"{address}{value}" if keyword == "$ref" else filled(keyword, value, inside)
    return made


def _whole(schema: Json | bool) -> Json:
    if isinstance(schema, bool):
        return {"$schema": DEFAULT_DIALECT, "allOf": [schema]}
    return {
        "$schema": DEFAULT_DIALECT,
        **{key: value for key, value in schema.items() if key not in ("$schema", "$defs")},
    }
