"""How an attempt can end, and what a handler raises to say so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

from memshelf.durations import parse_duration
from memshelf.errors import Problem, WhenError

FARTHEST = timedelta(days=36_525)
"""The longest that a handler may put a job off."""


class Signal(Exception):
    """What a handler raises to choose how its attempt ends."""


class Retry(Signal):
    """Fail this attempt and run again after a time of the handler's choosing; counts against `retries`.

    Args:
        after: a timedelta or a duration such as `"30s"`; None takes the schema's backoff.
        reason: kept in the job's errors, and logged: no payload values here.
    """

    def __init__(self, *, after: timedelta | str | None = None, reason: str = "") -> None:
        self.after = None if after is None else _duration(after)
        self.reason = reason
        super().__init__(reason or "the handler asked for a retry")


class Snooze(Signal):
    """Run again after a time, without charging the attempt.

    Args:
        for_: a timedelta or a duration such as `"10 minutes"`.
    """

    def __init__(self, for_: timedelta | str) -> None:
        self.wait = _duration(for_)
        super().__init__("the handler asked for later")


class Discard(Signal):
    """Give the job up at once: it becomes dead, whatever retries it has left.

    Args:
        reason: kept in the job's errors, and logged: no payload values here.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is kept of an exception: no variables, no payload."""

    type: str
    message: str
    traceback: str = ""
    place: str = ""
    """Where it was raised: `jobs/email.py:31 in handle`."""


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The handler returned."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The handler raised; `after` overrides the backoff."""

    fault: Fault
    kind: str = "error"
    after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Discarded:
    """The handler gave the job up."""

    reason: str


@dataclass(frozen=True, slots=True)
class Snoozed:
    """The handler asked for later."""

    wait: timedelta


@dataclass(frozen=True, slots=True)
class HandedBack:
    """The worker stops before the handler ended, or did not begin it."""

    begun: bool = True


@dataclass(frozen=True, slots=True)
class Stopped:
    """The cancellation that was requested took effect."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """The job cannot be what its producer promised."""

    problems: Sequence[Problem]
    kind: str = "invalid"


@dataclass(frozen=True, slots=True)
class Postponed:
    """The payload may be right for another version of the worker."""

    reason: str


Outcome: TypeAlias = Succeeded | Failed | Discarded | Snoozed | HandedBack | Stopped | Rejected | Postponed


def _duration(value: timedelta | str) -> timedelta:
    wait = parse_duration(value) if isinstance(value, str) else value
    if wait > FARTHEST:
        raise WhenError(f"{wait} is more than a hundred years; discard the job instead")
    return max(wait, timedelta(0))
