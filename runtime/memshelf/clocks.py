"""The server's time, told by this machine's clock plus a measured offset."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

MEASURE_EVERY = 60.0
"""Seconds after which the offset is measured again."""


class ServerClock:
    """Tells the server's time; a measurement is half a round trip exact.

    Elapsed time comes from the monotonic clock, so a step of this machine's wall clock changes nothing.
    """

    def __init__(self) -> None:
        self._reading = (datetime.now(UTC), time.monotonic())  # One value, so that threads never mix two readings.
        self._measured = False

    @property
    def stale(self) -> bool:
        """Whether the offset was never measured, was dropped, or is older than a minute."""
        return not self._measured or time.monotonic() - self._reading[1] > MEASURE_EVERY

    def measured(self, server: datetime, *, sent: float, received: float) -> None:
        """Take a reading: what the server said, and the monotonic times around the question."""
        self._reading = (server, (sent + received) / 2)
        self._measured = True

    def forget(self) -> None:
        """Ask for a new measurement: the connection was lost, the next server may differ."""
        self._measured = False

    def now(self) -> datetime:
        """Give the server's time, aware, in UTC."""
        server, monotonic = self._reading
        return server + timedelta(seconds=time.monotonic() - monotonic)
