"""How ids, times and sizes are written for programs and for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from memshelf.durations import format_duration


def moment(value: object) -> str | None:
    """Write a time as ISO 8601 in UTC with milliseconds; None stays None, and what is no time is shown as text."""
    if value is None:
        return None
    if not isinstance(value, datetime):
        return str(value)
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def since(value: object, now: datetime) -> str:
    """Write a time as people compare it: `3m ago`, `in 2h`."""
    if not isinstance(value, datetime):
        return ""
    distance = (value if value.tzinfo else value.replace(tzinfo=UTC)) - now
    text = rough(abs(distance))
    return f"in {text}" if distance > timedelta(0) else f"{text} ago"


def rough(span: timedelta) -> str:
    """Write a duration without what does not matter at its length."""
    for least, unit in (
        (timedelta(days=2), "hours"),
        (timedelta(hours=2), "minutes"),
        (timedelta(seconds=1), "seconds"),
    ):
        if span >= least:
            return format_duration(span - span % timedelta(**{unit: 1}))
    return format_duration(span)


def size(count: int) -> str:
    """Write a number of bytes."""
    return f"{count / 1_000_000:.0f} MB" if count >= 1_000_000 else f"{count / 1_000:.0f} kB"


def json_safe(value: Any) -> Any:
    """Give what JSON can carry in place of BSON's own types."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case datetime():
            return moment(value)
        case Mapping():
            return {str(key): json_safe(item) for key, item in value.items()}
        case Sequence() if not isinstance(value, bytes):
            return [json_safe(item) for item in value]
        case _:
            return str(value)


def printable(value: object) -> str:
    """Escape control characters: texts come from the database, and a terminal obeys them."""
    return "".join(sign if sign.isprintable() or sign in "\n\t" else repr(sign)[1:-1] for sign in str(value))
