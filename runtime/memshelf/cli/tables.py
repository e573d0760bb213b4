"""The tables that people see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from memshelf.cli.figures import printable, rough, since, size
from memshelf.health import WorkerNote
from memshelf.states import STATES, State

COLOURS: dict[State, str] = {
    "ready": "cyan",
    "running": "blue",
    "succeeded": "green",
    "dead": "red",
    "cancelled": "dim",
    "quarantined": "magenta",
}


def table(*headings: str) -> Table:
    """Begin a table; a heading that begins with `>` is of a column of numbers."""
    begun = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for heading in headings:
        numeric = heading.startswith(">")
        begun.add_column(heading.removeprefix(">"), justify="right" if numeric else "left", overflow="fold")
    return begun


def lines(texts: Iterable[str], colour: str) -> list[Text]:
    """Give one line for each text."""
    return [Text(f"  {printable(text)}", style=colour) for text in texts]


def state_text(state: object) -> Text:
    """Give a state in its colour."""
    return Text(printable(state), style=next((colour for known, colour in COLOURS.items() if known == state), ""))


def counts_table(counts: Mapping[str, Mapping[State, int]]) -> Table:
    """Give how many jobs there are, by name and state."""
    drawn = table("job", *(f">{state}" for state in STATES))
    for name, states in counts.items():
        drawn.add_row(
            Text(printable(name)),
            *(Text(str(states[state]), COLOURS[state]) if state in states else "" for state in STATES),
        )
    return drawn


def workers_table(workers: Sequence[WorkerNote]) -> Table:
    """Give how the workers are."""
    isolated = any(worker.children for worker in workers)
    children = [">children"] if isolated else []
    drawn = table("worker", ">running", *children, ">done", "memory", "up", "wakes by", "seen")
    for worker in workers:
        drawn.add_row(
            Text(printable(worker.name)),
            f"{worker.running} of {worker.capacity}",
            *([str(worker.children)] if isolated else []),
            str(worker.done),
            size(worker.memory),
            rough(worker.uptime),
            worker.wake,
            Text(f"{rough(worker.seen_ago)} ago", style="red" if worker.stale else ""),
        )
    return drawn


WIDE = 110
"""Columns of a terminal from which on a list of jobs has all that it can have."""


def jobs_table(documents: Iterable[Mapping[str, Any]], now: datetime, *, width: int) -> Table:
    """Give stored jobs, one a line; ids stay in one piece, to be copied."""
    wide = width >= WIDE
    drawn = table("id", "job", "state", ">attempts", *(["queue", ">priority"] if wide else []), "when", "last error")
    drawn.columns[0].no_wrap = True
    for document in documents:
        errors = document.get("errors")
        last = errors[-1] if isinstance(errors, list) and errors and isinstance(errors[-1], Mapping) else {}
        drawn.add_row(
            Text(printable(document.get("_id"))),
            Text(printable(document.get("name"))),
            state_text(document.get("state")),
            str(document.get("attempts", 0)),
            *([Text(printable(document.get("queue"))), Text(str(document.get("priority", "")))] if wide else []),
            _when(document, now),
            Text(printable(last.get("type") or last.get("kind") or "")),
        )
    return drawn


def _when(document: Mapping[str, Any], now: datetime) -> str:
    """Say of a job what its state makes people ask: since when, or when."""
    match document.get("state"):
        case "ready":
            return f"due {since(document.get('runAt'), now)}"
        case "running":
            return f"started {since(document.get('startedAt'), now)}"
        case _:
            return f"ended {since(document.get('finishedAt'), now)}"
