"""Lay out a statement that is written on one line: on several, as black has them, if it is too long or asks for it.

Nearly all of generated code has one of three simple forms, which need no search for the best break: what fits, a method
with its parameters below it, and a call whose last comma asks for one argument a line. `breaks` knows the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from memshelf_gen.emit.breaks import broken
from memshelf_gen.emit.leaves import read_item, read_leaves
from memshelf_gen.emit.width import width

_INDENT = "    "
_MAGIC = (",)", ",]", ",}")
_METHOD = re.compile(r"((?:async )?def \w+\()(self, .+)(\)(?: -> [\w\[\], |]+)?:(?: \.\.\.)?)")
_CALL = re.compile(r"((?:\w+ = )?\w+\()(.+,)(\))")
_COMMA = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[()\[\]{},]""")
_MANY = 1 << 16


@lru_cache(maxsize=_MANY)
def lay_out(text: str, *, depth: int, limit: int) -> tuple[str, ...]:
    """Give the lines of one statement that is written on one line; `depth` is its level, `limit` the longest line.

    Most statements are those of the last time when somebody watches, and many are like others of the same project.
    """
    if not any(sign in text for sign in _MAGIC):
        for lines in ((text,), *_by_parameters(text)):
            indented = tuple(f"{_INDENT * depth}{line}" for line in lines)
            if _fit(indented, limit):
                return indented
    elif (call := _CALL.fullmatch(text)) and (items := _items(call[2])) is not None:
        first = f"{_INDENT * depth}{call[1]}"
        if _fit((first,), limit):
            below = (line for item in items for line in _item(item, depth=depth + 1, limit=limit))
            return (first, *below, f"{_INDENT * depth}{call[3]}")
    return broken(read_leaves(text), depth=depth, limit=limit)


def _by_parameters(text: str) -> Iterator[tuple[str, ...]]:
    """Give a method with its parameters on a line of their own, and on one line each."""
    method = _METHOD.fullmatch(text)
    if method is None:
        return
    yield method[1], f"{_INDENT}{method[2]}", method[3]
    items = _items(method[2])
    if items is not None:
        yield method[1], *(f"{_INDENT}{each}," for each in items), method[3]


@lru_cache(maxsize=_MANY)
def _item(text: str, *, depth: int, limit: int) -> tuple[str, ...]:
    """Give the lines of one argument, with the comma behind it."""
    line = f"{_INDENT * depth}{text},"
    if _fit((line,), limit) and not any(sign in text for sign in _MAGIC):
        return (line,)
    return broken(read_item(f"{text},"), depth=depth, limit=limit, inside=True)


def _items(text: str) -> list[str] | None:
    """Part a list at its own commas; None if its brackets are not all closed, or closed too often."""
    items: list[str] = []
    start = depth = 0
    for found in _COMMA.finditer(text):
        sign = found[0]
        if sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
            if depth < 0:
                return None
        elif sign == "," and not depth:
            items.append(text[start : found.start()].strip(" "))
            start = found.end()
    rest = text[start:].strip(" ")
    return None if depth else [*items, *([rest] if rest else [])]


def _fit(lines: tuple[str, ...], limit: int) -> bool:
    return all(width(line) <= limit for line in lines)
