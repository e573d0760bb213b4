"""Nodes are what a file's text says before anything is expanded: values with positions, and aliases that share them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

from memshelf_gen.document import Mark, Steps, dotted

MAX_DEPTH = 100
"""Payloads have as many levels at most, so no schema needs more."""
MAX_COPIES = 100_000
"""Values that aliases may add: far more than people write, and far fewer than nine lines of them can expand to."""

Scalar: TypeAlias = str | int | float | bool | None


class Unreadable(Exception):
    """A text that cannot be read any further; carries the position and the reason."""

    def __init__(self, mark: Mark, text: str, *, where: str = "") -> None:
        super().__init__(text)
        self.mark = mark
        self.where = where
        self.text = text


@dataclass(frozen=True, slots=True)
class Entry:
    """One member of an object: the position of its key, and its value."""

    mark: Mark
    node: Node


@dataclass(frozen=True, slots=True)
class Node:
    """One value: a scalar, a list of nodes, or an object."""

    mark: Mark
    content: Scalar | list[Node] | dict[str, Entry]


@dataclass(slots=True)
class Flattening:
    """Make plain values of nodes and note the position of each; every alias becomes a copy, up to a limit."""

    marks: dict[Steps, Mark]
    seen: set[int] = field(default_factory=set)
    """The nodes that have been met, by identity: those of one text, which live as long as this."""
    copies: int = 0

    def flatten(self, node: Node, at: Steps, mark: Mark) -> Any:
        """Give the plain value of a node that stands at some steps, at a position."""
        if id(node) in self.seen:
            self.copies += 1
            if self.copies > MAX_COPIES:
                text = f"the aliases expand to more than {MAX_COPIES:,} values; use $ref and $defs instead"
                raise Unreadable(mark, text)
        self.seen.add(id(node))
        if len(at) > MAX_DEPTH:
            raise Unreadable(mark, f"more than {MAX_DEPTH} levels; use $ref and $defs instead", where=dotted(at[:3]))
        self.marks[at] = mark
        match node.content:
            case dict() as entries:
                return {key: self.flatten(entry.node, (*at, key), entry.mark) for key, entry in entries.items()}
            case list() as items:
                return [self.flatten(item, (*at, index), item.mark) for index, item in enumerate(items)]
            case scalar:
                return scalar


def check_text(text: str, mark: Mark) -> str:
    """Refuse halves of surrogate pairs, which an escape can write and no encoding can carry."""
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        raise Unreadable(mark, "a text holds one half of a surrogate pair, which is not a character; write both halves")
    return text


def second_time(key: str, entries: dict[str, Entry]) -> str:
    """Say that a key is in an object already; empty when it is not."""
    return (
        f"the key {key!r} is here for the second time, first in line {entries[key].mark.line}" if key in entries else ""
    )
