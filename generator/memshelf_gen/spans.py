"""Change some places of a text of people's, and prove that every other byte stayed as it was."""

from __future__ import annotations

import ast
import codecs
import io
import re
import tokenize
import warnings
from collections.abc import Iterable
from dataclasses import dataclass

LINE_END = re.compile(r"\r\n?|\n")
"""What ends a line of Python."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a text, in characters, and what shall stand there; an empty place is an insertion."""

    start: int
    end: int
    new: str
    old: str
    """What has to stand there now, so that a wrong position cannot go unnoticed."""


class NotKept(Exception):
    """memshelf-gen was about to change more of a file than it may; nothing was written. That is a fault of its own."""


@dataclass(frozen=True, slots=True)
class Text:
    """A source file, decoded as Python decodes it."""

    content: str
    encoding: str

    @property
    def newline(self) -> str:
        """How its first line ends."""
        found = LINE_END.search(self.content)
        return found[0] if found else "\n"


def decoded(source: bytes) -> Text:
    """Decode a file that parses, by its mark or its coding line."""
    # Python takes a lone carriage return for the end of the coding line, too; tokenize does not.
    encoding, _ = tokenize.detect_encoding(io.BytesIO(re.sub(rb"\r\n?", b"\n", source)).readline)
    return Text(source.decode(encoding), encoding)


def replaced(source: bytes, spans: Iterable[Span]) -> bytes:
    """Give the file with these places changed.

    Raises:
        NotKept: a byte outside of the places would differ, or the result would not be Python.
        UnicodeEncodeError: the file's encoding lacks a character.
    """
    text = decoded(source)
    ordered = sorted(spans)
    new = _apply(text.content, ordered).encode(text.encoding)
    _prove(source, new, ordered, text)
    return new


def _apply(content: str, spans: list[Span]) -> str:
    parts, at = [], 0
    for span in spans:
        parts += [content[at : span.start], span.new]
        at = span.end
    return "".join([*parts, content[at:]])


def _prove(source: bytes, new: bytes, spans: list[Span], text: Text) -> None:
    """Walk through both files at once, byte by byte between the places, from the bytes and not from the text."""
    content, encoding = text.content, _without_mark(text.encoding)
    mark = codecs.BOM_UTF8 if text.encoding == "utf-8-sig" else b""
    left, right, at = len(mark), len(mark), 0
    if source[:left] != mark or new[:right] != mark:
        raise NotKept("the mark at the file's start would be lost")
    for span in [*spans, Span(len(content), len(content), "", "")]:
        kept = len(content[at : span.start].encode(encoding))
        if span.start < at or source[left : left + kept] != new[right : right + kept]:
            raise NotKept(f"bytes before character {span.start} would differ")
        left, right, at = left + kept, right + kept, span.end
        old, now = span.old.encode(encoding), span.new.encode(encoding)
        if source[left : left + len(old)] != old or new[right : right + len(now)] != now:
            raise NotKept(f"at character {span.start} stands something other than {span.old!r}")
        left, right = left + len(old), right + len(now)
    if left != len(source) or right != len(new):
        raise NotKept("bytes at the file's end would differ")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(new)
    except (SyntaxError, ValueError) as error:
        raise NotKept(f"the result would not be Python: {error}") from error


def _without_mark(encoding: str) -> str:
    return "utf-8" if encoding == "utf-8-sig" else encoding
