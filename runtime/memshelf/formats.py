"""Texts with a format: strings in every respect, whose `value` is read when it is asked for.

A payload's text stays what it was: what is read is equal to it, hashes as it, and is written as it. `value` reads every
text that the judge accepts, with these exceptions, which Python has no value for and which raise ValueError: a leap
second, the year 0000, and a host that `urllib.parse` refuses. Digits beyond microseconds are cut off in the value. A
text that no judge has seen may be no text of its format: that is a ValueError too. No message shows the text.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Any
from urllib.parse import SplitResult, urlsplit
from uuid import UUID

from pydantic_core import core_schema

__all__ = [
    "DateText",
    "DateTimeText",
    "Duration",
    "DurationText",
    "FormatText",
    "Ipv4Text",
    "Ipv6Text",
    "TimeText",
    "UriText",
    "UuidText",
]

# RFC 3339, section 5.6: the letters T and Z may be small, and an offset is always there.
_DATE = r"(\d{4})-(\d{2})-(\d{2})"
_TIME = r"(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))"
_READ_DATE = re.compile(_DATE, re.ASCII)
_READ_TIME = re.compile(_TIME, re.ASCII)
_READ_DATE_TIME = re.compile(f"{_DATE}[Tt]{_TIME}", re.ASCII)
# RFC 3339, appendix A: weeks stand alone, no unit is left out between two others, no number has a sign or a fraction.
_READ_DURATION = re.compile(
    r"P(?!\Z)(?!\d+Y\d+D)(?!.*H\d+S)(?:(?P<weeks>\d+)W"
    r"|(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<days>\d+)D)?"
    r"(?:T(?!\Z)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?)",
    re.ASCII,
)
_READ_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


class FormatText(str):
    """A text with a format: the base class of those below."""

    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> core_schema.CoreSchema:
        """Take any text, and write it as an exact `str`; what the format accepts is for the judge to say."""
        return core_schema.no_info_after_validator_function(
            cls, core_schema.str_schema(), serialization=core_schema.to_string_ser_schema(when_used="always")
        )


class DateTimeText(FormatText):
    """A moment (`date-time`), such as `2026-03-29T01:30:00.5+01:00`."""

    __slots__ = ()

    @property
    def value(self) -> datetime.datetime:
        """The moment, with its offset; `-00:00` is read as UTC.

        Raises:
            ValueError: a leap second, the year 0000, or no date-time.
        """
        found = _READ_DATE_TIME.fullmatch(self)
        if found is None:
            raise ValueError("not a date-time of RFC 3339, such as 2026-03-29T01:30:00Z")
        year, month, day, *clock = found.groups()
        return datetime.datetime.combine(_date(year, month, day), _time(*clock))


class DateText(FormatText):
    """A day (`date`), such as `2026-03-29`."""

    __slots__ = ()

    @property
    def value(self) -> datetime.date:
        """The day.

        Raises:
            ValueError: the year 0000, or no date.
        """
        found = _READ_DATE.fullmatch(self)
        if found is None:
            raise ValueError("not a date of RFC 3339, such as 2026-03-29")
        return _date(*found.groups())


class TimeText(FormatText):
    """A time of day (`time`), such as `08:30:00Z`."""

    __slots__ = ()

    @property
    def value(self) -> datetime.time:
        """The time of day, with its offset.

        Raises:
            ValueError: a leap second, or no time.
        """
        found = _READ_TIME.fullmatch(self)
        if found is None:
            raise ValueError("not a time of RFC 3339, such as 08:30:00Z")
        return _time(*found.groups())


@dataclass(frozen=True, slots=True)
class Duration:
    """A span of time as its text counts it: years and months have no fixed length."""

    years: int = 0
    months: int = 0
    weeks: int = 0
    days: int = 0
    hours: int = 0
    minutes: int = 0
    seconds: int = 0

    def timedelta(self) -> datetime.timedelta:
        """Give the exact span, counting 24 hours a day.

        Raises:
            ValueError: it has years or months, or is longer than a timedelta can be.
        """
        if self.years or self.months:
            raise ValueError("years and months have no fixed length; add them to a date instead")
        try:
            return datetime.timedelta(
                weeks=self.weeks, days=self.days, hours=self.hours, minutes=self.minutes, seconds=self.seconds
            )
        except OverflowError:
            raise ValueError(f"longer than a timedelta can be, which is {datetime.timedelta.max.days:,} days") from None


class DurationText(FormatText):
    """A span of time (`duration`), such as `P1DT12H`."""

    __slots__ = ()

    @property
    def value(self) -> Duration:
        """The span, unit by unit.

        Raises:
            ValueError: no duration, or one with a number of more than 4,300 digits.
        """
        found = _READ_DURATION.fullmatch(self)
        if found is None:
            raise ValueError("not a duration of RFC 3339, appendix A, such as P1DT12H or P2W")
        try:
            return Duration(**{unit: int(count) for unit, count in found.groupdict().items() if count})
        except ValueError:
            raise ValueError("a number of this duration has more digits than Python reads") from None


class UuidText(FormatText):
    """A UUID (`uuid`), its letters large or small."""

    __slots__ = ()

    @property
    def value(self) -> UUID:
        """The UUID.

        Raises:
            ValueError: no UUID.
        """
        if _READ_UUID.fullmatch(self) is None:
            raise ValueError("not a UUID of RFC 4122, such as 2eb8aa08-aa98-11ea-b4aa-73b441d16380")
        return UUID(self)


class UriText(FormatText):
    """An address (`uri`, `uri-reference`, `iri`, `iri-reference`), such as `https://example.com/a?b=c`."""

    __slots__ = ()

    @property
    def value(self) -> SplitResult:
        """The parts of the address, as `urllib.parse.urlsplit` gives them; nothing is decoded.

        Raises:
            ValueError: a host that `urllib.parse` refuses: signs that become others when a host is normalised.
        """
        try:
            return urlsplit(str(self))
        except ValueError:
            raise ValueError("urllib.parse refuses the host of this address") from None


class Ipv4Text(FormatText):
    """An IPv4 address (`ipv4`), such as `192.0.2.1`."""

    __slots__ = ()

    @property
    def value(self) -> IPv4Address:
        """The address.

        Raises:
            ValueError: no IPv4 address.
        """
        try:
            return IPv4Address(str(self))
        except ValueError:
            raise ValueError("not an IPv4 address, such as 192.0.2.1") from None


class Ipv6Text(FormatText):
    """An IPv6 address (`ipv6`), such as `2001:db8::1`."""

    __slots__ = ()

    @property
    def value(self) -> IPv6Address:
        """The address.

        Raises:
            ValueError: no IPv6 address.
        """
        try:
            address = IPv6Address(str(self))
        except ValueError:
            raise ValueError("not an IPv6 address, such as 2001:db8::1") from None
        # Python reads a zone as well (`fe80::1%eth0`, RFC 4007), which is no part of an address by RFC 4291.
        if address.scope_id is not None:
            raise ValueError("not an IPv6 address, such as 2001:db8::1, which has no zone")
        return address


def _date(year: str, month: str, day: str) -> datetime.date:
    if year == "0000":
        raise ValueError("the year 0000 has no date in Python, whose first year is 1")
    try:
        return datetime.date(int(year), int(month), int(day))
    except ValueError:
        raise ValueError("no such day in the calendar") from None


def _time(
    hour: str, minute: str, second: str, fraction: str | None, sign: str | None, hours: str | None, minutes: str | None
) -> datetime.time:
    if second == "60":
        raise ValueError("a leap second, :60, has no time in Python")
    offset = datetime.timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    zone = datetime.timezone(-offset if sign == "-" else offset)
    try:
        return datetime.time(int(hour), int(minute), int(second), int((fraction or "")[:6].ljust(6, "0")), tzinfo=zone)
    except ValueError:
        raise ValueError("no such time of day") from None
