"""Two bundles side by side: what one takes, by what the other judges, and questions about any part of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import unquote

import jsonschema_rs

from memshelf_gen.canonical import Answer, covers
from memshelf_gen.document import Steps
from memshelf_gen.facts import resolve
from memshelf_gen.keywords import DEFAULT_DIALECT
from memshelf_gen.modern import modern
from memshelf_gen.spec import Json

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
    registry: jsonschema_rs.Registry

    def covers(self, wide: Json | bool, narrow: Json | bool) -> Answer:
        """Tell whether a part of a bundle takes everything that another part takes."""
        return covers(_whole(wide), _whole(narrow), registry=self.registry)

    def judge(self, schema: Json | bool) -> jsonschema_rs.Draft202012Validator:
        """Compile a part of a bundle."""
        return jsonschema_rs.Draft202012Validator(_whole(schema), registry=self.registry, validate_formats=True)

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
        root = self.taken if address == TAKEN else self.judging
        steps = tuple(pointed(root, f"#{fragment}"))
        return Spot(address, steps, resolve(root, f"#{fragment}"))


def pair(taken: Json, judging: Json) -> Pair | None:
    """Put two bundles side by side; None when one of them cannot be taken apart."""
    one, other = modern(taken, TAKEN), modern(judging, JUDGING)
    if one is None or other is None:
        return None
    return Pair(one, other, jsonschema_rs.Registry([(TAKEN, one), (JUDGING, other)]))


def together(spots: Spots) -> Json | bool:
    """Give the schema that says what some schemas say together."""
    return spots[0].schema if len(spots) == 1 else {"allOf": [spot.schema for spot in spots]}


def pointed(root: Any, reference: str) -> Iterator[str | int]:
    """Give the steps of a pointer, those into lists as numbers."""
    for raw in reference.split("/")[1:]:
        step = unquote(raw).replace("~1", "/").replace("~0", "~")
        yield int(step) if isinstance(root, list) else step
        root = root[int(step)] if isinstance(root, list) else root[step]


def _whole(schema: Json | bool) -> Json:
    if isinstance(schema, bool):
        return {"$schema": DEFAULT_DIALECT, "allOf": [schema]}
    return {
        "$schema": DEFAULT_DIALECT,
        **{key: value for key, value in schema.items() if key not in ("$schema", "$defs")},
    }
