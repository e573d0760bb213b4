"""Which jobs a command is about: a filter from options such as `--state`, `--name` and `--since`."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any

import typer

from memshelf.durations import parse_duration
from memshelf.errors import InputError, WhenError
from memshelf.jobtype import Catalog
from memshelf.selection import JobFilter
from memshelf.states import STATES
from memshelf.zones import find_zone

States = Annotated[
    list[str] | None,
    typer.Option("--state", "-s", metavar="STATE", help=f"{', '.join(STATES[:-1])} or {STATES[-1]}; may be repeated."),
]
Names = Annotated[
    list[str] | None,
    typer.Option("--name", "-n", metavar="JOB", help="Only jobs of this name; may be repeated."),
]
Queue = Annotated[list[str] | None, typer.Option("--queue", "-q", metavar="NAME", help="Only jobs of this queue.")]
Since = Annotated[
    str | None,
    typer.Option("--since", metavar="WHEN", help="Only what ended then or later: 2h (ago), or ISO 8601."),
]
Until = Annotated[
    str | None, typer.Option("--until", metavar="WHEN", help="Only what ended before then: 2h (ago), or ISO 8601.")
]
Error = Annotated[
    str | None, typer.Option("--error", metavar="CLASS", help="Only jobs whose last error is of this class.")
]
Said = Annotated[
    str | None, typer.Option("--message", metavar="TEXT", help="Only jobs whose last error's message has this text.")
]
Place = Annotated[
    str | None,
    typer.Option("--place", metavar="TEXT", help="Only jobs whose last error was raised there: jobs/email.py:31."),
]


def chosen(
    states: Sequence[str] | None,
    names: Sequence[str] | None,
    queues: Sequence[str] | None,
    *,
    catalog: Catalog | None = None,
    before: datetime | None = None,
    allowed: Sequence[str] = STATES,
) -> dict[str, Any]:
    """Give the query.

    Args:
        catalog: lets a name be a schema's path or a previous name too.
        before: only jobs that finished before this time, or that wait since a time before it.
        allowed: the states that the command can be about.

    Raises:
        InputError: a state is none of those.
    """
    check_states(states, allowed)
    wanted: Any = states or ()
    meant = JobFilter(states=wanted, names=names or (), queues=queues or (), until=before)
    return meant.query(before or datetime.min, catalog)


def check_states(states: Sequence[str] | None, allowed: Sequence[str]) -> None:
    """Refuse a state that a command is not about.

    Raises:
        InputError: there is one.
    """
    wrong = [state for state in states or () if state not in allowed]
    if wrong:
        raise InputError(f"--state {wrong[0]}: must be {', '.join(allowed[:-1])} or {allowed[-1]}")


def moment(option: str, text: str | None, now: datetime, zone: str) -> datetime | None:
    """Read a time of the past: how long ago, or ISO 8601, which is local where it has no offset.

    Raises:
        WhenError: it is neither.
    """
    if text is None:
        return None
    with suppress(WhenError):
        return now - parse_duration(text)
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise WhenError(
            f"{option} {text}: must be a duration such as 2h, which is how long ago, or ISO 8601 such as "
            "2031-05-17T09:30:00Z"
        ) from None
    return read if read.tzinfo is not None else read.replace(tzinfo=find_zone(zone))


def said(
    number: int,
    states: Sequence[str] | None,
    names: Sequence[str] | None,
    queues: Sequence[str] | None,
    **narrowed: str | None,
) -> str:
    """Say the choice in words: `3 dead jobs of send-email in the queue mail, since 2h`."""
    text = f"{number} {' or '.join(states)} " if states else f"{number} "
    text += "job" if number == 1 else "jobs"
    text += f" of {' or '.join(names)}" if names else ""
    text += f" in the queue {' or '.join(queues)}" if queues else ""
    return text + "".join(f", {word} {value}" for word, value in narrowed.items() if value is not None)
