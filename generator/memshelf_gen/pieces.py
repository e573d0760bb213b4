"""Pieces are the stretches of a text where its keys and its values are written."""

from __future__ import annotations

from dataclasses import dataclass

from memshelf_gen.document import Steps


@dataclass(frozen=True, slots=True)
class Word:
    """A stretch of a text, in characters."""

    start: int
    end: int
    text: str = ""
    """What a key says."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One value as it is written, from its first sign to its last."""

    start: int
    end: int
    is_flow: bool = True
    """Whether it stands between brackets, or is a scalar; others are known by their indentation."""
    members: tuple[tuple[Word, Piece], ...] = ()
    """Of an object: the keys and the values."""
    items: tuple[Piece, ...] = ()
    """Of a list."""

    def at(self, steps: Steps) -> Piece:
        """Give the piece some steps inside this one. Raises LookupError where none is written, behind an alias say."""
        found = self
        for step in steps:
            found = found.items[step] if isinstance(step, int) else found.member(step)[1]
        return found

    def member(self, key: str) -> tuple[Word, Piece]:
        """Give a member with its key. Raises LookupError when there is none."""
        return self.members[self.index(key)]

    def index(self, key: str) -> int:
        """Give the number of a member. Raises LookupError when there is none."""
        for number, (word, _) in enumerate(self.members):
            if word.text == key:
                return number
        raise LookupError(key)
