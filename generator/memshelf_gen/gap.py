"""A gap is one place where a schema may refuse what another takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from memshelf_gen.document import Steps
from memshelf_gen.pairing import Spot, Spots
from memshelf_gen.spec import Json

Path: TypeAlias = tuple[str | int, ...]
"""The way through a payload; `*` stands for any item or any further property."""
ANY = "*"


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


def renamed(gap: Gap, kind: str, note: str = "") -> Gap:
    """Give a gap under another name."""
    return Gap(kind, gap.path, gap.taken, gap.judging, gap.at, gap.source, note, gap.narrow)
