"""Read one JSON document (RFC 8259) and note where each of its values stands."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import TypeVar

from memshelf_gen.document import Mark
from memshelf_gen.nodes import MAX_DEPTH, Entry, Node, Scalar, Unreadable, check_text, second_time
from memshelf_gen.pieces import Piece, Word

T = TypeVar("T")

_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORD = re.compile(r"[A-Za-z_]+|.", re.DOTALL)
_STRING_FAULTS = {
    "Unterminated": "this string does not end",
    "Invalid control": "a string holds no control characters and no line breaks; escape them",
    "Invalid": "there is no such escape in JSON",
}
_LITERALS = {"true": True, "false": False, "null": None}


def read_json(text: str, faults: list[Unreadable]) -> Node | None:
    """Give the text's value; None when it is empty.

    Keys that stand for the second time are noted in `faults`, and their values left out. Raises Unreadable for
    anything else.
    """
    reading = _Reading(text, faults)
    reading.skip()
    if reading.at == len(text):
        return None
    node = reading.node(0)
    reading.skip()
    if reading.at < len(text):
        raise reading.fault("the document ends before this; one file holds one document")
    return node


def json_pieces(text: str) -> Piece:
    """Find where the value of a text that was read without a fault is written, and all values in it."""
    return _Finding(text, _skipped(text, 0)).piece()


@dataclass(slots=True)
class _Reading:
    text: str
    faults: list[Unreadable]
    at: int = 0
    starts: list[int] = field(init=False)
    """Where each line begins."""

    def __post_init__(self) -> None:
        self.starts = [0, *(found.end() for found in re.finditer("\n", self.text))]

    def node(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise self.fault(f"more than {MAX_DEPTH} levels; use $ref and $defs instead")
        mark = self.mark()
        match self.text[self.at : self.at + 1]:
            case "{":
                return Node(mark, self.entries(depth))
            case "[":
                return Node(mark, self.items(depth))
            case '"':
                return Node(mark, self.string())
            case _:
                return Node(mark, self.number_or_literal())

    def entries(self, depth: int) -> dict[str, Entry]:
        entries: dict[str, Entry] = {}
        more = not self.opens_empty("}")
        while more:
            mark = self.mark()
            if not self.text.startswith('"', self.at):
                raise self.fault("not JSON: a key in double quotes must stand here")
            key = self.string()
            self.skip()
            if not self.takes(":"):
                raise self.fault("not JSON: a colon must follow the key")
            entry = Entry(mark, self.node(depth + 1))
            if fault := second_time(key, entries):
                self.faults.append(Unreadable(mark, fault))
            else:
                entries[key] = entry
            more = self.goes_on("}")
        return entries

    def items(self, depth: int) -> list[Node]:
        items: list[Node] = []
        more = not self.opens_empty("]")
        while more:
            items.append(self.node(depth + 1))
            more = self.goes_on("]")
        return items

    def string(self) -> str:
        mark = self.mark()
        try:
            value, self.at = scanstring(self.text, self.at + 1, True)
        except JSONDecodeError as error:
            self.at = error.pos
            reason = next((text for start, text in _STRING_FAULTS.items() if error.msg.startswith(start)), error.msg)
            raise self.fault(f"not JSON: {reason}") from None
        return check_text(value, mark)

    def number_or_literal(self) -> Scalar:
        if found := _NUMBER.match(self.text, self.at):
            return self.number(found)
        word = _WORD.match(self.text, self.at)
        if word is None:
            raise self.fault("not JSON: the file ends where a value must stand")
        if word.group() not in _LITERALS:
            raise self.fault(f"not JSON: a value must stand here, got {word.group()!r}")
        self.at = word.end()
        return _LITERALS[word.group()]

    def number(self, found: re.Match[str]) -> int | float:
        try:
            value = float(found.group()) if found.group(1) or found.group(2) else int(found.group())
        except ValueError:  # Python's limit on the digits of an integer
            raise self.fault("this number has too many digits") from None
        if not math.isfinite(value):
            raise self.fault(f"{found.group()} is too large for a number")
        self.at = found.end()
        return value

    def opens_empty(self, end: str) -> bool:
        """Step over an opening bracket, and over the closing one when it follows at once."""
        self.at += 1
        self.skip()
        return self.takes(end)

    def goes_on(self, end: str) -> bool:
        """Tell whether a comma follows, and step over it or over the closing bracket."""
        self.skip()
        if self.takes(","):
            if self.text.startswith(end, self.at):
                raise self.fault(f"not JSON: no comma may stand before {end!r}")
            return True
        if not self.takes(end):
            raise self.fault(f"not JSON: a comma or {end!r} must stand here")
        return False

    def takes(self, sign: str) -> bool:
        if not self.text.startswith(sign, self.at):
            return False
        self.at += 1
        self.skip()
        return True

    def skip(self) -> None:
        self.at = _skipped(self.text, self.at)

    def mark(self) -> Mark:
        line = bisect_right(self.starts, self.at)
        return Mark(line, self.at - self.starts[line - 1] + 1)

    def fault(self, text: str) -> Unreadable:
        return Unreadable(self.mark(), text)


@dataclass(slots=True)
class _Finding:
    text: str
    at: int

    def piece(self) -> Piece:
        start, sign = self.at, self.text[self.at]
        match sign:
            case "{":
                members = tuple(self.listed("}", self.member))
                return Piece(start, self.at, members=members)
            case "[":
                items = tuple(self.listed("]", self.piece))
                return Piece(start, self.at, items=items)
            case '"':
                _, self.at = scanstring(self.text, start + 1, True)
            case _:
                found = _NUMBER.match(self.text, start) or _WORD.match(self.text, start)
                self.at = found.end() if found else start
        return Piece(start, self.at)

    def member(self) -> tuple[Word, Piece]:
        start = self.at
        key, self.at = scanstring(self.text, start + 1, True)
        word = Word(start, self.at, key)
        self.at = _skipped(self.text, _skipped(self.text, self.at) + 1)
        return word, self.piece()

    def listed(self, end: str, one: Callable[[], T]) -> Iterator[T]:
        """Give what stands between two brackets, and step behind the second."""
        self.at = _skipped(self.text, self.at + 1)
        while self.text[self.at] != end:
            yield one()
            self.at = _skipped(self.text, self.at)
            if self.text[self.at] == ",":
                self.at = _skipped(self.text, self.at + 1)
        self.at += 1


def _skipped(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
