"""Lay a job's schema out as tables: one row for each field, one table for each part that has a name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urljoin

from memshelf_gen.exports.entries import Code, Line, Link, Piece, Row, Table, Text
from memshelf_gen.exports.words import is_simple, joined, notes, type_of, value
from memshelf_gen.spec import Json

PAYLOAD = "payload"
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Part:
    """A schema with a name, of `$defs` or `definitions`."""

    name: str
    anchor: str
    schema: Any
    home: str
    """The pointer to the schema resource that references in it are about: empty for the whole document."""
    address: str
    """The `$id` of that resource; empty when there is none."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The parts of one document, and how references find them."""

    parts: dict[str, Part] = field(default_factory=dict)
    """By pointer, such as `/$defs/Address`."""
    homes: dict[str, str] = field(default_factory=dict)
    """The pointer of each schema resource by its address."""

    def collect(self, schema: Any, *, at: str, home: str, address: str) -> None:
        """Find every part of a schema, and the parts of those."""
        if not isinstance(schema, dict):
            return
        if isinstance(schema.get("$id"), str):
            home, address = at, urljoin(address, schema["$id"])
            self.homes[address.removesuffix("#")] = at
        for keyword in ("$defs", "definitions"):
            for name, each in schema.get(keyword, {}).items():
                pointer = f"{at}/{keyword}/{name.replace('~', '~0').replace('/', '~1')}"
                self.parts[pointer] = Part(name, self._anchor(name), each, home, address)
                self.collect(each, at=pointer, home=home, address=address)

    def refer(self, reference: str, home: str, address: str) -> Piece:
        """Give the name that a reference means, with a link where this page has it."""
        place, _, fragment = reference.partition("#")
        if place:
            found = self.homes.get(urljoin(address, place))
            if found is None:
                return Code(reference)
            home = found
        pointer = f"{home}{unquote(fragment)}"
        if not pointer:
            return Link("the payload", PAYLOAD)
        part = self.parts.get(pointer)
        return Link(part.name, part.anchor) if part else Code(reference)

    def _anchor(self, name: str) -> str:
        """Give a part's anchor: safe in an address, and no other part's."""
        wanted = "part-" + (re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "unnamed")
        taken = {part.anchor for part in self.parts.values()}
        anchors = (wanted if number == 1 else f"{wanted}-{number}" for number in range(1, len(taken) + 2))
        return next(anchor for anchor in anchors if anchor not in taken)


def lay_out(schema: Json, *, title: str) -> tuple[Table, tuple[Table, ...]]:
    """Give the table of a payload, and those of the parts that it refers to, in the order of the schema."""
    layout = Layout()
    layout.collect(schema, at="", home="", address="")
    address = schema["$id"] if isinstance(schema.get("$id"), str) else ""
    payload = _table(Part(title, PAYLOAD, schema, "", address), layout)
    return payload, tuple(_table(part, layout) for part in layout.parts.values())


def _table(part: Part, layout: Layout) -> Table:
    home, address = part.home, part.address
    if isinstance(part.schema, dict) and isinstance(part.schema.get("$id"), str):
        address = urljoin(address, part.schema["$id"])
        home = layout.homes[address.removesuffix("#")]
    reader = _Reader(layout, home, address)
    return Table(
        anchor=part.anchor,
        title=part.name,
        description=_text(part.schema, "description"),
        type=type_of(part.schema, reader.refer),
        notes=tuple(reader.notes(part.schema)),
        rows=tuple(reader.inside(part.schema, "")),
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the fields of one schema resource."""

    layout: Layout
    home: str
    address: str

    def refer(self, reference: str) -> Piece:
        return self.layout.refer(reference, self.home, self.address)

    def row(self, schema: Any, path: str, *, required: bool = False) -> Iterator[Row]:
        """Give the row of a field, then those of the fields in it."""
        annotated = schema if isinstance(schema, dict) else {}
        examples = annotated.get("examples", [])
        yield Row(
            path=path,
            required=required,
            type=type_of(schema, self.refer),
            notes=tuple(self.notes(schema)),
            description=_text(schema, "description"),
            default=value(annotated["default"]) if "default" in annotated else None,
            examples=tuple(map(value, examples)) if isinstance(examples, list) else (value(examples),),
        )
        yield from self.inside(schema, path)

    def notes(self, schema: Any) -> Iterator[Line]:
        """Give what else must hold, what `allOf` adds among it."""
        if not isinstance(schema, dict):
            return
        yield from notes(schema, self.refer)
        if unnamed := [each for each in schema.get("required", []) if each not in _named(schema)]:
            yield Text("needs "), *joined(((Code(each),) for each in unnamed), ", ")
        typed = schema.keys() & {"type", "const", "enum", "$ref"}
        for keyword, words in (("anyOf", "and any of "), ("oneOf", "and exactly one of ")):
            for branches in [schema[keyword]] if typed and keyword in schema else []:
                yield Text(words), *joined(self._choices(branches), ", ")
        for branch in schema.get("allOf", []):
            if described := _text(branch, "description"):
                yield (Text(described),)
            if isinstance(branch, dict) and "$ref" in branch:
                yield Text("all of "), self.refer(branch["$ref"])
            elif is_simple(branch):
                yield Text("also "), *type_of(branch, self.refer)
            yield from self.notes(branch)

    def inside(self, schema: Any, path: str) -> Iterator[Row]:
        """Give the rows of the fields in a field."""
        if not isinstance(schema, dict):
            return
        required = _required(schema)
        for name, each in schema.get("properties", {}).items():
            yield from self.row(each, _below(path, _shown(name)), required=name in required)
        for pattern, each in schema.get("patternProperties", {}).items():
            yield from self.row(each, _below(path, f"/{pattern}/"))
        for keyword in ("additionalProperties", "unevaluatedProperties"):
            if not is_simple(schema.get(keyword, True)):
                yield from self.row(schema[keyword], _below(path, "*"))
        yield from self._items(schema, path)
        for keyword in ("anyOf", "oneOf"):
            for number, branch in enumerate(schema.get(keyword, []), 1):
                if not is_simple(branch):
                    yield from self.row(branch, f"{path}#{number}")
        for branch in schema.get("allOf", []):
            yield from self.inside(branch, path)

    def _items(self, schema: Json, path: str) -> Iterator[Row]:
        items, first = schema.get("items", True), schema.get("prefixItems", [])
        if isinstance(items, list):
            items, first = schema.get("additionalItems", True), items
        for number, each in enumerate(first):
            yield from self.row(each, f"{path}[{number}]")
        if not is_simple(items) or (first and items is not True):
            yield from self.row(items, f"{path}[{len(first)}…]" if first else f"{path}[]")

    def _choices(self, branches: list[Any]) -> Iterator[Line]:
        for number, branch in enumerate(branches, 1):
            yield type_of(branch, self.refer) if is_simple(branch) else (Text(f"#{number}"),)


def _required(schema: Json) -> set[str]:
    """Give the names that a schema requires, by itself or in `allOf`."""
    found = set(schema.get("required", []))
    for branch in schema.get("allOf", []):
        found |= _required(branch) if isinstance(branch, dict) else set()
    return found


def _named(schema: Json) -> set[str]:
    """Give the names that have rows, by a schema itself or by its `allOf`."""
    found = set(schema.get("properties", {}))
    for branch in schema.get("allOf", []):
        found |= _named(branch) if isinstance(branch, dict) else set()
    return found


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _shown(name: str) -> str:
    """Write a property's name so that a path stays clear: quoted when it is not a plain word."""
    return name if _PLAIN_NAME.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def _text(schema: Any, keyword: str) -> str:
    found = schema.get(keyword) if isinstance(schema, dict) else None
    return found if isinstance(found, str) else ""
