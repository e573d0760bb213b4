"""Nodes are what a file's text says before anything is expanded: values with positions, and aliases that share them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from memshelf_gen.document import Mark, Steps, dotted

MAX_DEPTH = 100
"""Payloads have as many levels at most, so no schema needs more."""
MAX_VALUES = 100_000
"""Far above any schema that people write, and far below what nine lines of aliases can expand to."""

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

    def flatten(self, node: Node, at: Steps, mark: Mark) -> Any:
        """Give the plain value of a node that stands at some steps, at a position."""
        if len(self.marks) >= MAX_VALUES:
            raise Unreadable(mark, f"the aliases expand to more than {MAX_VALUES:,} values; use $ref and $defs instead")
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
