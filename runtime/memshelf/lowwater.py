"""Remember where the waiting jobs begin, so that a claim need not pass the index entries of all that are gone.

A job that was claimed leaves a dead entry in the index, which the server keeps as long as its history, five minutes
unless it is told otherwise. A look from the top passes all of them: measured after 5,000 jobs, that takes four times as
long. A look from the mark, which is where the last one found its first job, passes none.

What comes to lie above the mark (a higher priority, an earlier time, a job that was handed back) is found from the top.
A worker looks there at least every PERIOD, as soon as a look from the mark finds less than was asked for, and when jobs
of another name or queue may start. So nothing waits for its turn longer than PERIOD because of the mark. What is found
from the mark is an unbroken part of the order of jobs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson.datetime_ms import DatetimeMS

PERIOD = 0.25
"""Seconds after which a worker looks from the top again."""
TIMES = (datetime, DatetimeMS)
ORDER = (("priority", -1), ("runAt", 1), ("_id", 1))
"""In which jobs are claimed."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the order of jobs."""

    priority: int | float
    run_at: datetime | DatetimeMS
    id: object = None
    """Set among jobs that have the very same time, as those that were queued by one call; else None."""

    def narrow(self, due: Mapping[str, Any]) -> dict[str, Any]:
        """Give a filter for due jobs that finds an unbroken part of their order, from the mark on."""
        if self.id is None:
            return {**due, "priority": self.priority, "runAt": {**due["runAt"], "$gte": self.run_at}}
        same_time = {**due["runAt"], "$eq": self.run_at}
        return {**due, "priority": self.priority, "runAt": same_time, "_id": {**due["_id"], "$gte": self.id}}

    @property
    def order(self) -> list[tuple[str, int]]:
        """The order without what is the same for all that is found: with it, the server would sort in memory."""
        return list(ORDER[1:] if self.id is None else ORDER[2:])


def mark(found: Sequence[Mapping[str, Any]]) -> Mark | None:
    """Give the place of the first of some candidates; None where there is none, or one with strange fields."""
    if not found:
        return None
    first, last = found[0], found[-1]
    priority, run_at = first.get("priority"), first.get("runAt")
    if isinstance(priority, bool) or not isinstance(priority, int | float) or not isinstance(run_at, TIMES):
        return None
    together = len(found) > 1 and last.get("runAt") == run_at
    return Mark(priority, run_at, first["_id"] if together else None)


class LowWater:
    """Where one worker starts to look."""

    def __init__(self) -> None:
        self._mark: Mark | None = None
        self._top = float("-inf")
        self._queues: tuple[str, ...] = ()
        self._names: frozenset[str] = frozenset()

    def start(self, queues: tuple[str, ...], names: Iterable[str], now: float) -> Mark | None:
        """Give where to start a look for jobs of these queues and names; None means the top."""
        wanted = frozenset(names)
        if now - self._top >= PERIOD or queues != self._queues or not wanted <= self._names:
            self._mark = None
        self._queues, self._names = queues, wanted  # From now on, jobs of others may come to lie above the mark.
        return self._mark

    def looked(self, found: Sequence[Mapping[str, Any]], *, full: bool, top: bool, skipped: bool, now: float) -> None:
        """Remember what a look found.

        Args:
            found: candidates, in order.
            full: whether those were as many as was asked for; a short line is looked at from the top again.
            top: whether it looked from the top, in the end.
            skipped: whether there are others before them, so that nothing is known of where the waiting jobs begin.
            now: when it began.
        """
        if skipped:
            return
        if top:
            self._top = now
        self._mark = mark(found) if full else None
