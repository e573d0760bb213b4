"""Find where a schema refuses what another takes: the smallest places, each with the rule that names it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from memshelf_gen.gap import Gap, Path
from memshelf_gen.inside import Inside
from memshelf_gen.keywordgroups import BESIDE, SILENT, first, group_of
from memshelf_gen.outside import Outside
from memshelf_gen.pairing import Spot, Spots, together
from memshelf_gen.spec import Json
from memshelf_gen.spots import all_of, branches, finite, has, negated, union_of, written


@dataclass
class Walk(Inside, Outside):
    """One walk through a pair of bundles."""

    def gaps(self, taken: Spots, judging: Spot, path: Path) -> list[Gap]:
        """Give the gaps between schemas that hold together and one that judges; none means proven."""
        key = (frozenset((spot.address, spot.steps) for spot in taken), judging.address, judging.steps)
        self.steps += 1
        if key in self.open or any(self.pair.same(judging.schema, each.schema) for each in taken):
            return []
        if self.pair.covers(judging.schema, together(taken)) == "yes":
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
            names = dict.fromkeys(BESIDE.get(key, (key,))[:1] or (first(key),) for key in spot.schema)
            for (keyword,) in names:
                if keyword in SILENT:
                    continue
                group = group_of(spot.schema, keyword)
                if self.pair.covers(group, together(taken)) != "yes":
                    yield from self.explained(taken, spot, keyword, group, path)

    def explained(self, taken: Spots, spot: Spot, keyword: str, group: Json, path: Path) -> list[Gap]:
        """Give the gaps of one group of keywords, taking each branch of what is taken on its own where that helps."""
        if any(self.pair.same(group, group_of(each.schema, keyword)) for each in taken if has(each, keyword)):
            return []
        found = list(self.of_group(taken, spot, keyword, group, path))
        union = next((each for each in taken if union_of(each)), None)
        if not found or union is None or keyword in ("anyOf", "oneOf"):
            return found
        apart: list[Gap] = []
        key = ("union", spot.address, spot.steps, keyword, union.steps)
        if key in self.open:
            return found
        self.open.add(key)
        for branch in branches(union):
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
                known = {name for each in all_of(taken, "required") for name in each}
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

    def same_condition(self, taken: Spots, spot: Spot, path: Path) -> bool:
        """Tell whether the same condition stands before, with consequences that were no wider."""
        for each in taken:
            if not has(each, "if") or each.schema["if"] != spot.schema["if"]:
                condition = each.schema["if"] if has(each, "if") else True
                mutual = has(each, "if") and all(
                    self.pair.covers(one, other) == "yes"
                    for one, other in ((condition, spot.schema["if"]), (spot.schema["if"], condition))
                )
                if not mutual:
                    continue
            good = True
            for branch in ("then", "else"):
                if branch in spot.schema:
                    met = each.below("if") if branch == "then" else negated(each.below("if"))
                    said = (*taken, met, *((each.below(branch),) if branch in each.schema else ()))
                    good = good and not self.gaps(said, spot.below(branch), path)
            if good:
                return True
        return False

    def union(self, taken: Spots, spot: Spot, keyword: str, path: Path) -> Iterator[Gap]:
        """Find for each branch of what is taken a branch that takes it."""
        before = next(
            (each for each in taken if has(each, keyword)), next((each for each in taken if union_of(each)), None)
        )
        ways = branches(before) if before is not None else []
        rest = tuple(each for each in taken if each != before)
        targets = [spot.below(keyword, index) for index in range(len(spot.schema[keyword]))]
        values = finite(taken)
        if values is not None and before is None:
            judge, own = self.pair.judge({keyword: spot.schema[keyword]}), self.pair.judge(together(taken))
            for value in values:
                if own.is_valid(value) and not judge.is_valid(value):
                    yield self.gap(
                        "enum-value-removed", path, taken, spot, (keyword,), written(value), {"not": {"const": value}}
                    )
            return
        whole: list[Spot | None] = [None]
        for way in ways or whole:
            said = self.pair.flat((*rest, way)) if way is not None else taken
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
            close = [
                gaps for gaps in tries if way is not None and not any(self.is_other_branch(gap, path) for gap in gaps)
            ]
            if close:
                yield from min(close, key=len)
            else:
                note = f"{'.'.join(map(str, way.steps))}" if way is not None else ""
                kind = "union-branch-removed" if way is not None else "union-added"
                found = self.gap(kind, path, said, spot, (keyword,), note, group)
                yield Gap(
                    kind, path, said, spot, (keyword,), way.steps if way is not None else found.source, note, group
                )

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
