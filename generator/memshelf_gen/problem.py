"""A problem is one fault in what people wrote, with its position and with what would be right."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


class InvalidInput(Exception):
    """The schemas or the configuration are not usable; carries every fault of every file, sorted."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault, read as `schemas/email.yaml:7:5: x-job.retries: must be at least 0, got -1`."""

    path: str
    """The file, relative to the project's folder, with forward slashes."""
    line: int
    """From 1; 0 when the fault has no line, because the file is missing for instance."""
    column: int
    """From 1, in characters."""
    where: str
    """The place inside the document, such as `x-job.retries` or `properties.to.type`; empty for the whole of it."""
    text: str
    """What is wrong, and what would be right."""

    def __str__(self) -> str:
        position = f"{self.path}:{self.line}:{self.column}" if self.line else self.path
        return ": ".join(part for part in (position, self.where, self.text) if part)


def problem_of(error: OSError) -> Problem:
    """Say that the disk does not give or take a file."""
    return Problem(str(error.filename or "the disk"), 0, 0, "", error.strerror or str(error))


def did_you_mean(word: str, known: Iterable[str], *, otherwise: str = "") -> str:
    """Give `; did you mean 'required'?` when a known word is near, else the other text."""
    near = nearest(word, known)
    return f"; did you mean {near!r}?" if near else otherwise


def nearest(word: str, known: Iterable[str]) -> str:
    """Give the known word that another one is surely a slip for; empty when none is near."""
    lower = {each.casefold(): each for each in sorted(known)}
    near = difflib.get_close_matches(word.casefold(), lower, n=1, cutoff=0.7)
    return lower[near[0]] if near else ""


def shown(value: Any) -> str:
    """Show a value in a fault's text: short, and in the words of JSON; texts in single quotes."""
    match value:
        case dict() | list() if not value:
            return "an empty object" if isinstance(value, dict) else "an empty list"
        case dict():
            return "an object"
        case list():
            return "a list"
        case str():
            return repr(value if len(value) <= 60 else f"{value[:59]}…")
        case _:
            return json.dumps(value)[:60]
