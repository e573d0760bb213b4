"""Make instances of a schema: values that are likely to be valid under it, small ones and those at its bounds first."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from memshelf_gen.facts import Facts, facts
from memshelf_gen.scalars import numbers, texts
from memshelf_gen.spec import Json

_DEEP = 8
"""Levels of a value; below them only what is required is made."""
_TOO_DEEP = 24
_LONG = 300
"""Items of a list that is as long as it may be."""
_ORDER = ("string", "object", "integer", "number", "boolean", "array", "null")
_SPEAKING = {
    kind: keywords.split()
    for kind, keywords in {
        "object": "properties required additionalProperties patternProperties propertyNames minProperties "
        "maxProperties dependentRequired dependentSchemas unevaluatedProperties",
        "array": "items prefixItems contains minItems maxItems uniqueItems unevaluatedItems",
        "string": "minLength maxLength pattern format",
        "integer": "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf",
    }.items()
}
"""The type that an untyped schema has in mind, by its keywords."""


def instances(schema: Json | bool, limit: int, *, root: Json | bool | None = None) -> Iterator[Any]:
    """Give at most so many different values that may be valid under a schema; the caller judges.

    Values that a schema names come first (const, enum, examples, default), then the smallest, then the whole, then
    one difference at a time: each branch, each optional property, each bound. The same schema gives the same values.

    Args:
        schema: The schema.
        limit: How many values at most.
        root: The document in which the pointers of `$ref`s are followed; the schema itself if not given.
    """
    seen: set[str] = set()
    for value in _Making(schema if root is None else root).values(schema, 0):
        key = json.dumps(value, sort_keys=True)
        if key not in seen:
            seen.add(key)
            yield value
            if len(seen) == limit:
                return


@dataclass(frozen=True, slots=True)
class _Making:
    root: Json | bool

    def values(self, schema: Any, depth: int) -> Iterator[Any]:
        """Give the values of a schema, those of its ways in turn."""
        if depth <= _TOO_DEEP:
            yield from _in_turn(self.way(found, depth) for found in facts(self.root, schema))

    def first(self, schema: Any, depth: int, *, none: Any = None) -> Any:
        return next(self.values(schema, depth), none)

    def way(self, found: Facts, depth: int) -> Iterator[Any]:
        if found.closed:
            yield from found.wanted
            return
        yield from found.hints
        speaking = [kind for kind, keywords in _SPEAKING.items() if any(map(found.all, keywords))]
        kinds = [kind for kind in (*speaking, *_ORDER) if kind in found.types]
        makers: dict[str, Callable[[], Iterator[Any]]] = {
            "object": lambda: self.objects(found, depth),
            "array": lambda: self.lists(found, depth),
            "string": lambda: texts(found),
            "integer": lambda: numbers(found, whole=True),
            "number": lambda: numbers(found, whole=False),
            "boolean": lambda: iter((True, False)),
            "null": lambda: iter((None,)),
        }
        yield from _in_turn(makers[kind]() for kind in dict.fromkeys(kinds))

    def objects(self, found: Facts, depth: int) -> Iterator[Json]:
        """Give objects: with what is required, with everything, and with one difference to the first each."""
        parts = self.members(found)
        names = self.required(found)
        smallest = {name: self.first(parts(name), depth + 1, none=_NOTHING) for name in names}
        if _NOTHING in smallest.values():
            return
        optional = [name for each in found.all("properties") for name in each if name not in smallest]
        optional = list(dict.fromkeys(optional))
        needed, most = int(found.most("minProperties") or 0), found.least("maxProperties")
        wished = min(max(needed, int(most or 0)), _LONG) + 4
        extra = list(islice(self.extra_names(found, {*smallest, *optional}), wished))
        for name in (*optional, *extra):
            if len(smallest) >= needed:
                break
            value = self.first(parts(name), depth + 1, none=_NOTHING)
            smallest |= {name: value} if value is not _NOTHING else {}
        yield smallest
        if depth >= _DEEP:
            return
        whole = dict(smallest)
        for name in optional:
            value = self.first(parts(name), depth + 1, none=_NOTHING)
            whole |= {name: value} if value is not _NOTHING else {}
        yield whole
        others = dict.fromkeys((*smallest, *optional, *extra[:4]))
        changes = (self.changed(smallest, name, parts(name), depth) for name in others)
        if most is not None and len(smallest) < most <= _LONG:
            more = {name: self.first(parts(name), depth + 1, none="") for name in extra}
            yield dict(islice({**whole, **more}.items(), int(most)))
        yield from _in_turn(changes)

    def changed(self, whole: Json, name: str, schema: Any, depth: int) -> Iterator[Json]:
        for value in self.values(schema, depth + 1):
            yield {**whole, name: value}

    def members(self, found: Facts) -> Callable[[str], Any]:
        """Give the function that tells what is said of the member of a name."""

        def said(name: str) -> Any:
            together: list[Any] = []
            for part in found.parts:
                own = [part["properties"][name]] if name in part.get("properties", {}) else []
                own += [each for regex, each in part.get("patternProperties", {}).items() if _matches(regex, name)]
                rest = part.get("additionalProperties", part.get("unevaluatedProperties", True))
                together += own or [rest if "additionalProperties" in part or rest is not False else True]
            return together[0] if len(together) == 1 else {"allOf": together} if together else True

        return said

    def required(self, found: Facts) -> list[str]:
        """Give the names that must be there, those included that others bring along."""
        names = list(dict.fromkeys(name for each in found.all("required") for name in each))
        brought = [*found.all("dependentRequired"), *found.all("dependencies")]
        for name in names:
            more = [other for each in brought for other in (each.get(name) or ()) if isinstance(each[name], list)]
            names += [other for other in dict.fromkeys(more) if other not in names]
        return names

    def extra_names(self, found: Facts, taken: set[str]) -> Iterator[str]:
        """Give names that no `properties` lists and that may be there."""
        regexes = [regex for each in found.all("patternProperties") for regex in each]
        made = [self.values({"type": "string", "pattern": regex}, _DEEP) for regex in regexes]
        ruled = found.all("propertyNames")
        rule = {"allOf": [{"type": "string"}, *ruled]}
        free = ["extra", "other", *(f"extra{number}" for number in range(2, 320))]
        names = _in_turn([*made, self.values(rule, _DEEP)] if ruled else made)
        parts = self.members(found)
        for name in (*islice(names, 40), *(() if ruled else free)):
            if isinstance(name, str) and name not in taken and parts(name) is not False:
                taken.add(name)
                yield name

    def lists(self, found: Facts, depth: int) -> Iterator[list[Any]]:
        """Give lists: as short as may be, with one item, with one item that differs, and as long as may be."""
        least, most = int(found.most("minItems") or 0), found.least("maxItems")
        holding = found.all("contains")
        heads = max((len(_heads(part)) for part in found.parts), default=0)
        one = {"allOf": [self.item(found, heads), *holding]} if holding else self.item(found, heads)
        usual = [self.first(self.item(found, index), depth + 1, none=_NOTHING) for index in range(heads)]
        count = max(least, int(found.most("minContains") or 1) + heads if holding else least)
        distinct = any(found.all("uniqueItems"))
        if holding and count > least:  # what need not be contained
            shortest = self.long(self.item(found, heads), least, usual, depth, distinct=distinct)
            yield from [shortest] if shortest is not None and found.least("minContains") == 0 else []
        start = self.long(one, count, usual, depth, distinct=distinct)
        if start is not None:
            yield start
        if depth >= _DEEP or most == 0:
            return
        whole = self.long(one, max(count, heads), usual, depth, distinct=distinct) or start or []
        for length in range(count, len(whole) + 1):
            yield whole[:length]
        yield from self.varied(found, whole, heads, depth)
        if most is not None and least < most <= _LONG:
            yield from filter(None, [self.long(one, int(most), usual, depth, distinct=distinct)])

    def varied(self, found: Facts, start: list[Any], heads: int, depth: int) -> Iterator[list[Any]]:
        """Give a list with another value at each place of those that matter, and with one more item."""
        places = {len(start), *range(0 if found.all("contains") else max(heads, min(len(start), 1)))}
        yield from _in_turn(self.placed(found, start, index, depth) for index in sorted(places))

    def placed(self, found: Facts, start: list[Any], index: int, depth: int) -> Iterator[list[Any]]:
        for value in self.values(self.item(found, index), depth + 1):
            yield [*start[:index], value, *start[index + 1 :]]

    def long(self, one: Any, count: int, usual: list[Any], depth: int, *, distinct: bool) -> list[Any] | None:
        """Give a list of so many items, or nothing when there are not so many."""
        if count > 10 * _LONG or _NOTHING in usual[:count]:
            return None
        items = usual[:count]
        made = self.values(one, depth + 1)
        first = next(made, _NOTHING) if len(items) < count else _NOTHING
        if len(items) < count and first is _NOTHING:
            return None
        if not distinct:
            return items + [first] * (count - len(items))
        for value in islice((first, *islice(made, count + 20)), count + 20):
            if len(items) < count and not any(value == each for each in items):
                items.append(value)
        return items if len(items) == count else None

    def item(self, found: Facts, index: int) -> Any:
        """Give what is said of the item at an index."""
        together: list[Any] = []
        for part in found.parts:
            heads = _heads(part)
            rest = "additionalItems" if isinstance(part.get("items"), list) else "items"
            if index < len(heads):
                together.append(heads[index])
            elif rest in part:
                together.append(part[rest])
        return together[0] if len(together) == 1 else {"allOf": together} if together else True


_NOTHING: Any = object()


def _heads(part: Json) -> list[Any]:
    """Give the schemas of the first items, as draft 2020-12 or those before it write them."""
    items = part.get("items")
    heads: list[Any] = items if isinstance(items, list) else part.get("prefixItems", [])
    return heads


def _in_turn(many: Iterable[Iterator[Any]]) -> Iterator[Any]:
    """Give the first of each, then the second of each, and so on."""
    left = [iter(each) for each in many]
    while left:
        going = []
        for each in left:
            for value in islice(each, 1):
                yield value
                going.append(each)
        left = going


def _matches(regex: str, name: str) -> bool:
    try:
        return re.search(regex, name) is not None
    except re.error:
        return False
