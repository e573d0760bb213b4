"""Read one logical line of Python as leaves: words, signs and brackets, and what each bracket is there for.

Only what generated code is made of is read; a sign that is not known here is a fault of the generator.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

PAIRS = {"(": ")", "[": "]", "{": "}"}
_TOKEN = re.compile(
    r"""(?P<space>\ *)(?:
        (?P<string>[A-Za-z]{0,2}(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'))
        |(?P<word>[^\W\d][\w··]*|-?\d(?:[eE][+-]?\d+|[\w.])*)
        |(?P<sign>->|\.\.\.|\*\*|[()\[\]{},.:=|*/])
    )""",
    re.VERBOSE,
)


class Role(Enum):
    """What a pair of brackets is there for."""

    CALL = auto()
    """Arguments, parameters or base classes."""
    SUBSCRIPT = auto()
    DISPLAY = auto()
    """A tuple, a list or a dict."""
    IMPORT = auto()
    OPTIONAL = auto()
    """Parentheses that may be written where a line has to be broken, and are not there otherwise."""


@dataclass(slots=True, eq=False)
class Leaf:
    """A word or a sign; an optional bracket has no text while it is not written."""

    text: str
    space: str = ""
    kind: str = ""
    """`open`, `close`, the sign itself, `word` or `string`."""
    role: Role | None = None
    opener: Leaf | None = None
    """The bracket that a closing one closes."""
    annotation: str = ""
    """`param` or `return` inside of the annotations of a function."""
    optional: bool = False
    depth: int = 0
    """How many brackets of its line are open around it."""


class UnknownCode(Exception):
    """A line has a sign that is not known here."""


def read_leaves(text: str) -> list[Leaf]:
    """Give the leaves of a logical line, with the optional parentheses that it may have."""
    return _with_optional([*_matched(_scan(text))])


def read_item(text: str) -> list[Leaf]:
    """Give the leaves of one item in brackets, around which there are no optional parentheses."""
    return [*_matched(_scan(text))]


def copies(leaves: list[Leaf]) -> list[Leaf]:
    """Give the leaves anew, with optional parentheses that are not written."""
    made = [_copy(leaf) for leaf in leaves]
    stack: list[Leaf] = []
    for leaf in made:
        if leaf.kind == "open":
            stack.append(leaf)
        elif leaf.kind == "close" and stack:
            leaf.opener = stack.pop()
    return made


def _copy(leaf: Leaf) -> Leaf:
    text = "" if leaf.optional else leaf.text
    return Leaf(text, leaf.space, leaf.kind, leaf.role, leaf.opener, leaf.annotation, leaf.optional)


def is_definition(leaves: list[Leaf]) -> bool:
    """Tell whether a line begins a function."""
    return [leaf.text for leaf in leaves[:2]] == ["async", "def"] or (bool(leaves) and leaves[0].text == "def")


def is_import(leaves: list[Leaf]) -> bool:
    """Tell whether a line imports."""
    return bool(leaves) and leaves[0].text in ("from", "import")


def _scan(text: str) -> Iterator[Leaf]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            raise UnknownCode(f"unknown sign at {text[at:at + 20]!r} in {text!r}")
        at = found.end()
        word = found[found.lastgroup]
        kind = word if found.lastgroup == "sign" else found.lastgroup
        if word in PAIRS:
            kind = "open"
        elif word in PAIRS.values():
            kind = "close"
        yield Leaf(word, found["space"], kind)


def _matched(leaves: Iterator[Leaf]) -> Iterator[Leaf]:
    """Say what each pair of brackets is there for."""
    stack: list[Leaf] = []
    previous: Leaf | None = None
    first = ""
    for leaf in leaves:
        first = first or leaf.text
        match leaf.kind:
            case "open":
                leaf.role = _role(leaf, previous, first, bool(stack))
                stack.append(leaf)
            case "close":
                leaf.opener = stack.pop()
                leaf.role = leaf.opener.role
        yield leaf
        previous = leaf


def _role(leaf: Leaf, previous: Leaf | None, first: str, nested: bool) -> Role:
    if first == "from":
        return Role.IMPORT
    trails = previous is not None and (
        previous.kind in ("close", "string")
        or (previous.kind == "word" and not keyword.iskeyword(previous.text) and leaf.space == "")
    )
    if not trails or leaf.text == "{":
        return Role.DISPLAY
    return Role.SUBSCRIPT if leaf.text == "[" else Role.CALL


def _with_optional(leaves: list[Leaf]) -> list[Leaf]:
    """Add the optional parentheses: around what is assigned, returned, imported, and around annotations."""
    if is_definition(leaves):
        return _in_definition(leaves)
    if leaves[0].text == "from":
        at = next(index for index, leaf in enumerate(leaves) if leaf.text == "import") + 1
        return [*leaves[:at], *_optional(leaves[at:], Role.IMPORT)]
    if leaves[0].text == "return" and len(leaves) > 1:
        return [leaves[0], *_optional(leaves[1:])]
    return _in_assignment(leaves)


def _in_assignment(leaves: list[Leaf]) -> list[Leaf]:
    made: list[Leaf] = []
    part: list[Leaf] = []
    depth = 0
    for leaf in leaves:
        depth += (leaf.kind == "open") - (leaf.kind == "close")
        if depth == 0 and leaf.kind in (":", "=") and not (leaf.kind == ":" and leaf is leaves[-1]):
            made += [*(_optional(part) if made else part), leaf]
            part = []
        else:
            part.append(leaf)
    return [*made, *(_optional(part) if made else part)]


def _in_definition(leaves: list[Leaf]) -> list[Leaf]:
    """Add them around what is returned, and around the type of a parameter that is a union."""
    made: list[Leaf] = []
    part: list[Leaf] | None = None
    kind = ""
    depth = 0
    for leaf in leaves:
        ends = leaf.kind == ":" and depth == 0 if kind == "return" else depth == 1 and leaf.kind in (",", "=", "close")
        if part is not None and ends:
            union = any(each.kind == "|" and _top(part, each) for each in part)
            made += _optional(part) if kind == "return" or union else part
            part = None
        depth += (leaf.kind == "open") - (leaf.kind == "close")
        if part is not None:
            leaf.annotation = kind
            part.append(leaf)
            continue
        made.append(leaf)
        if leaf.kind == "->" or (leaf.kind == ":" and depth == 1):
            part, kind = [], "return" if leaf.kind == "->" else "param"
    return [*made, *(part or ())]


def _top(part: list[Leaf], sign: Leaf) -> bool:
    depth = 0
    for leaf in part:
        if leaf is sign:
            return depth == 0
        depth += (leaf.kind == "open") - (leaf.kind == "close")
    return False


def _optional(leaves: list[Leaf], role: Role = Role.OPTIONAL) -> list[Leaf]:
    """Put optional parentheses around an expression that has none of a tuple's."""
    if not leaves:
        return leaves
    first, last = leaves[0], leaves[-1]
    if role is Role.OPTIONAL and first.text == "(" and last.opener is first:
        return leaves
    opener = Leaf("", first.space, "open", role, annotation=first.annotation, optional=True)
    first.space = ""
    return [opener, *leaves, Leaf("", "", "close", role, opener, last.annotation, optional=True)]
