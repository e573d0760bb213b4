"""Decide which ticks of a schedule make a job now: those on time all do, those that were missed by the misfire rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice

from memshelf.jobtype import Misfire
from memshelf.rhythm import Rhythm

MISSED_AFTER = timedelta(minutes=1)
"""How late a tick may become a job and still count as on time."""
BATCH = 100
"""Missed ticks that are made up for at a time."""


@dataclass(frozen=True, slots=True)
class Due:
    """The ticks that make a job now, oldest first, and the one that comes next."""

    ticks: tuple[datetime, ...]
    next: datetime | None
    """None when there is none any more; not later than now when more missed ticks wait for their turn."""


def due(rhythm: Rhythm, tick: datetime, now: datetime, misfire: Misfire) -> Due:
    """Decide at a time on all ticks from the one that is due first.

    Args:
        rhythm: when the schedule ticks.
        tick: the first tick that has made no job yet.
        now: by the server's clock.
        misfire: what becomes of ticks that were missed, by more than a minute: `skip` makes no job of them, `once` one
            for the newest, `all` one for each.
    """
    if tick > now:
        return Due((), tick)
    missed_before = max(tick, now - MISSED_AFTER)
    just_after_now = now + timedelta(microseconds=1)
    if misfire == "all":
        ticks = tuple(islice(rhythm.ticks(tick, just_after_now), BATCH))
        return Due(ticks, rhythm.after(ticks[-1] if len(ticks) == BATCH else now))
    missed = rhythm.last(tick, missed_before) if misfire == "once" else None
    on_time = rhythm.ticks(missed_before, just_after_now)
    return Due((*([missed] if missed else ()), *on_time), rhythm.after(now))


def tick_id(schedule: str, tick: datetime) -> str:
    """Give the id of the job of a tick, the same whoever makes it: `send-email#1@2027-03-28T07:00:00Z`."""
    precision = "milliseconds" if tick.microsecond else "seconds"
    return f"{schedule}@{tick.astimezone(UTC).isoformat(timespec=precision).replace('+00:00', 'Z')}"
