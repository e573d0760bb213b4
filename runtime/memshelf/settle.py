"""The decision what becomes of a job after an attempt: a pure function of the outcome and the job."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, assert_never

from memshelf.document import Record
from memshelf.outcome import (
    Discarded,
    Failed,
    HandedBack,
    Outcome,
    Postponed,
    Rejected,
    Snoozed,
    Stopped,
    Succeeded,
)
from memshelf.retry import RetryPolicy
from memshelf.states import Action

POSTPONED_FOR = timedelta(seconds=30)
TEXT_LIMIT = 4_000
"""Characters kept of a message or a traceback."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What one fenced write will record."""

    action: Action
    wait: timedelta | None = None
    """For a job that is ready again: how long from now; None keeps its place in the line."""
    charged: bool = True
    """Whether the attempt that the claim counted stays counted."""
    interrupted: bool = False
    """Whether a handler had begun that was not let finish."""
    error: dict[str, Any] | None = None
    """The entry for `errors[]`, without its time."""


def settle(outcome: Outcome, job: Record, retries: RetryPolicy, rng: random.Random) -> Settlement:
    """Decide what becomes of a job."""
    match outcome:
        case Succeeded():
            return Settlement("succeed")
        case Failed(fault, kind, after):
            error = _entry(job, kind, fault.type, fault.message, fault.traceback, fault.place)
            failures = max(1, job.attempts - job.lost)
            limit = retries.max + 1 if job.max_attempts is None else job.max_attempts
            if failures >= limit:
                return Settlement("die", error=error)
            return Settlement("retry", wait=retries.wait(failures, rng) if after is None else after, error=error)
        case Discarded(reason):
            return Settlement("die", error=_entry(job, "discard", "Discard", reason))
        case Snoozed(wait):
            return Settlement("snooze", wait=wait, charged=False)
        case HandedBack(begun):
            return Settlement("hand back", charged=False, interrupted=begun)
        case Stopped():
            return Settlement("stop", charged=False)
        case Rejected(problems, kind):
            text = "; ".join(map(str, problems))
            return Settlement("quarantine", charged=False, error=_entry(job, kind, "PayloadError", text))
        case Postponed(reason):
            again = bool(job.errors) and job.errors[-1].kind == "postponed"
            error_once = None if again else _entry(job, "postponed", "", reason)
            return Settlement("postpone", wait=POSTPONED_FOR, charged=False, error=error_once)
        case _:
            assert_never(outcome)


def _entry(
    job: Record, kind: str, type_name: str, message: str, traceback: str = "", place: str = ""
) -> dict[str, Any]:
    return {
        "attempt": job.attempts,
        "kind": kind,
        "type": storable(type_name)[:TEXT_LIMIT],
        "message": storable(message)[:TEXT_LIMIT],
        "traceback": storable(traceback)[-TEXT_LIMIT:],
        "place": storable(place)[:TEXT_LIMIT],
        "lease": job.lease,
        "worker": job.worker,
    }


def storable(text: str) -> str:
    """Give the text without lone surrogates, which BSON cannot hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
