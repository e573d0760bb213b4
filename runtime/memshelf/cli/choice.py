"""Which jobs a command is about: a filter from the options `--state`, `--name`, `--queue` and `--older-than`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import typer

from memshelf.errors import InputError
from memshelf.jobtype import Catalog
from memshelf.states import STATES

States = Annotated[
    list[str] | None,
    typer.Option("--state", "-s", metavar="STATE", help=f"{', '.join(STATES[:-1])} or {STATES[-1]}; may be repeated."),
]
Names = Annotated[
    list[str] | None,
    typer.Option("--name", "-n", metavar="JOB", help="Only jobs of this name; may be repeated."),
]
Queue = Annotated[list[str] | None, typer.Option("--queue", "-q", metavar="NAME", help="Only jobs of this queue.")]


def chosen(
    states: Sequence[str] | None,
    names: Sequence[str] | None,
    queues: Sequence[str] | None,
    *,
    catalog: Catalog | None = None,
    before: datetime | None = None,
    allowed: Sequence[str] = STATES,
) -> dict[str, Any]:
    """Give the filter.

    Args:
        catalog: lets a name be a schema's path or a previous name too.
        before: only jobs that finished before this time, or that wait since a time before it.
        allowed: the states that the command can be about.

    Raises:
        InputError: a state is none of those.
    """
    wrong = [state for state in states or () if state not in allowed]
    if wrong:
        raise InputError(f"--state {wrong[0]}: must be {', '.join(allowed[:-1])} or {allowed[-1]}")
    found: dict[str, Any] = {}
    if states:
        found["state"] = {"$in": list(states)}
    if names:
        found["name"] = {"$in": [wire for name in names for wire in wire_names(name, catalog)]}
    if queues:
        found["queue"] = {"$in": list(queues)}
    if before is not None:
        found["$or"] = [{"finishedAt": {"$lt": before}}, {"finishedAt": {"$exists": False}, "runAt": {"$lt": before}}]
    return found


def wire_names(name: str, catalog: Catalog | None) -> list[str]:
    """Give the names under which jobs of a name may be stored; a name that no catalog knows stands for itself."""
    job = None if catalog is None else catalog.find(name)
    return [name] if job is None else [job.name, *job.previous_names]


def said(number: int, states: Sequence[str] | None, names: Sequence[str] | None, queues: Sequence[str] | None) -> str:
    """Say the choice in words: `3 dead jobs of send-email in the queue mail`."""
    text = f"{number} {' or '.join(states)} " if states else f"{number} "
    text += "job" if number == 1 else "jobs"
    text += f" of {' or '.join(names)}" if names else ""
    return text + (f" in the queue {' or '.join(queues)}" if queues else "")
