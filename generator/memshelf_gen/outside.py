"""Compare what is said of a value itself: its type, its values and its limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from memshelf_gen.asking import Asking
from memshelf_gen.gap import Gap, Path
from memshelf_gen.keywordgroups import LIMITS, PLAIN, kebab
from memshelf_gen.pairing import Spot, Spots, together
from memshelf_gen.spec import Json
from memshelf_gen.spots import all_of, finite, stated, types_of, written


@dataclass(slots=True)
class Outside(Asking):
    """The comparisons of types, values and limits."""

    def types(self, taken: Spots, spot: Spot, path: Path) -> Iterator[Gap]:
        """Give the types that are not taken any more, in one gap."""
        lost = [kind for kind in types_of(taken) if kind not in stated(spot)]
        lost = [kind for kind in lost if not (kind == "integer" and "number" in stated(spot))]
        named = any(all_of(taken, "type"))
        if lost or named:
            kind = "type-narrowed" if named else "type-added"
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
                yield self.gap(kind, path, taken, spot, (keyword,), written(value), {"not": {"const": value}})

    def limit(self, taken: Spots, spot: Spot, keyword: str, group: Json, path: Path) -> Iterator[Gap]:
        """Give the gap of a keyword that is judged as a whole."""
        before = all_of(taken, keyword)
        name = PLAIN.get(keyword, kebab(keyword))
        if before and all(isinstance(each, int | float) for each in (*before, spot.schema[keyword])):
            limit = LIMITS.get(keyword)
            if limit == "upper" and min(before) <= spot.schema[keyword]:
                return
            if limit == "lower" and max(before) >= spot.schema[keyword]:
                return
        if keyword in ("pattern", "format", "uniqueItems") and spot.schema[keyword] in (*before, False):
            return
        if keyword not in LIMITS and keyword not in PLAIN:
            name = "schema"
        changed = "narrowed" if keyword in LIMITS else "changed"
        kind = "schema-narrowed" if name == "schema" else f"{name}-{changed if before else 'added'}"
        note = (
            f"{written(before[0])} became {written(spot.schema[keyword])}"
            if before and keyword in (*LIMITS, "pattern", "format", "multipleOf")
            else ""
        )
        yield self.gap(kind, path, taken, spot, (keyword,), note, group)
