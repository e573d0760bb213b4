"""When a schedule ticks: by a cron text in a time zone, or at every multiple of an interval from an anchor.

Where a zone changes its offset, a schedule at fixed times has one tick for each local time that it names: one that is
skipped moves forward by the length of the gap (RFC 5545, section 3.3.5, as everywhere in memshelf), one that comes
twice is the first of the two, and two that meet are one tick. A schedule that repeats, with a `*` in its seconds,
minutes or hours, goes by the face of the clock: times that come twice are two ticks, those that are skipped are none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from memshelf.crontext import Cron, CronError, read_cron
from memshelf.durations import parse_duration
from memshelf.errors import InputError, WhenError
from memshelf.zones import find_zone

SHORTEST = timedelta(seconds=1)
LONGEST = timedelta(days=36_525)
WIDEST_GAP = timedelta(hours=26)
"""No zone has ever skipped more than a day."""
FIRST_LOOK_BACK = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ByCron:
    """Ticks at the local times of a cron text."""

    cron: Cron
    zone: tzinfo

    def after(self, instant: datetime) -> datetime | None:
        """Give the first tick after an instant, in UTC; None when there is none before the year 9999."""
        here = instant.astimezone(self.zone)
        best: datetime | None = None
        for local in self.cron.times((here - self._back(here)).replace(tzinfo=None, fold=0)):
            for tick in self._instants(local):
                if tick > instant and (best is None or tick < best):
                    best = tick
            if best is not None and not self._odd(local):
                break  # Every later local time is a later instant.
        return best

    def last(self, start: datetime, end: datetime) -> datetime | None:
        """Give the last tick from `start` to before `end`, or None."""
        span = FIRST_LOOK_BACK
        while start < end:
            begin = max(start, end - span)
            found = None
            for tick in self.ticks(begin, end):
                found = tick
            if found is not None or begin == start:
                return found
            span *= 8
        return None

    def ticks(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """Give the ticks from `start` to before `end`."""
        tick = self.after(start - timedelta(microseconds=1))
        while tick is not None and tick < end:
            yield tick
            tick = self.after(tick)

    def _instants(self, local: datetime) -> Iterator[datetime]:
        """Give the instants that a local time means."""
        first = local.replace(tzinfo=self.zone)
        if not self.cron.repeats:
            yield first.astimezone(UTC)
            return
        for each in (first, first.replace(fold=1)) if self._odd(local) else (first,):
            tick = each.astimezone(UTC)
            if tick.astimezone(self.zone).replace(tzinfo=None) == local:
                yield tick

    def _odd(self, local: datetime) -> bool:
        """Whether a local time is skipped or comes twice."""
        first = local.replace(tzinfo=self.zone)
        return first.utcoffset() != first.replace(fold=1).utcoffset()

    def _back(self, here: datetime) -> timedelta:
        """Give how far before the present local time there may be others whose instants are still to come."""
        if self.cron.repeats:
            odd = here.fold == 0 and self._odd(here.replace(tzinfo=None))
            return _offset(here) - _offset(here.replace(fold=1)) if odd else timedelta(0)
        before = (here.astimezone(UTC) - WIDEST_GAP).astimezone(self.zone)
        return max(timedelta(0), _offset(here) - _offset(before))


@dataclass(frozen=True, slots=True)
class ByInterval:
    """Ticks at the anchor plus one, two, three … intervals."""

    every: timedelta
    anchor: datetime

    def after(self, instant: datetime) -> datetime | None:
        """Give the first tick after an instant, in UTC."""
        try:
            return self.anchor + self.every * max(1, (instant - self.anchor) // self.every + 1)
        except OverflowError:
            return None

    def last(self, start: datetime, end: datetime) -> datetime | None:
        """Give the last tick from `start` to before `end`, or None."""
        tick = self.anchor + self.every * -((self.anchor - end) // self.every + 1)
        return tick if start <= tick < end and tick > self.anchor else None

    def ticks(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """Give the ticks from `start` to before `end`."""
        tick = self.after(start - timedelta(microseconds=1))
        while tick is not None and tick < end:
            yield tick
            tick = self.after(tick)


Rhythm = ByCron | ByInterval


def by_cron(text: str, timezone: str) -> ByCron:
    """Read a cron text in the zone of an IANA name.

    Raises:
        WhenError: it is none, or there is no such zone.
    """
    try:
        return ByCron(read_cron(text), find_zone(timezone))
    except CronError as error:
        raise WhenError(f"cron: {error}") from None


def interval(text: str | timedelta) -> timedelta:
    """Read an interval: `15 minutes`, `every 15 minutes`, or a timedelta.

    Raises:
        WhenError: it is none, shorter than a second or longer than a hundred years.
    """
    every = parse_duration(text.removeprefix("every ")) if isinstance(text, str) else text
    if not isinstance(every, timedelta):
        raise InputError(f"an interval is a text such as `15 minutes` or a timedelta, got {type(every).__name__}")
    every = every // timedelta(milliseconds=1) * timedelta(milliseconds=1)
    if not SHORTEST <= every <= LONGEST:
        raise WhenError(f"every: must be from 1 second to a hundred years, got {text!r}")
    return every


def _offset(local: datetime) -> timedelta:
    return local.utcoffset() or timedelta(0)
