"""The server's time, told by this machine's clock plus a measured offset, with the error of the measurement."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

MEASURE_EVERY = 60.0
"""Seconds after which the offset is measured again."""
TICK = 0.001
"""Seconds that the server's answer may be behind its own clock, since it is cut off to milliseconds."""
DRIFT = 0.0001
"""How much faster or slower than the server's this machine's clock may run, as a share."""


class ServerClock:
    """Tells the server's time; a measurement is one round trip exact.

    What it tells is never ahead of the server's clock, so that a job to run now is due when it is stored.

    Elapsed time comes from the monotonic clock, so a step of this machine's wall clock changes nothing.
    """

    def __init__(self) -> None:
        self._reading = (datetime.now(UTC), time.monotonic(), 0.0)  # One value: threads never mix two readings.
        self._measured = False

    @property
    def stale(self) -> bool:
        """Whether the offset was never measured, was dropped, or is older than a minute."""
        return not self._measured or time.monotonic() - self._reading[1] > MEASURE_EVERY

    def measured(self, server: datetime, *, sent: float, received: float) -> None:
        """Take a reading: what the server said, and the monotonic times around the question."""
        self._reading = (server, received, received - sent + TICK)
        self._measured = True

    def forget(self) -> None:
        """Ask for a new measurement: the connection was lost, the next server may differ."""
        self._measured = False

    def now(self) -> datetime:
        """Give the server's time, aware, in UTC; it is this late or later."""
        server, received, _ = self._reading
        return server + timedelta(seconds=(time.monotonic() - received) * (1 - DRIFT))

    @property
    def error(self) -> timedelta:
        """How much later than `now` it may be on the server."""
        _, received, round_trip = self._reading
        return timedelta(seconds=round_trip + 2 * DRIFT * (time.monotonic() - received))
