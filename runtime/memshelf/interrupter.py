"""End handlers early, at their deadline or when somebody says so: they are asked, then killed, or else given up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

from memshelf.executor import Reason
from memshelf.running import Run, Running

SHARE = 2
"""Half of a lease is the longest that a handler is waited for that was asked to end.

A lease outlives its job's deadline by one lease at most. Whoever waited longer would have the attempt counted as lost
instead of failed; the other half is left for the outcome to be written.
"""


class Interrupter:
    """Interrupts the runs of one worker, in its event loop."""

    def __init__(self, running: Running, give_up: Callable[[Run, Reason], None], lease: timedelta) -> None:
        self._running = running
        self._give_up = give_up
        self._longest = lease.total_seconds() / SHARE
        self._loop = asyncio.get_running_loop()
        self._unlimited: list[tuple[Run, float]] = []

    def limit(self, run: Run, timeout: timedelta | None) -> None:
        """Interrupt a run when its time is over, counted from now.

        The timer is set when the loop comes round again: a handler that ends at once, as many do, needs none.
        """
        if timeout is None:
            return
        if not self._unlimited:
            self._loop.call_soon(self._set_timers)
        self._unlimited.append((run, timeout.total_seconds()))

    def interrupt(self, run: Run, reason: Reason) -> None:
        """Ask a handler to end, and see to it that its job does."""
        if run not in self._running or not run.interruption.begin(reason):
            return
        run.runner.ask(run)
        if run.runner.patience:
            self._loop.call_later(min(run.runner.patience, self._longest), self._lose_patience, run, reason)
        else:
            self._lose_patience(run, reason)

    def _set_timers(self) -> None:
        begun, self._unlimited = self._unlimited, []
        for run, seconds in begun:
            if run in self._running:
                run.deadline = self._loop.call_later(seconds, self.interrupt, run, "timeout")

    def _lose_patience(self, run: Run, reason: Reason) -> None:
        if run in self._running and not run.interruption.over and not run.runner.kill(run):
            self._give_up(run, reason)
