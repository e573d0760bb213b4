"""Jobs that were claimed a moment ago and are started slice by slice, so that the next claim goes on meanwhile."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable

SLICE = 25
"""Jobs that are started before the loop comes round: what the server answers meanwhile is seen in a millisecond."""


class Arrivals:
    """Starts what it takes: the first slice at once, the others in the next rounds of the loop."""

    def __init__(self, start: Callable[[bytes], object], on_empty: Callable[[], None]) -> None:
        self._start = start
        self._on_empty = on_empty
        self._waiting: deque[bytes] = deque()
        self._loop = asyncio.get_running_loop()

    def __len__(self) -> int:
        return len(self._waiting)

    def take(self, claimed: Iterable[bytes]) -> None:
        """Start jobs, given as raw documents."""
        under_way = bool(self._waiting)
        self._waiting.extend(claimed)
        if self._waiting and not under_way:
            self._start_slice()

    def start_all(self) -> None:
        """Start what still waits, at once."""
        while self._waiting:
            self._start(self._waiting.popleft())

    def _start_slice(self) -> None:
        try:
            for _ in range(min(SLICE, len(self._waiting))):
                self._start(self._waiting.popleft())
        finally:  # Whatever is wrong with one, the others are started.
            if self._waiting:
                self._loop.call_soon(self._start_slice)
            else:
                self._on_empty()
