"""The point in time that a caller means: a datetime, a timedelta, ISO 8601, or words of a small grammar.

The grammar never guesses: a text has exactly one reading, written in docs/when.md, or it is an error that lists the
forms. Words are read in one time zone. A day without a time means its beginning, 00:00. Where a zone changes its
offset, the rules of RFC 5545 (section 3.3.5) hold: a local time that occurs twice is the first of the two, and one that
is skipped is read with the offset from before the change, which moves it forward by the length of the gap.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TypeAlias

from memshelf.durations import parse_duration
from memshelf.errors import WhenError
from memshelf.zones import find_zone

When: TypeAlias = str | datetime | timedelta
"""What every `at=` and `schedule` takes."""

FORMS = (
    "an aware datetime",
    "a timedelta",
    "`2031-05-17T09:30:00Z`",
    "`2031-05-17T09:30:00+02:00`",
    "`2031-05-17T09:30` or `2031-05-17` (local)",
    "`now`",
    "`in 30 minutes`",
    "`in 1h30m`",
    "`at 17:30`",
    "`at noon`",
    "`today at 17:30`",
    "`tomorrow`",
    "`tomorrow at 9am`",
    "`monday at 9:00`",
    "`next monday`",
    "`next monday at noon`",
)
"""Every form, as error messages list them."""

FARTHEST = timedelta(days=36_525)
"""A hundred years: a time beyond is taken for a mistake."""

LONGEST = 100
"""Characters that a text may have."""

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def resolve(when: When, *, now: datetime, timezone: str = "UTC") -> datetime:
    """Give the instant that `when` means.

    Args:
        when: see `FORMS`; a timedelta counts from now.
        now: an aware datetime; no clock is read.
        timezone: the IANA name of the zone in which words and local times are read.

    Returns:
        An aware datetime in UTC, cut to milliseconds, as MongoDB keeps it; never before now, cut likewise.

    Raises:
        WhenError: it cannot be read, lies in the past or more than a hundred years ahead.
    """
    if now.utcoffset() is None:
        raise WhenError("`now` must be an aware datetime, such as datetime.now(UTC)")
    zone = find_zone(timezone)
    try:
        return _resolve(when, _cut(now.astimezone(UTC)), zone)
    except OverflowError:
        raise WhenError(f"{_shown(when)} lies outside the years 1 to 9999; {_forms()}") from None
    except WhenError as error:
        raise WhenError(f"{error}; {_forms()}") from None


def _resolve(when: object, now: datetime, zone: tzinfo) -> datetime:
    instant = _cut(_instant(when, now, zone).astimezone(UTC))
    if instant < now:
        raise WhenError(
            f"{_shown(when)} is in the past: it means {_iso(instant)}, and it is {_iso(now)}; "
            "leave the time out, or write `now`, to run at once"
        )
    if instant - now > FARTHEST:
        raise WhenError(f"{_shown(when)} means {_iso(instant)}, more than a hundred years ahead")
    return instant


def _instant(when: object, now: datetime, zone: tzinfo) -> datetime:
    match when:
        case str():
            return _read(when, now, zone)
        case datetime():
            if when.utcoffset() is None:
                raise WhenError(
                    f"the datetime {when.isoformat()} is naive: it does not say in which time zone it is meant; "
                    "write datetime(…, tzinfo=UTC), tzinfo=ZoneInfo('Europe/Paris') or datetime.now(UTC) + …"
                )
            return when
        case timedelta():
            return now + when
        case date():
            raise WhenError(
                f"a date has no time and no time zone; write the text '{when.isoformat()}' for its beginning "
                "in `timezone`, or an aware datetime"
            )
        case bool():
            raise WhenError("a bool is not a time")
        case int() | float():
            raise WhenError(
                "a plain number does not say of what; write timedelta(seconds=…), `in 30 seconds` "
                "or datetime.fromtimestamp(…, UTC)"
            )
        case _:
            raise WhenError(f"{type(when).__name__} is not a time")


def _read(text: str, now: datetime, zone: tzinfo) -> datetime:
    words = " ".join(text.split()) if len(text) <= LONGEST else text
    instant = _match(words, now, zone)
    if instant is None:
        raise WhenError(f"{_shown(text)} is not a time{_suggestion(words, now, zone)}")
    return instant


def _match(words: str, now: datetime, zone: tzinfo) -> datetime | None:
    """Read a text by the one form that matches it."""
    if len(words) > LONGEST:
        return None
    for pattern, read in _GRAMMAR:
        found = pattern.fullmatch(words)
        if found is not None:
            return read(found, now, zone)
    return None


def _now(found: re.Match[str], now: datetime, zone: tzinfo) -> datetime:
    return now


def _after(found: re.Match[str], now: datetime, zone: tzinfo) -> datetime:
    try:
        return now + parse_duration(found["duration"])
    except WhenError as error:
        raise WhenError(f"{_shown(found[0])} is not a time: {error}") from None


def _at(found: re.Match[str], now: datetime, zone: tzinfo) -> datetime:
    return _first(now, zone, _clock(found), (0, 1))


def _today(found: re.Match[str], now: datetime, zone: tzinfo) -> datetime:
    return _local(now, zone, _clock(found), 0)


def _tomorrow(found: re.Match[str], now: datetime, zone: tzinfo) -> datetime:
    return _local(now, zone, _clock(found), 1)


def _weekday(found: re.Match[str], now: datetime, zone: tzinfo) -> datetime:
    ahead = _days_until(found["day"], now, zone)
    return _first(now, zone, _clock(found), (ahead, ahead + 7))


def _next_weekday(found: re.Match[str], now: datetime, zone: tzinfo) -> datetime:
    return _local(now, zone, _clock(found), _days_until(found["day"], now, zone) or 7)


def _iso_text(found: re.Match[str], now: datetime, zone: tzinfo) -> datetime:
    try:
        instant = datetime.fromisoformat(found[0].upper())
    except ValueError as error:
        raise WhenError(f"{_shown(found[0])} is not a time: {error}") from None
    return instant if found["offset"] else instant.replace(tzinfo=zone)


def _clock(found: re.Match[str]) -> time:
    """Read the time of day; without one it is the beginning of the day."""
    match (found["time"] or "midnight").lower():
        case "noon":
            return time(12)
        case "midnight":
            return time(0)
        case text:
            half = text[-2:] if text.endswith("m") else ""
            hour, minute, second = ([*map(int, text.removesuffix(half).split(":")), 0, 0])[:3]
            if half and not 1 <= hour <= 12:
                raise WhenError(f"{_shown(found[0])}: {text} is not a time of day; with am or pm, hours are 1 to 12")
            if hour > 23 or minute > 59 or second > 59:
                raise WhenError(f"{_shown(found[0])}: {text} is not a time of day; 0:00 to 23:59:59 are")
            return time(hour % 12 + (12 if half == "pm" else 0) if half else hour, minute, second)


def _first(now: datetime, zone: tzinfo, clock: time, days: tuple[int, ...]) -> datetime:
    """Give the first of these days' instants that is not past."""
    instants = [_local(now, zone, clock, ahead) for ahead in days]
    return next((instant for instant in instants if instant >= now), instants[-1])


def _local(now: datetime, zone: tzinfo, clock: time, days: int) -> datetime:
    """Give the instant at which clocks in the zone show this time, so many days from today.

    With fold=0, zoneinfo resolves skipped and repeated times as RFC 5545 says.
    """
    day = now.astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)


def _days_until(day: str, now: datetime, zone: tzinfo) -> int:
    return (_DAYS.index(day.lower()) - now.astimezone(zone).weekday()) % 7


_TIME = r"at (?P<time>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?: ?[ap]m)?|[0-9]{1,2} ?[ap]m|noon|midnight)"
_DAY = rf"(?P<day>{'|'.join(_DAYS)})"
_OFFSET = r"(?P<offset>Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
_ISO_TIME = r"(?:[01][0-9]|2[0-3]):[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?"
_ISO = rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(?:[T ]{_ISO_TIME}{_OFFSET}?)?"
_GRAMMAR: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], datetime, tzinfo], datetime]], ...] = tuple(
    (re.compile(pattern, re.ASCII | re.IGNORECASE), read)
    for pattern, read in (
        (r"now", _now),
        (r"in (?P<duration>.+)", _after),
        (rf"{_TIME}", _at),
        (rf"today {_TIME}", _today),
        (rf"tomorrow(?: {_TIME})?", _tomorrow),
        (rf"{_DAY} {_TIME}", _weekday),
        (rf"next {_DAY}(?: {_TIME})?", _next_weekday),
        (_ISO, _iso_text),
    )
)


def _suggestion(words: str, now: datetime, zone: tzinfo) -> str:
    for guess in (f"in {words}", f"at {words}", f"next {words}", " at ".join(words.rsplit(" ", 1))):
        with suppress(WhenError, OverflowError):
            if _match(guess, now, zone) is not None:
                return f"; did you mean `{guess}`?"
    return ""


def _forms() -> str:
    return "a time is " + ", ".join(FORMS[:-1]) + " or " + FORMS[-1]


def _cut(instant: datetime) -> datetime:
    return instant.replace(microsecond=instant.microsecond // 1_000 * 1_000)


def _iso(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _shown(value: object) -> str:
    text = str(value) if isinstance(value, datetime | timedelta) else repr(value)
    return text if len(text) <= 80 else text[:79] + "…"
