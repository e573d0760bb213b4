"""What the catalogue tells of one job, in pieces that every kind of page can be made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Text:
    """Words."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """Something to be read letter by letter: a value, a name, a regular expression."""

    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """A name that leads to a table of the same page."""

    text: str
    anchor: str


Piece: TypeAlias = Text | Code | Link
Line: TypeAlias = tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One field of a payload."""

    path: str
    """From the table's own value: `customer.city`, `lines[]`, `variables.*`."""
    required: bool
    type: Line
    notes: tuple[Line, ...]
    """What else must hold, each in a few words."""
    description: str
    default: str | None
    """As JSON, and so are the examples."""
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The fields of a payload, or of a part that several fields share."""

    anchor: str
    title: str
    description: str
    type: Line
    notes: tuple[Line, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One job."""

    name: str
    """On the wire."""
    title: str
    description: str
    summary: tuple[str, ...]
    """Queue, retries and timeout, in a word or two each, for the list of jobs."""
    facts: tuple[tuple[str, Line], ...]
    calls: str
    """How a program queues it, in Python."""
    payload: Table
    parts: tuple[Table, ...]
    examples: tuple[str, ...]
    """Whole payloads, as JSON of several lines."""
    schema: str
    """The bundled schema, as JSON."""
