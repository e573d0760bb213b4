"""The jobs that run in this worker now, and how many slots they take."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from memshelf.document import Record
from memshelf.executor import Interruption, Reason
from memshelf.options import JobId


@dataclass(frozen=True, slots=True)
class Run:
    """One attempt in this process."""

    record: Record
    type_name: str
    interruption: Interruption
    token: str
    in_thread: bool
    """Whether its handler is a plain function, which nothing can stop."""


class Running:
    """Counts from the real set, so that no counter can drift."""

    def __init__(self) -> None:
        self._runs: dict[tuple[JobId, str], Run] = {}  # A job that was taken away and claimed again runs here twice.
        self._leftovers: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._runs) + self.leftovers

    @property
    def at_work(self) -> int:
        """Attempts whose job would be lost with this process."""
        return len(self._runs)

    @property
    def leftovers(self) -> int:
        """Handlers that are still at work after their job was settled, since nothing can stop them."""
        return self._leftovers.total()

    def add(self, run: Run) -> None:
        """Take a slot."""
        self._runs[run.record.id, run.token] = run

    def __contains__(self, run: Run) -> bool:
        return (run.record.id, run.token) in self._runs

    def discard(self, run: Run) -> None:
        """Free the slot of a run."""
        self._runs.pop((run.record.id, run.token), None)

    def leave(self, run: Run) -> None:
        """Keep a slot taken for a handler that cannot be stopped."""
        self._leftovers[run.type_name] += 1

    def left(self, run: Run) -> None:
        """Free the slot of a handler that ended after all."""
        self._leftovers[run.type_name] -= 1

    def of_type(self, name: str) -> int:
        """Tell how many jobs of a type take a slot."""
        return sum(run.type_name == name for run in self._runs.values()) + self._leftovers[name]

    def interrupt(self, reason: Reason, job_id: JobId, token: str) -> None:
        """Interrupt the run with this id and token, if it is still there."""
        run = self._runs.get((job_id, token))
        if run is not None:
            run.interruption.interrupt(reason)

    def interrupt_all(self, reason: Reason, *, in_threads: bool) -> None:
        """Interrupt every run in a thread, or every run in the event loop."""
        for run in list(self._runs.values()):
            if run.in_thread == in_threads:
                run.interruption.interrupt(reason)
