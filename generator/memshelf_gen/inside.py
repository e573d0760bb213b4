"""Compare what stands inside of a value: the members of objects and the items of lists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from memshelf_gen.asking import Asking
from memshelf_gen.gap import ANY, Gap, Path, renamed
from memshelf_gen.pairing import Spot, Spots
from memshelf_gen.spec import Json
from memshelf_gen.spots import ANYTHING, all_of, has, item


@dataclass(slots=True)
class Inside(Asking):
    """The comparisons of objects and lists."""

    def members(self, taken: Spots, spot: Spot, path: Path) -> Iterator[Gap]:
        """Compare each property that one of the two names, those of patterns, and the rest."""
        own = spot.schema.get("properties", {})
        patterns = spot.schema.get("patternProperties", {})
        for name in own:
            said = self.member(taken, name)
            for gap in self.gaps(said or (ANYTHING,), spot.below("properties", name), (*path, name)):
                at_once = gap.path == (*path, name) and not said
                yield renamed(gap, "property-added-to-open") if at_once else gap
        rest = spot.below("additionalProperties") if "additionalProperties" in spot.schema else None
        names = list(dict.fromkeys(name for each in all_of(taken, "properties") for name in each if name not in own))
        for name in (*own, *names):
            matching = [regex for regex in patterns if self.matches(regex, name)]
            for regex in matching:
                said = self.member(taken, name) or (ANYTHING,)
                yield from self.gaps(said, spot.below("patternProperties", regex), (*path, name))
            if name not in own and not matching and rest is not None:
                gaps = self.gaps(self.member(taken, name), rest, (*path, name))
                yield from (renamed(gap, "property-removed", repr(name)) for gap in gaps[:1])
        yield from self.others(taken, spot, rest, patterns, path)

    def others(self, taken: Spots, spot: Spot, rest: Spot | None, patterns: Json, path: Path) -> Iterator[Gap]:
        """Compare what no `properties` names: first by the patterns of what is taken, then all that is left."""
        regexes = [
            (each, regex)
            for each in taken
            if has(each, "patternProperties")
            for regex in each.schema["patternProperties"]
        ]
        known = {regex for _, regex in regexes}
        ways = [((each.below("patternProperties", regex),), regex) for each, regex in regexes]
        left = tuple(each.below("additionalProperties") for each in taken if has(each, "additionalProperties"))
        for said, regex in (*ways, (left or (ANYTHING,), "")):
            for own in patterns:
                if own != regex and own not in known:
                    gaps = self.gaps(said, spot.below("patternProperties", own), (*path, ANY))
                    yield from (renamed(gap, "pattern-property-added") for gap in gaps[:1])
                elif own == regex:
                    yield from self.gaps(said, spot.below("patternProperties", own), (*path, ANY))
            if rest is None or (regex and regex in patterns):
                continue
            kind = "closed" if rest.schema is False else "additional-narrowed"
            for gap in self.gaps(said, rest, (*path, ANY)):
                own_place = gap.path == (*path, ANY) and (said[0].schema in (True, {}) or rest.schema is False)
                yield renamed(gap, kind) if own_place else gap

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

    def finite_names(self, taken: Spots, spot: Spot) -> bool:
        """Tell whether all names that may be there are known, and each of them is taken."""
        for each in taken:
            closed = has(each, "additionalProperties") and each.schema["additionalProperties"] is False
            if closed and not each.schema.get("patternProperties"):
                judge = self.pair.judge(spot.schema["propertyNames"])
                return all(map(judge.is_valid, each.schema.get("properties", {})))
        return False

    def items(self, taken: Spots, spot: Spot, path: Path) -> Iterator[Gap]:
        """Compare the first items one by one, and the rest."""
        own = len(spot.schema.get("prefixItems", ()))
        most = min(all_of(taken, "maxItems"), default=None)
        heads = max([own, *(len(each) for each in all_of(taken, "prefixItems"))])
        for index in range(heads + 1):
            if most is not None and most <= index:
                return
            where = spot.below("prefixItems", index) if index < own else None
            where = spot.below("items") if where is None and "items" in spot.schema else where
            if where is None:
                continue
            said = tuple(place for each in taken for place in item(each, index))
            step: str | int = index if index < heads else ANY
            for gap in self.gaps(said or (ANYTHING,), where, (*path, step)):
                at_once = gap.path == (*path, step)
                kind = "items-closed" if where.schema is False else "items-added"
                yield renamed(gap, kind) if at_once and (not said or where.schema is False) else gap
