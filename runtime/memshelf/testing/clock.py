"""A clock that tests move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from memshelf.durations import parse_duration
from memshelf.errors import WhenError


class MovableClock:
    """Tells what time it is, as a test wants it.

    With a start, or once it was set, it stands still; without one it goes on with this machine's clock. Either way
    `advance` moves it.

    Args:
        start: an aware datetime or ISO 8601 text with an offset, such as `2030-01-07T09:00:00Z`.

    Raises:
        WhenError: the start is not one of these.
    """

    def __init__(self, start: datetime | str | None = None) -> None:
        self._standing = None if start is None else _aware(start)
        self._ahead = timedelta()

    def now(self) -> datetime:
        """Give the time that the clock shows: aware, UTC, whole milliseconds, as MongoDB keeps times."""
        return self.at(datetime.now(UTC))

    def at(self, real: datetime) -> datetime:
        """Give the time that the clock shows when it is really `real`."""
        shown = (self._standing or real.astimezone(UTC)) + self._ahead
        return shown.replace(microsecond=shown.microsecond // 1000 * 1000)

    def advance(self, by: timedelta | str) -> datetime:
        """Move the clock forward and give the new time.

        Args:
            by: a timedelta or a duration such as `"1h30m"`.

        Raises:
            WhenError: the duration cannot be read, or is negative.
        """
        step = parse_duration(by) if isinstance(by, str) else by
        if step < timedelta():
            raise WhenError(f"a clock is advanced by 0 or more, got {step}; set() turns it back")
        self._ahead += step
        return self.now()

    def set(self, to: datetime | str) -> datetime:
        """Stop the clock at a time, earlier or later, and give that time.

        Raises:
            WhenError: it is neither an aware datetime nor ISO 8601 text with an offset.
        """
        self._standing, self._ahead = _aware(to), timedelta()
        return self.now()


def _aware(time: datetime | str) -> datetime:
    try:
        read = datetime.fromisoformat(time) if isinstance(time, str) else time
    except ValueError:
        raise WhenError(f"{time!r} is not a time; write an aware datetime or text like 2030-01-07T09:00:00Z") from None
    if read.utcoffset() is None:
        raise WhenError(f"{time!r} does not say in which time zone it is meant; write 2030-01-07T09:00:00Z")
    return read.astimezone(UTC)
