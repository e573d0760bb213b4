"""The two steps in which a worker stops, and who may ask for them.

A worker's `stop` ends it within its grace period, and at once when it is called again. A signal and the parent's word
often mean the same wish, since service managers signal whole groups of processes; so one signal and one word are one
call, and only a second signal, or the parent's word to hurry, is the other.
"""

from __future__ import annotations

from collections.abc import Callable


class Stopping:
    """Passes wishes on to a worker, each step once."""

    def __init__(self, stop: Callable[[], object]) -> None:
        self._stop = stop
        self._steps = 0
        self._signals = 0

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
