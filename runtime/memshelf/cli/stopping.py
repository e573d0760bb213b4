"""The two steps in which a worker stops, and who may ask for them.

A worker's `stop` ends it within its grace period, and at once when it is called again. A signal and the parent's word
often mean the same wish, since service managers signal whole groups of processes; so one signal and one word are one
call, and only a second signal, or the parent's word to hurry, is the other.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Stopping:
    """Passes wishes on to a worker, each step once."""

    def __init__(self, stop: Callable[[], object]) -> None:
        self._stop = stop
        self._steps = 0
        self._signals = 0

    @property
    def asked(self) -> bool:
        """Whether anybody asked for the end."""
        return self._steps > 0

    def signalled(self) -> None:
        """A signal came: the first asks for the end, the second for the end at once."""
        self._signals += 1
        self._reach(min(self._signals, 2))

    def told(self, hurry: bool) -> None:
        """The parent let go, or said to hurry."""
        self._reach(2 if hurry else 1)

    def _reach(self, step: int) -> None:
        while self._steps < step:
            self._steps += 1
            self._stop()


@contextmanager
def heeding(stopping: Stopping, loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Pass signals on to a worker; when it has stopped as it was asked, further ones change nothing.

    A loop's own handlers go with the loop, and a signal in the last moments would then end the process as if it had not
    stopped in order.
    """

    def heed(number: int, frame: FrameType | None) -> None:
        with suppress(RuntimeError):  # The loop is closed: it is over already.
            loop.call_soon_threadsafe(stopping.signalled)

    before = {number: signal.signal(number, heed) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_IGN if stopping.asked else handler)
