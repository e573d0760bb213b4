"""A document is one schema file as plain JSON values, with the position of each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from memshelf_gen.problem import Problem

Steps: TypeAlias = tuple[str | int, ...]
"""The way from a document's root to a value: `("properties", "to", "type")`."""


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A position in a text; both count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Document:
    """One schema file, read but not yet judged."""

    source: str
    """Relative to the schema folder, with forward slashes: `billing/invoice.yaml`."""
    path: str
    """Relative to the project's folder, as people read it: `schemas/billing/invoice.yaml`."""
    value: dict[str, Any]
    marks: Mapping[Steps, Mark]
    """Where each value stands: a member of an object at its key, an item of a list at its first sign."""
    digest: str = ""
    """Tells whether the file is still the same, comments aside."""
    text: str = field(default="", repr=False)
    """The file as it is written, for those who look at how a thing is said."""

    @property
    def is_json(self) -> bool:
        """Whether the file is JSON, by its name."""
        return self.source.lower().endswith(".json")

    def problem(self, at: Steps, text: str, *, where: Steps | None = None) -> Problem:
        """Say what is wrong with the value at some steps; `where` names another place than the position's."""
        mark = self.mark(at)
        return Problem(self.path, mark.line, mark.column, dotted(at if where is None else where), text)

    def mark(self, at: Steps) -> Mark:
        """Give the position of a value, or of the nearest one above it that has a position."""
        while at not in self.marks and at:
            at = at[:-1]
        return self.marks.get(at, Mark(1, 1))

    def get(self, at: Steps) -> Any:
        """Give the value at some steps; KeyError when there is none."""
        found: Any = self.value
        for step in at:
            match found, step:
                case dict(), str() if step in found:
                    found = found[step]
                case list(), int() if step < len(found):
                    found = found[step]
                case _:
                    raise KeyError(at)
        return found


def dotted(steps: Steps) -> str:
    """Write steps as people read them: `properties.to.type`, `oneOf.0`."""
    return ".".join(map(str, steps))
