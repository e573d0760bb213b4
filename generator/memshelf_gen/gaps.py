"""Find where a schema refuses what another takes: the smallest places, each with the rule that names it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from memshelf_gen.document import Steps
from memshelf_gen.keywords import TYPES
from memshelf_gen.pairing import Pair, Spot, Spots, together
from memshelf_gen.spec import Json

Path: TypeAlias = tuple[str | int, ...]
"""The way through a payload; `*` stands for any item or any further property."""
ANY = "*"

_LIMITS = {
    **dict.fromkeys(("maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum", "maxContains"), "upper"),
    **dict.fromkeys(("minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum", "minContains"), "lower"),
}
_PLAIN = {
    "pattern": "pattern",
    "format": "format",
    "multipleOf": "multiple-of",
    "uniqueItems": "unique-items",
    "not": "not",
    "if": "condition",
    "dependentRequired": "dependency",
    "dependentSchemas": "dependency",
    "propertyNames": "property-names",
    "contains": "contains",
    "unevaluatedProperties": "unevaluated",
    "unevaluatedItems": "unevaluated",
}
_BESIDE = {
    "properties": ("properties", "patternProperties", "additionalProperties"),
    "patternProperties": (),
    "additionalProperties": (),
    "items": ("items", "prefixItems"),
    "prefixItems": (),
    "contains": ("contains", "minContains", "maxContains"),
    "minContains": (),
    "maxContains": (),
    "if": ("if", "then", "else"),
    "then": (),
    "else": (),
}
"""Keywords that are asked about together, under the name of the first; the others of the group are not asked alone."""
_SILENT = frozenset(("$ref", "allOf", "$defs", "definitions", "$schema"))


@dataclass(frozen=True, slots=True)
class Gap:
    """One place where the judging schema may refuse what the other takes."""

    kind: str
    """What has become narrower: `max-length-narrowed`."""
    path: Path
    taken: Spots
    """What is said of the value by the schema that takes it."""
    judging: Spot
    """What refuses it."""
    at: Steps
    """The steps from the schema that refuses to the keyword, or the part of it, that does."""
    source: Steps
    """The same in the first schema that takes it; empty when the keyword is not there."""
    note: str = ""
    """What is refused, as people say it."""
    narrow: Json | bool = True
    """The part of the judging schema that refuses."""


@dataclass(slots=True)
class Walk:
    """One walk through a pair of bundles."""

    pair: Pair
    open: set[tuple[Any, ...]] = field(default_factory=set)
    """The pairs of places that are being compared: a schema that contains itself leads back to them."""
    steps: int = 0

    def gaps(self, taken: Spots, judging: Spot, path: Path) -> list[Gap]:
        """Give the gaps between schemas that hold together and one that judges; none means proven."""
        key = (frozenset((spot.address, spot.steps) for spot in taken), judging.address, judging.steps)
        self.steps += 1
        if key in self.open or self.pair.covers(judging.schema, together(taken)) == "yes":
            return []
        if len(path) > 40 or self.steps > 4000:
            return [Gap("schema-narrowed", path, taken, judging, (), (), "too large to be compared", judging.schema)]
        self.open.add(key)
        try:
            found = self.parts(self.pair.flat(taken), judging, path)
            return list({(gap.kind, gap.path, gap.judging, gap.at, gap.note): gap for gap in found}.values())
        finally:
            self.open.discard(key)

    def parts(self, taken: Spots, judging: Spot, path: Path) -> Iterator[Gap]:
        """Ask about each keyword of what judges on its own: a value that each of them takes, all of them take."""
        for spot in self.pair.flat((judging,)):
            if spot.schema is False:
                yield Gap("forbidden", path, taken, spot, (), (), "nothing is taken here any more", False)
            if not isinstance(spot.schema, dict):
                continue
            names = dict.fromkeys(_BESIDE.get(key, (key,))[:1] or (_first(key),) for key in spot.schema)
            for (keyword,) in names:
                if keyword in _SILENT:
                    continue
                group = _group(spot.schema, keyword)
                if self.pair.covers(group, together(taken)) != "yes":
                    yield from self.explained(taken, spot, keyword, group, path)

    def explained(self, taken: Spots, spot: Spot, keyword: str, group: Json, path: Path) -> list[Gap]:
        """Give the gaps of one group of keywords, taking each branch of what is taken on its own where that helps."""
        found = list(self.of_group(taken, spot, keyword, group, path))
        union = next((each for each in taken if _union(each)), None)
        if not found or union is None or keyword in ("anyOf", "oneOf"):
            return found
        apart: list[Gap] = []
        key = ("union", spot.address, spot.steps, keyword, union.steps)
        if key in self.open:
            return found
        self.open.add(key)
        for branch in _branches(union):
            more = self.pair.flat((*(each for each in taken if each != union), branch))
            if self.pair.covers(group, together((*taken, branch))) != "yes":
                apart += self.of_group(more, spot, keyword, group, path)
        self.open.discard(key)
        return apart

    def of_group(self, taken: Spots, spot: Spot, keyword: str, group: Json, path: Path) -> Iterator[Gap]:
        """Give the gaps of one group of keywords."""
        match keyword:
            case "properties":
                yield from self.members(taken, spot, path)
            case "items":
                yield from self.items(taken, spot, path)
            case "anyOf" | "oneOf":
                yield from self.union(taken, spot, keyword, path)
            case "required":
                known = {name for each in _all(taken, "required") for name in each}
                for index, name in enumerate(spot.schema["required"]):
                    only: Json = {"required": [name]}
                    if name not in known and self.pair.covers(only, together(taken)) != "yes":
                        yield self.gap("required-added", path, taken, spot, ("required", index), repr(name), only)
            case "type":
                yield from self.types(taken, spot, path)
            case "enum" | "const":
                yield from self.values(taken, spot, keyword, path)
            case "propertyNames" if self.finite_names(taken, spot):
                return
            case "if" if self.same_condition(taken, spot, path):
                return
            case _:
                yield from self.limit(taken, spot, keyword, group, path)

    def gap(
        self, kind: str, path: Path, taken: Spots, spot: Spot, at: Steps, note: str = "", narrow: Json | bool = True
    ) -> Gap:
        source = next(((*each.steps, at[0]) for each in taken if at and _has(each, at[0])), ())
        return Gap(kind, path, taken, spot, at, source, note, narrow)

    def types(self, taken: Spots, spot: Spot, path: Path) -> Iterator[Gap]:
        """Give the types that are not taken any more, in one gap."""
        lost = [kind for kind in _types(taken) if kind not in _stated(spot)]
        lost = [kind for kind in lost if not (kind == "integer" and "number" in _stated(spot))]
        stated = any(_all(taken, "type"))
        if lost or stated:
            kind = "type-narrowed" if stated else "type-added"
            yield self.gap(kind, path, taken, spot, ("type",), " or ".join(lost), {"type": spot.schema["type"]})

    def values(self, taken: Spots, spot: Spot, keyword: str, path: Path) -> Iterator[Gap]:
        """Give the values that are not taken any more, each in a gap of its own."""
        rule = {keyword: spot.schema[keyword]}
        before = finite(taken)
        if before is None:
            yield self.gap(f"{keyword}-added", path, taken, spot, (keyword,), "any other value", rule)
            return
        judge, own = self.pair.judge(rule), self.pair.judge(together(taken))
        for value in before:
            if own.is_valid(value) and not judge.is_valid(value):
                kind = "const-changed" if keyword == "const" and len(before) == 1 else "enum-value-removed"
                yield self.gap(kind, path, taken, spot, (keyword,), _json(value), {"not": {"const": value}})

    def limit(self, taken: Spots, spot: Spot, keyword: str, group: Json, path: Path) -> Iterator[Gap]:
        """Give the gap of a keyword that is judged as a whole."""
        before = [each for each in _all(taken, keyword)]
        name = _PLAIN.get(keyword, _kebab(keyword))
        if before and all(isinstance(each, int | float) for each in (*before, spot.schema[keyword])):
            limit = _LIMITS.get(keyword)
            if limit == "upper" and min(before) <= spot.schema[keyword]:
                return
            if limit == "lower" and max(before) >= spot.schema[keyword]:
                return
        if keyword in ("pattern", "format", "uniqueItems") and spot.schema[keyword] in (*before, False):
            return
        if keyword not in _LIMITS and keyword not in _PLAIN:
            name = "schema"
        changed = "narrowed" if keyword in _LIMITS else "changed"
        kind = "schema-narrowed" if name == "schema" else f"{name}-{changed if before else 'added'}"
        note = (
            f"{_json(before[0])} became {_json(spot.schema[keyword])}"
            if before and keyword in (*_LIMITS, "pattern", "format", "multipleOf")
            else ""
        )
        yield self.gap(kind, path, taken, spot, (keyword,), note, group)

    def members(self, taken: Spots, spot: Spot, path: Path) -> Iterator[Gap]:
        """Compare each property that one of the two names, those of patterns, and the rest."""
        own = spot.schema.get("properties", {})
        patterns = spot.schema.get("patternProperties", {})
        for name in own:
            said = self.member(taken, name)
            for gap in self.gaps(said or (_ANYTHING,), spot.below("properties", name), (*path, name)):
                at_once = gap.path == (*path, name) and not said
                yield _renamed(gap, "property-added-to-open") if at_once else gap
        rest = spot.below("additionalProperties") if "additionalProperties" in spot.schema else None
        names = list(dict.fromkeys(name for each in _all(taken, "properties") for name in each if name not in own))
        for name in (*own, *names):
            matching = [regex for regex in patterns if self.matches(regex, name)]
            for regex in matching:
                said = self.member(taken, name) or (_ANYTHING,)
                yield from self.gaps(said, spot.below("patternProperties", regex), (*path, name))
            if name not in own and not matching and rest is not None:
                gaps = self.gaps(self.member(taken, name), rest, (*path, name))
                yield from (_renamed(gap, "property-removed", repr(name)) for gap in gaps[:1])
        yield from self.others(taken, spot, rest, patterns, path)

    def others(self, taken: Spots, spot: Spot, rest: Spot | None, patterns: Json, path: Path) -> Iterator[Gap]:
        """Compare what no `properties` names: first by the patterns of what is taken, then all that is left."""
        regexes = [
            (each, regex)
            for each in taken
            if _has(each, "patternProperties")
            for regex in each.schema["patternProperties"]
        ]
        ways = [((each.below("patternProperties", regex),), regex) for each, regex in regexes]
        left = tuple(each.below("additionalProperties") for each in taken if _has(each, "additionalProperties"))
        for said, regex in (*ways, (left or (_ANYTHING,), "")):
            for own in patterns:
                if own != regex:
                    gaps = self.gaps(said, spot.below("patternProperties", own), (*path, ANY))
                    yield from (_renamed(gap, "pattern-property-added") for gap in gaps[:1])
                elif regex:
                    yield from self.gaps(said, spot.below("patternProperties", own), (*path, ANY))
            if rest is None or (regex and regex in patterns):
                continue
            kind = "closed" if rest.schema is False else "additional-narrowed"
            for gap in self.gaps(said, rest, (*path, ANY)):
                own_place = gap.path == (*path, ANY) and (not said[0].steps or rest.schema is False)
                yield _renamed(gap, kind) if own_place else gap

    def member(self, taken: Spots, name: str) -> Spots:
        """Give what is said of the member of a name; nothing when no schema speaks of it."""
        found: list[Spot] = []
        for spot in taken:
            if not isinstance(spot.schema, dict):
                continue
            own = [spot.below("properties", name)] if name in spot.schema.get("properties", {}) else []
            for regex in spot.schema.get("patternProperties", {}):
                own += [spot.below("patternProperties", regex)] if self.matches(regex, name) else []
            if not own and "additionalProperties" in spot.schema:
                own = [spot.below("additionalProperties")]
            found += own
        return tuple(found)

    def matches(self, regex: str, name: str) -> bool:
        return self.pair.judge({"pattern": regex}).is_valid(name)

    def finite_names(self, taken: Spots, spot: Spot) -> bool:
        """Tell whether all names that may be there are known, and each of them is taken."""
        for each in taken:
            closed = _has(each, "additionalProperties") and each.schema["additionalProperties"] is False
            if closed and not each.schema.get("patternProperties"):
                judge = self.pair.judge(spot.schema["propertyNames"])
                return all(map(judge.is_valid, each.schema.get("properties", {})))
        return False

    def same_condition(self, taken: Spots, spot: Spot, path: Path) -> bool:
        """Tell whether the same condition stands before, with consequences that were no wider."""
        for each in taken:
            if not _has(each, "if") or each.schema["if"] != spot.schema["if"]:
                condition = each.schema["if"] if _has(each, "if") else True
                mutual = _has(each, "if") and all(
                    self.pair.covers(one, other) == "yes"
                    for one, other in ((condition, spot.schema["if"]), (spot.schema["if"], condition))
                )
                if not mutual:
                    continue
            good = True
            for branch in ("then", "else"):
                if branch in spot.schema:
                    met = each.below("if") if branch == "then" else _not(each.below("if"))
                    said = (*taken, met, *((each.below(branch),) if branch in each.schema else ()))
                    good = good and not self.gaps(said, spot.below(branch), path)
            if good:
                return True
        return False

    def items(self, taken: Spots, spot: Spot, path: Path) -> Iterator[Gap]:
        """Compare the first items one by one, and the rest."""
        own = len(spot.schema.get("prefixItems", ()))
        most = min(_all(taken, "maxItems"), default=None)
        heads = max([own, *(len(each) for each in _all(taken, "prefixItems"))])
        for index in range(heads + 1):
            if most is not None and most <= index:
                return
            where = spot.below("prefixItems", index) if index < own else None
            where = spot.below("items") if where is None and "items" in spot.schema else where
            if where is None:
                continue
            said = tuple(place for each in taken for place in _item(each, index))
            step: str | int = index if index < heads else ANY
            for gap in self.gaps(said or (_ANYTHING,), where, (*path, step)):
                at_once = gap.path == (*path, step)
                kind = "items-closed" if where.schema is False else "items-added"
                yield _renamed(gap, kind) if at_once and (not said or where.schema is False) else gap

    def union(self, taken: Spots, spot: Spot, keyword: str, path: Path) -> Iterator[Gap]:
        """Find for each branch of what is taken a branch that takes it."""
        before = next(
            (each for each in taken if _has(each, keyword)), next((each for each in taken if _union(each)), None)
        )
        ways = _branches(before) if before else []
        rest = tuple(each for each in taken if each != before)
        targets = [spot.below(keyword, index) for index in range(len(spot.schema[keyword]))]
        values = finite(taken)
        if values is not None and before is None:
            judge, own = self.pair.judge({keyword: spot.schema[keyword]}), self.pair.judge(together(taken))
            for value in values:
                if own.is_valid(value) and not judge.is_valid(value):
                    yield self.gap(
                        "enum-value-removed", path, taken, spot, (keyword,), _json(value), {"not": {"const": value}}
                    )
            return
        for way in ways or [None]:
            said = self.pair.flat((*rest, way)) if way else taken
            if self.pair.covers({keyword: spot.schema[keyword]}, together(said)) == "yes":
                continue
            tries = [self.gaps(said, target, path) for target in targets]
            fitting = [target for target, gaps in zip(targets, tries, strict=True) if not gaps]
            if fitting and (keyword == "anyOf" or self.apart(said, [each for each in targets if each != fitting[0]])):
                continue
            group = {keyword: spot.schema[keyword]}
            if fitting:
                yield self.gap("union-overlap", path, said, spot, (keyword,), "more than one branch may take it", group)
                continue
            close = [gaps for gaps in tries if way and not any(self.is_other_branch(gap, path) for gap in gaps)]
            if close:
                yield from min(close, key=len)
            else:
                note = f"{'.'.join(map(str, way.steps))}" if way else ""
                kind = "union-branch-removed" if way else "union-added"
                found = self.gap(kind, path, said, spot, (keyword,), note, group)
                yield Gap(kind, path, said, spot, (keyword,), way.steps if way else found.source, note, group)

    def is_other_branch(self, gap: Gap, path: Path) -> bool:
        """Tell whether a gap says that two branches mean different things: another type, or another tag."""
        near = len(gap.path) <= len(path) + 1
        return near and gap.kind in (
            "const-changed",
            "type-narrowed",
            "enum-value-removed",
            "forbidden",
            "property-removed",
        )

    def apart(self, said: Spots, others: list[Spot]) -> bool:
        """Tell whether nothing that is taken is taken by the other branches too."""
        return all(
            self.pair.covers(
                {"not": other.schema} if isinstance(other.schema, dict) else not other.schema, together(said)
            )
            == "yes"
            for other in others
        )


_ANYTHING = Spot("", (), True)


def finite(taken: Spots) -> list[Any] | None:
    """Give all values that can be, some that cannot among them; None when there are endlessly many."""
    for spot in taken:
        if _has(spot, "const"):
            return [spot.schema["const"]]
        if _has(spot, "enum"):
            return list(spot.schema["enum"])
    for spot in taken:
        for keyword in ("anyOf", "oneOf"):
            inner = (
                [finite((spot.below(keyword, index),)) for index in range(len(spot.schema[keyword]))]
                if _has(spot, keyword)
                else [None]
            )
            if all(each is not None for each in inner):
                return [value for each in inner for value in each or ()]
    kinds = _types(taken)
    if all(kind in ("boolean", "null") for kind in kinds):
        return [value for kind in kinds for value in ((True, False) if kind == "boolean" else (None,))]
    return None


def _has(spot: Spot, keyword: str | int) -> bool:
    return isinstance(spot.schema, dict) and keyword in spot.schema


def _all(taken: Spots, keyword: str) -> list[Any]:
    return [spot.schema[keyword] for spot in taken if _has(spot, keyword)]


def _union(spot: Spot) -> str:
    return next((keyword for keyword in ("oneOf", "anyOf") if _has(spot, keyword)), "")


def _branches(spot: Spot) -> list[Spot]:
    keyword = _union(spot)
    return [spot.below(keyword, index) for index in range(len(spot.schema[keyword]))]


def _item(spot: Spot, index: int) -> Iterator[Spot]:
    if not isinstance(spot.schema, dict):
        return
    if index < len(spot.schema.get("prefixItems", ())):
        yield spot.below("prefixItems", index)
    elif "items" in spot.schema:
        yield spot.below("items")


def _stated(spot: Spot) -> list[str]:
    stated = spot.schema.get("type", list(TYPES))
    return stated if isinstance(stated, list) else [stated]


def _types(taken: Spots) -> list[str]:
    found = list(TYPES)
    for spot in taken:
        if _has(spot, "type"):
            stated = _stated(spot)
            found = [kind for kind in found if kind in stated or (kind == "integer" and "number" in stated)]
    return [kind for kind in found if not (kind == "integer" and "number" in found)]


def _first(keyword: str) -> str:
    return next(name for name, group in _BESIDE.items() if keyword in group)


def _group(schema: Json, keyword: str) -> Json:
    if keyword.startswith("unevaluated"):
        return schema
    return {name: schema[name] for name in _BESIDE.get(keyword) or (keyword,) if name in schema}


def _renamed(gap: Gap, kind: str, note: str = "") -> Gap:
    return Gap(kind, gap.path, gap.taken, gap.judging, gap.at, gap.source, note, gap.narrow)


def _not(spot: Spot) -> Spot:
    return Spot(spot.address, (*spot.steps, "not"), {"not": spot.schema})


def _kebab(keyword: str) -> str:
    return "".join(f"-{sign.lower()}" if sign.isupper() else sign for sign in keyword)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)[:80]
