"""The fenced blocks of a Markdown file, and the commands in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^```(?P<language>\w+)[ \t]*(?P<note>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"\A(?:#|//) (?P<path>[\w./-]+\.\w+)\n")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block."""

    language: str
    note: str
    """What follows the language on the fence's line; readers do not see it."""
    text: str
    place: str
    """File and line, for messages."""

    @property
    def path(self) -> str | None:
        """The file that the block shows, named by a comment in its first line."""
        named = NAMED.match(self.text)
        return named["path"] if named else None


@dataclass(frozen=True, slots=True)
class Command:
    """A command of a console block, with what it has to print."""

    line: str
    output: str
    """`...` stands for anything."""


def blocks(path: Path) -> Iterator[Block]:
    """Give the blocks of a file, in order."""
    text = path.read_text(encoding="utf-8")
    for found in FENCE.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        yield Block(found["language"], found["note"], found["text"], f"{path.name}:{line}")


def commands(block: Block) -> Iterator[Command]:
    """Give the commands of a console block; a line that ends in a backslash goes on in the next."""
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        said = re.match(r"(?P<line>(?:[^\n]*\\\n)*[^\n]*)\n?(?P<output>.*)", part, re.DOTALL)
        assert said is not None
        yield Command(said["line"], said["output"])


def fits(expected: str, printed: str) -> bool:
    """Tell whether an output is the expected one, the number of blanks aside."""
    parts = (re.escape(part) for part in _tidy(expected).split("..."))
    return re.fullmatch(".*".join(parts), _tidy(printed), re.DOTALL) is not None


def _tidy(text: str) -> str:
    return "\n".join(" ".join(line.split()) for line in text.strip().splitlines())
