"""Gather what a schema and all that stands in place of it say of one value: its facts, one set for each way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from memshelf_gen.keywords import TYPES
from memshelf_gen.pointers import follow
from memshelf_gen.spec import Json

_MANY = 64
"""Ways through the branches of one schema; more are not tried."""
_DEEP = 40
"""References and `allOf`s on the way to one value."""


@dataclass(slots=True)
class Facts:
    """What is said of one value; schemas are those of the document, so that they can be asked in turn."""

    types: tuple[str, ...] = TYPES
    wanted: list[Any] = field(default_factory=list)
    """Values of const and enum, when `closed`."""
    closed: bool = False
    hints: list[Any] = field(default_factory=list)
    """Examples and defaults."""
    parts: list[Json] = field(default_factory=list)
    """The schemas that were gathered."""

    def add(self, schema: Json) -> None:
        """Take one more schema in, without what stands in place of it."""
        self.parts.append(schema)
        if "type" in schema:
            stated = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
            stated = [*stated, "integer"] if "number" in stated else stated
            self.types = tuple(each for each in self.types if each in stated)
        for allowed in ([schema["const"]] if "const" in schema else [], schema.get("enum", [])):
            if allowed:
                self.wanted = [each for each in self.wanted if each in allowed] if self.closed else list(allowed)
                self.closed = True
        self.hints += schema.get("examples", [])
        self.hints += [schema["default"]] if "default" in schema else []

    def all(self, keyword: str) -> list[Any]:
        """Give what each schema says under a keyword."""
        return [part[keyword] for part in self.parts if keyword in part]

    def most(self, keyword: str) -> Any:
        """Give the largest value of a keyword, as of `minLength`; None when nobody states it."""
        return max(self.all(keyword), default=None)

    def least(self, keyword: str) -> Any:
        """Give the smallest value of a keyword, as of `maxLength`; None when nobody states it."""
        return min(self.all(keyword), default=None)


def facts(root: Json | bool, schema: Json | bool) -> Iterator[Facts]:
    """Give the facts of each way through a schema's branches; a schema that is false has no way."""
    for number, parts in enumerate(_ways(root, schema, 0)):
        if number == _MANY:
            return
        found = Facts()
        for part in parts:
            found.add(part)
        yield found


def resolve(root: Any, reference: str) -> Any:
    """Give what a pointer from the root leads to; True for any other reference, of which nothing is known."""
    if reference != "#" and not reference.startswith("#/"):
        return True
    try:
        return follow(root, reference)[1]
    except LookupError:
        return True


def _ways(root: Any, schema: Any, depth: int) -> Iterator[list[Json]]:
    if schema is False or depth > _DEEP:
        return
    if not isinstance(schema, dict):
        yield []
        return
    groups: list[list[Any]] = []
    if "$ref" in schema:
        groups.append([resolve(root, schema["$ref"])])
    groups += [[each] for each in schema.get("allOf", [])]
    groups += [schema[keyword] for keyword in ("anyOf", "oneOf") if keyword in schema]
    if "if" in schema:
        then = {"allOf": [schema["if"], schema.get("then", True)]}
        groups.append([schema.get("else", True), then])
    groups += [[True, each] for each in schema.get("dependentSchemas", {}).values()]
    groups += [[True, each] for each in schema.get("dependencies", {}).values() if not isinstance(each, list)]
    yield from _joined(root, [schema], groups, depth)


def _joined(root: Any, own: list[Json], groups: list[list[Any]], depth: int) -> Iterator[list[Json]]:
    """Join one way of each group; at first the first of all, then each other branch beside the first of the others."""
    firsts = []
    rest: list[tuple[int, Iterator[list[Json]]]] = []
    for number, group in enumerate(groups):
        ways: Iterator[list[Json]] = (way for branch in group for way in _ways(root, branch, depth + 1))
        first = next(ways, None)
        if first is None:
            return
        firsts.append(first)
        rest.append((number, ways))
    yield [*own, *(part for first in firsts for part in first)]
    for number, ways in rest:
        for way in ways:
            chosen = [*firsts[:number], way, *firsts[number + 1 :]]
            yield [*own, *(part for each in chosen for part in each)]
