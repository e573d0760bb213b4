"""Read a cron text: which local times it means, or what is wrong with it and what would be right.

Five fields are minute, hour, day of the month, month and weekday; six have the second in front. A field is a list of
values, ranges and steps: `0`, `1-5`, `*/15`, `mon-fri`, `8-18/2`, `1,15`; a range may go past the end (`22-4`,
`fri-mon`). `L` is the last day of a month, `fri#2` its second Friday, `friL` its last one. As crontab(5) says, when
both days are restricted, that is, neither has a `*`, either of them is enough; otherwise both must hold.

The generator and the runtime each have this file, and a test holds the two equal: neither imports the other.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

LONGEST = 200
"""Characters that a text may have."""
LAST_YEAR = 9998
NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * sun",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_VALUE = "[0-9]{1,4}|[a-z]{3}"
_ITEM = re.compile(rf"(?:(?P<all>\*)|(?P<low>{_VALUE})(?:-(?P<high>{_VALUE}))?)(?:/(?P<step>[0-9]{{1,4}}))?")
_SPECIAL_DAY = re.compile(r"(?P<day>[0-9]|[a-z]{3})(?:#(?P<nth>[0-9]+)|(?P<last>l))")


class CronError(ValueError):
    """A text that is no cron text; says what is wrong and what would be right."""


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    low: int
    high: int
    example: str
    names: tuple[str, ...] = ()

    @property
    def right(self) -> str:
        """What a value of the field is."""
        named = f" or {self.names[0]} to {self.names[-1]}" if self.names else ""
        return f"{self.low} to {self.high}{named}, such as {self.example}"


_FIELDS = (
    _Field("second", 0, 59, "`0` or `*/15`"),
    _Field("minute", 0, 59, "`0`, `*/15` or `10,40`"),
    _Field("hour", 0, 23, "`9`, `8-18` or `*/2`"),
    _Field("day of the month", 1, 31, "`1`, `1,15` or `L` for the last"),
    _Field("month", 1, 12, "`1` or `jan-mar`", _MONTHS),
    _Field("weekday", 0, 7, "`mon-fri`, `sun` or `fri#2` for the second Friday", _WEEKDAYS),
)


@dataclass(frozen=True, slots=True)
class Cron:
    """The local times that a cron text means; weekdays count from Sunday, which is 0."""

    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    last_day: bool
    """Whether the last day of a month is meant too."""
    nth: frozenset[tuple[int, int]]
    """Weekdays that are the nth of their kind in a month; -1 is the last."""
    either: bool
    """Whether the day of the month or the weekday is enough."""
    repeats: bool
    """Whether it goes by the clock's face, with a `*` in its seconds, minutes or hours, and not at fixed times."""

    def times(self, start: datetime) -> Iterator[datetime]:
        """Give the naive local times from `start` on, that one included, in order, up to the year 9998."""
        day, first = start.date(), start
        if start.microsecond:
            first = start.replace(microsecond=0) + timedelta(seconds=1)
            day = first.date()
        while day.year <= LAST_YEAR:
            if day.month not in self.months:
                day = _next_month(day)
                continue
            if self.on(day):
                yield from self._times_of(day, first)
            day += timedelta(days=1)

    def on(self, day: date) -> bool:
        """Whether a day of one of the months has ticks."""
        by_month = day.day in self.days or (self.last_day and day.day == _length(day))
        weekday = day.isoweekday() % 7
        last = day.day > _length(day) - 7
        ranks = {(weekday, (day.day + 6) // 7), *([(weekday, -1)] if last else [])} if self.nth else set()
        by_week = weekday in self.weekdays or bool(ranks & self.nth)
        return by_month or by_week if self.either else by_month and by_week

    def _times_of(self, day: date, first: datetime) -> Iterator[datetime]:
        whole = day != first.date()
        for hour in self.hours:
            if not whole and hour < first.hour:
                continue
            for minute in self.minutes:
                if not whole and (hour, minute) < (first.hour, first.minute):
                    continue
                for second in self.seconds:
                    time = datetime(day.year, day.month, day.day, hour, minute, second)
                    if time >= first:
                        yield time


def read_cron(text: str) -> Cron:
    """Read a cron text; capitals do not matter.

    Raises:
        CronError: it is none, or means a day that never comes.
    """
    if not isinstance(text, str):
        raise CronError(f"must be a text such as `0 9 * * mon-fri`, got {type(text).__name__}")
    if len(text) > LONGEST:
        raise CronError(f"must have at most {LONGEST} characters, got {len(text)}")
    lower = text.lower().strip()
    fields = NICKNAMES.get(lower, lower).split()
    if lower.startswith("@") and lower not in NICKNAMES:
        raise CronError(f"{text!r} is not known; known are {', '.join(NICKNAMES)}")
    if len(fields) not in (5, 6):
        raise CronError(
            "must have five fields (minute, hour, day of the month, month, weekday), or six with the second in front, "
            f"got {len(fields)} in {text!r}; `0 9 * * mon-fri` is nine o'clock from Monday to Friday"
        )
    texts = ["0", *fields] if len(fields) == 5 else fields
    last_day, days = _take_last(texts[3])
    nth, weekdays = _take_special(texts[5])
    cron = Cron(
        seconds=_values(_FIELDS[0], texts[0]),
        minutes=_values(_FIELDS[1], texts[1]),
        hours=_values(_FIELDS[2], texts[2]),
        days=frozenset(_values(_FIELDS[3], days) if days else ()),
        months=frozenset(_values(_FIELDS[4], texts[4])),
        weekdays=frozenset(value % 7 for value in (_values(_FIELDS[5], weekdays) if weekdays else ())),
        last_day=last_day,
        nth=frozenset(nth),
        either="*" not in texts[3] and "*" not in texts[5],
        repeats=any("*" in each for each in texts[:3]),
    )
    _refuse_never(cron, text)
    return cron


def _values(field: _Field, text: str) -> tuple[int, ...]:
    found: set[int] = set()
    for item in text.split(","):
        read = _ITEM.fullmatch(item)
        if read is None:
            raise CronError(f"{field.name}: {item!r} cannot be read; it is {field.right}")
        high = field.high - 1 if field.high == 7 else field.high
        if read["all"]:
            first, last = field.low, high
        else:
            first = _value(field, read["low"])
            last = _value(field, read["high"]) if read["high"] else high if read["step"] else first
        step = int(read["step"] or 1)
        most = field.high - field.low
        if not 1 <= step <= most:
            raise CronError(f"{field.name}: the step of {item!r} must be 1 to {most}")
        size = field.high - field.low + (field.high != 7)
        length = last - first if last >= first else last - first + size  # A range may go past the end.
        found.update((first - field.low + each) % size + field.low for each in range(0, length + 1, step))
    return tuple(sorted(found))


def _value(field: _Field, word: str) -> int:
    if word in field.names:
        return field.names.index(word) + field.low
    if not word.isdecimal() or not field.low <= int(word) <= field.high:
        raise CronError(f"{field.name}: {word!r} is not one; it is {field.right}")
    return int(word)


def _take_last(text: str) -> tuple[bool, str]:
    """Take `L` out of the list of days."""
    items = text.split(",")
    return "l" in items, ",".join(item for item in items if item != "l")


def _take_special(text: str) -> tuple[list[tuple[int, int]], str]:
    """Take `fri#2` and `friL` out of the list of weekdays."""
    nth, rest = [], []
    for item in text.split(","):
        read = _SPECIAL_DAY.fullmatch(item)
        if read is None:
            rest.append(item)
            continue
        day = _value(_FIELDS[5], read["day"]) % 7
        if read["nth"] and not 1 <= int(read["nth"]) <= 5:
            raise CronError(f"weekday: {item!r}: a month has the first to the fifth of a weekday, #1 to #5")
        nth.append((day, int(read["nth"]) if read["nth"] else -1))
    return nth, ",".join(rest)


def _refuse_never(cron: Cron, text: str) -> None:
    """Refuse what means no day at all, such as the 30th of February; the calendar repeats itself after 400 years."""
    if cron.last_day or cron.either or (cron.weekdays and cron.days & {*range(1, 29)}):
        return
    years = range(2000, 2400)
    if not any(
        cron.on(date(year, month, day))
        for month in cron.months
        for day in cron.days
        for year in years
        if day <= calendar.monthrange(year, month)[1]
    ):
        raise CronError(f"{text!r} never comes: no such month has that day")


def _length(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
