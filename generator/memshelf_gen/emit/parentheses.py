"""Decide whether a line that is too long gets parentheses around what it assigns, returns or annotates."""

from __future__ import annotations

from dataclasses import dataclass

from memshelf_gen.emit.leaves import Leaf, Role
from memshelf_gen.emit.lines import DOT, Line


@dataclass(frozen=True, slots=True)
class Right:
    """A line that is broken at a pair of brackets."""

    head: Line
    body: Line
    tail: Line
    opener: Leaf
    closing: Leaf


def can_omit(right: Right, limit: int) -> bool:
    """Tell whether optional parentheses may be left out, since there are others to break at."""
    line = right.body
    if not line.delimiters:
        return True
    priority = line.priority()
    if line.count(priority) > 1:
        return False
    if priority == DOT:
        return True
    first, second, last = line.leaves[0], line.leaves[1], line.leaves[-1]
    if first.kind == "open" and second.kind != "close" and _opening_suffices(line, first, limit):
        return True
    if last.text in (")", "}") or (last.text == "]" and last.role is not Role.SUBSCRIPT):
        return line.leaves[-2].kind != "open" and _closing_suffices(line, last, limit)
    return False


def _opening_suffices(line: Line, first: Leaf, limit: int) -> bool:
    remainder = False
    length = 4 * line.depth
    for leaf in line.leaves:
        remainder |= leaf.kind == "close" and leaf.opener is first
        if remainder:
            length += len(leaf.space) + len(leaf.text)
            if length > limit:
                return False
            if leaf.kind == "open":
                remainder = False
    return True


def _closing_suffices(line: Line, last: Leaf, limit: int) -> bool:
    length = 4 * line.depth
    others = False
    for leaf in line.leaves:
        length += len(leaf.space) + len(leaf.text)
        if leaf is last.opener:
            if others or length <= limit:
                return True
        elif leaf.kind == "open":
            others = True
    return False


def prefers(other: Right, right: Right, limit: int) -> bool:
    """Tell whether a break without the optional parentheses reads better than one at them."""
    head = right.head
    if not (len(head.leaves) >= 2 and head.leaves[-2].kind == "="):
        return True
    if not any(leaf.kind in ("open", "close") for leaf in head.leaves[:-1]):
        return True
    if not head.fits(limit - 1) or head.magic:
        return True
    equals = sum(leaf.kind == "=" for leaf in head.leaves)
    if equals > 1 and equals > sum(leaf.kind == "=" for leaf in other.head.leaves):
        return False
    for leaf in reversed(other.head.leaves):
        if leaf.kind == "=":
            return other.head.fits(limit)
        if leaf.kind == "close":
            return True
    return False
