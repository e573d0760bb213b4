"""Tell from another thread how long an event loop has stood still: a handler that blocks it stops all others."""

from __future__ import annotations

import asyncio
import time

EVERY = 1.0
"""Seconds between two signs of life."""


class Pulse:
    """Gives a sign of life from inside of the loop."""

    def __init__(self) -> None:
        self._sign = time.monotonic()

    async def run(self) -> None:
        """Give signs for ever."""
        while True:
            self._sign = time.monotonic()
            await asyncio.sleep(EVERY)

    @property
    def still(self) -> float:
        """Seconds for which a sign is overdue; 0 while the loop is well. May be read in any thread."""
        return max(0.0, time.monotonic() - self._sign - EVERY)
