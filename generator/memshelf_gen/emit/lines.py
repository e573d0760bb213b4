"""A line of leaves: how long it is, where it may be broken, and how it breaks at a pair of brackets."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from enum import Enum, auto

from memshelf_gen.emit.leaves import Leaf, Role, is_definition, is_import
from memshelf_gen.emit.width import width

COMMA, UNION, DOT = 18, 8, 1
"""How strongly a sign asks for a break beside it."""


class CannotSplit(Exception):
    """A line cannot be broken in the way that was tried."""


class Component(Enum):
    """A part of a line that is broken at a pair of brackets."""

    HEAD = auto()
    BODY = auto()
    TAIL = auto()


@dataclass(slots=True, eq=False)
class Line:
    """Leaves that stand on one line, unless it is broken further."""

    depth: int
    inside: bool = False
    """Whether it is the content of brackets that stand on other lines."""
    leaves: list[Leaf] = field(default_factory=list)
    delimiters: dict[int, int] = field(default_factory=dict)
    """The priority of a break after a leaf, by the leaf's id."""
    optional: list[Leaf] = field(default_factory=list)
    magic: bool = False
    """Whether a comma before a closing bracket asks for one item a line."""
    explodes: bool = False
    level: int = 0
    previous: Leaf | None = None

    def __str__(self) -> str:
        return "    " * self.depth + "".join(
            leaf.text if index == 0 else leaf.space + leaf.text for index, leaf in enumerate(self.leaves)
        )

    def fits(self, limit: int) -> bool:
        """Tell whether the line is no longer than the limit."""
        return width(str(self)) <= limit

    def append(self, leaf: Leaf, *, track: bool = True) -> None:
        """Add a leaf; a tracked one is looked at for where the line may break."""
        if track:
            self._track(leaf)
            self.magic |= self._is_magic(leaf)
        self.leaves.append(leaf)

    def priority(self, *, but: Leaf | None = None) -> int:
        """Give the highest priority of a break, or 0; a break after one leaf may be left out."""
        return max((each for key, each in self.delimiters.items() if but is None or key != id(but)), default=0)

    def count(self, priority: int) -> int:
        """Give the number of breaks of a priority."""
        return sum(each == priority for each in self.delimiters.values())

    def _track(self, leaf: Leaf) -> None:
        if leaf.kind == "close":
            if self.level == 0:
                return
            self.level -= 1
            if not leaf.text:
                self.optional.append(leaf)
        leaf.depth = self.level
        if self.level == 0:
            before = self._before(leaf)
            if before and self.previous is not None:
                self.delimiters[id(self.previous)] = before
            elif leaf.kind == ",":
                self.delimiters[id(leaf)] = COMMA
        if leaf.kind == "open":
            self.level += 1
            if not leaf.text:
                self.optional.append(leaf)
        self.previous = leaf

    def _before(self, leaf: Leaf) -> int:
        if leaf.kind == "|":
            return UNION
        called = self.previous is None or self.previous.kind == "close"
        return DOT if leaf.kind == "." and called and not is_import(self.leaves) else 0

    def _is_magic(self, leaf: Leaf) -> bool:
        if leaf.kind != "close" or not self.leaves or self.leaves[-1].kind != ",":
            return False
        match leaf.text:
            case "}":
                return True
            case "]":
                return not (leaf.role is Role.SUBSCRIPT and is_single(leaf, self.leaves, "[]"))
            case _:
                return is_import(self.leaves) or not is_single(leaf, self.leaves)


def is_single(closing: Leaf, leaves: list[Leaf], brackets: str = "()") -> bool:
    """Tell whether a pair of brackets holds one item; a call's arguments with a comma count as more."""
    opener = closing.opener
    if opener is None or (opener.text or "(") + (closing.text or ")") != brackets:
        return False
    at = next((index for index, leaf in enumerate(leaves) if leaf is opener), -1)
    if at < 0:
        return False
    commas = 0
    for leaf in leaves[at + 1 :]:
        if leaf is closing:
            break
        if leaf.kind == "," and leaf.depth == closing.depth + 1:
            commas += 2 if opener.role is Role.CALL else 1
    return commas < 2


def part_of(line: Line, leaves: list[Leaf], opener: Leaf, component: Component) -> Line:
    """Give the part of a broken line that these leaves make."""
    made = Line(line.depth)
    if component is Component.BODY:
        made.depth += 1
        made.inside = True
        if leaves and leaves[-1].kind != "," and _wants_comma(leaves, line, opener):
            leaves.append(Leaf(",", kind=",", annotation=leaves[-1].annotation))
    tracked = _matched(leaves) if component is Component.HEAD else frozenset()
    for leaf in leaves:
        made.append(leaf, track=made.inside or id(leaf) in tracked)
    made.explodes = component is Component.BODY and _explodes(made, opener)
    return made


def _wants_comma(leaves: list[Leaf], line: Line, opener: Leaf) -> bool:
    """Tell whether a comma is due after the last of these; where there are several, the next break adds it."""
    if is_import(line.leaves):
        return True
    if not is_definition(line.leaves) or opener.text != "(":
        return False
    if any(leaf.kind == "," and not leaf.annotation for leaf in leaves):
        return False
    return leaves[0].annotation != "return"


def _explodes(body: Line, opener: Leaf) -> bool:
    """Tell whether each item of a body has to stand on its own line."""
    if not body.leaves:
        return False
    last = body.leaves[-1]
    trailing = last.kind == ","
    is_list = body.priority(but=last if trailing else None) == COMMA
    return is_list and (trailing or opener.role in (Role.DISPLAY, Role.OPTIONAL, Role.IMPORT))


def _matched(leaves: Iterable[Leaf]) -> Collection[int]:
    """Give the leaves inside of brackets that open and close among these."""
    found: set[int] = set()
    stack: list[tuple[Leaf, list[int]]] = []
    for leaf in leaves:
        if leaf.kind == "open":
            stack.append((leaf, [id(leaf)]))
        elif leaf.kind == "close":
            if not stack:
                if found:
                    break
                continue
            if leaf.opener is not stack[-1][0]:
                break
            found |= {*stack.pop()[1], id(leaf)}
        elif stack:
            stack[-1][1].append(id(leaf))
    return found
