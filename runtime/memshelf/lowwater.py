"""Remember where the waiting jobs begin, so that a claim need not pass the index entries of all that are gone.

A job that was claimed leaves a dead entry in the index, which the server keeps as long as its history, five minutes
unless it is told otherwise. A look from the top passes all of them: measured after 5,000 jobs, that takes four times as
long. A look from the mark, which is where the last one found its first job, passes none.

What comes to lie above the mark (a higher priority, an earlier time, a job that was handed back) is found by a look from
the top. There is one at least every PERIOD, one as soon as a look from the mark finds less than was asked for, and one
when jobs of another name or queue may start. So nothing waits for its turn longer than PERIOD because of the mark.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson.datetime_ms import DatetimeMS

PERIOD = 0.25
"""Seconds after which a worker looks from the top again."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the order of jobs: the highest priority first, then the earliest time, then the lowest id."""

    priority: int
    run_at: datetime | DatetimeMS
    id: object = None
    """Set where many jobs have the very same time, as those that were queued by one call; else None."""

    def narrow(self, due: Mapping[str, Any]) -> dict[str, Any]:
        """Give a filter for due jobs that leaves out what lies above."""
        ids = {} if self.id is None else {"_id": {**due["_id"], "$gte": self.id}}
        return {**due, **ids, "priority": {"$lte": self.priority}, "runAt": {**due["runAt"], "$gte": self.run_at}}


def mark(found: Sequence[Mapping[str, Any]]) -> Mark | None:
    """Give the place of the first of some candidates; None where there is none, or one with strange fields."""
    if not found:
        return None
    first, last = found[0], found[-1]
    priority, run_at = first.get("priority"), first.get("runAt")
    if type(priority) is not int or not isinstance(run_at, datetime | DatetimeMS):
        return None
    together = len(found) > 1 and last.get("runAt") == run_at
    return Mark(priority, run_at, first["_id"] if together else None)


class LowWater:
    """Where one worker starts to look."""

    def __init__(self) -> None:
        self._mark: Mark | None = None
        self._top = float("-inf")
        self._scope: frozenset[tuple[str, ...]] = frozenset()

    def start(self, queues: tuple[str, ...], names: Iterable[str], now: float) -> Mark | None:
        """Give where to start a look for jobs of these queues and names; None means the top."""
        scope = frozenset({("queues", *queues), *((name,) for name in names)})
        if now - self._top >= PERIOD or not scope <= self._scope:
            self._mark = None
        self._scope = scope  # Others' jobs may come to lie above the mark from now on.
        return self._mark

    def looked(self, found: Sequence[Mapping[str, Any]], *, top: bool, now: float) -> None:
        """Remember what a look found that skipped nothing.

        Args:
            found: candidates, in order.
            top: whether it looked from the top, in the end.
            now: when it began.
        """
        if top:
            self._top = now
        self._mark = mark(found)
