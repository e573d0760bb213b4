"""What every comparison of a pair of schemas needs: questions, gaps, and the way down to the parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from memshelf_gen.document import Steps
from memshelf_gen.gap import Gap, Path
from memshelf_gen.pairing import Pair, Spot, Spots
from memshelf_gen.spec import Json
from memshelf_gen.spots import has


@dataclass(slots=True)
class Asking:
    """One walk through a pair of bundles."""

    pair: Pair
    open: set[tuple[Any, ...]] = field(default_factory=set)
    """The pairs of places that are being compared: a schema that contains itself leads back to them."""
    steps: int = 0

    def gaps(self, taken: Spots, judging: Spot, path: Path) -> list[Gap]:
        """Give the gaps between schemas that hold together and one that judges; none means proven."""
        raise NotImplementedError

    def gap(
        self, kind: str, path: Path, taken: Spots, spot: Spot, at: Steps, note: str = "", narrow: Json | bool = True
    ) -> Gap:
        """Make a gap, with the place of the keyword in what is taken."""
        source = next(((*each.steps, at[0]) for each in taken if at and has(each, at[0])), ())
        return Gap(kind, path, taken, spot, at, source, note, narrow)

    def matches(self, regex: str, name: str) -> bool:
        """Tell whether a name matches a regular expression, as the judge matches."""
        return self.pair.judge({"pattern": regex}).is_valid(name)
