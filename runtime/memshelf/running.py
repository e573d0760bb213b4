"""The jobs that run in this worker now, and how many slots they take."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain
from typing import Any, Protocol

from memshelf.document import Record
from memshelf.executor import Interruption
from memshelf.job import Job
from memshelf.options import JobId
from memshelf.outcome import Outcome
from memshelf.registry import Registered
from memshelf.retry import RetryPolicy

ALONE_AFTER_LOSSES = 2
"""Losses after which a job runs alone; before its last one it does in any case, so that it dies of no other's crash."""


@dataclass(slots=True, eq=False)
class Run:
    """One attempt in this process; what it knows of its job grows on the way."""

    record: Record
    token: str
    entry: Registered[Any] | None
    """The handler and its job type; None if nobody here knows the name."""
    runner: Runner
    """Where its handler runs."""
    job: Job[Any]
    raw: bytes
    """Its document, as it was claimed."""
    interruption: Interruption = field(default_factory=Interruption)
    task: asyncio.Task[None] | None = None
    deadline: asyncio.TimerHandle | None = None
    at_work: bool = False
    """Whether it is not settled yet."""
    given_up: bool = False
    """Whether it was settled while its handler goes on."""

    @property
    def registered(self) -> Registered[Any]:
        """The handler and its job type, where it is certain that somebody here knows the name."""
        assert self.entry is not None
        return self.entry

    @property
    def type_name(self) -> str:
        """The job type whose slots it takes."""
        return self.record.name if self.entry is None else self.entry.type.name

    @property
    def timeout(self) -> timedelta | None:
        """How long its handler may take."""
        return None if self.entry is None else self.entry.type.timeout

    @property
    def retries(self) -> RetryPolicy:
        """How its job is retried."""
        return RetryPolicy() if self.entry is None else self.entry.type.retries

    @property
    def runs_alone(self) -> bool:
        """Whether nothing else may run in its process, since it was lost before."""
        most = ALONE_AFTER_LOSSES if self.record.max_lost is None else min(ALONE_AFTER_LOSSES, self.record.max_lost)
        return self.record.lost >= max(1, most)

    @property
    def writes_first(self) -> bool:
        """Whether its outcome is written by itself, before another job takes its slot."""
        return self.entry is not None and self.entry.type.acknowledge == "each"


class Runner(Protocol):
    """Where handlers run: in the worker's event loop, in threads, or in child processes."""

    patience: float
    """Seconds that a handler has to end after it was asked to; 0 if asking is all that can be done."""

    async def run(self, run: Run) -> Outcome:
        """Judge a claimed job and run its handler to its end."""
        ...

    def ask(self, run: Run) -> None:
        """Ask a handler to end; its interruption has begun."""
        ...

    def kill(self, run: Run) -> bool:
        """End a handler that was asked in vain; tell whether that can be done."""
        ...


class Running:
    """Counts from the real set, so that no counter can drift."""

    def __init__(self) -> None:
        self._runs: dict[tuple[JobId, str], Run] = {}  # A job that was taken away and claimed again runs here twice.
        self._unwritten: dict[tuple[JobId, str], Run] = {}
        self._leftovers: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._runs) + len(self._unwritten) + self.leftovers

    def __iter__(self) -> Iterator[Run]:
        """Give those that are not settled."""
        return iter(tuple(self._runs.values()))

    @property
    def at_work(self) -> int:
        """Attempts whose job would be lost with this process."""
        return len(self._runs) + len(self._unwritten)

    @property
    def leftovers(self) -> int:
        """Handlers that are still at work after their job was settled, since nothing can stop them."""
        return self._leftovers.total()

    def add(self, run: Run) -> None:
        """Take a slot."""
        self._runs[run.record.id, run.token] = run
        run.at_work = True

    def __contains__(self, run: Run) -> bool:
        return run.at_work

    def discard(self, run: Run) -> None:
        """Take a settled run off; its slot is free, unless its outcome must be written before another takes it."""
        self._runs.pop((run.record.id, run.token), None)
        run.at_work = False
        if run.writes_first:
            self._unwritten[run.record.id, run.token] = run

    def written(self, run: Run) -> None:
        """Free the slot that a run kept until its outcome was written."""
        self._unwritten.pop((run.record.id, run.token), None)

    def leave(self, run: Run) -> None:
        """Keep a slot taken for a handler that cannot be stopped."""
        run.given_up = True
        self._leftovers[run.type_name] += 1

    def left(self, run: Run) -> None:
        """Free the slot of a handler that ended after all."""
        self._leftovers[run.type_name] -= 1

    def of_type(self, name: str) -> int:
        """Tell how many jobs of a type take a slot."""
        return self.by_type()[name]

    def by_type(self) -> Counter[str]:
        """Tell how many jobs of each type take a slot."""
        runs = chain(self._runs.values(), self._unwritten.values())
        return Counter(run.type_name for run in runs) + self._leftovers

    def find(self, job_id: JobId, token: str) -> Run | None:
        """Give the run with this id and token, if it is still there."""
        return self._runs.get((job_id, token))
