"""Write outcomes as soon as they are known, as many at once as have gathered while the last write was under way.

Those of jobs with `acknowledge: each` have a write of their own, beside the others', which waits for nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from bson.errors import BSONError
from pymongo.errors import PyMongoError

from memshelf.background import end
from memshelf.flows.record import Entry, Held, record
from memshelf.logs import get
from memshelf.mongo import AsyncStore
from memshelf.reasons import passing, reason
from memshelf.retention import Retention

BATCH = 500
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0


class Recorder:
    """Writes settlements in the background and never gives one up while the worker lives."""

    def __init__(self, store: AsyncStore, retention: Retention, on_recorded: Callable[[Entry, bool], None]) -> None:
        self._store = store
        self._retention = retention
        self._on_recorded = on_recorded
        self._waiting: list[Entry] = []
        self._apart: set[asyncio.Task[None]] = set()
        self._open = 0
        self._failure: BaseException | None = None
        self._work = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._log = get("memshelf.recorder")

    def put(self, entry: Entry, *, apart: bool = False) -> None:
        """Have a settlement written; `on_recorded` is called with whether it was still ours to write.

        Args:
            entry: the settlement.
            apart: write it at once and by itself, whatever else is under way.
        """
        self._open += 1
        self._idle.clear()
        if apart:
            task = asyncio.create_task(self._record([entry]))
            self._apart.add(task)
            task.add_done_callback(self._ended)
        else:
            self._waiting.append(entry)
            self._work.set()

    async def flush(self) -> None:
        """Wait until all is written."""
        await self._idle.wait()

    async def run(self) -> None:
        """Write for ever."""
        while True:
            await self._work.wait()
            self._work.clear()
            while self._waiting:
                batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
                await self._record(batch)
            if self._failure is not None:
                raise self._failure

    async def close(self) -> None:
        """End the writes that have not ended."""
        await end(self._apart)

    async def _record(self, batch: Sequence[Entry]) -> None:
        lost = await self._write(batch)
        for entry in batch:
            self._on_recorded(entry, not lost or (entry.id, entry.token) not in lost)
        self._open -= len(batch)
        if not self._open:
            self._idle.set()

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Have `run` raise what broke a write of its own."""
        self._apart.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._failure = task.exception()
            self._work.set()

    async def _write(self, batch: Sequence[Entry]) -> frozenset[Held]:
        """Write a batch, however long the server is away; what it refuses for good must not hold up the rest."""
        pause = FIRST_PAUSE
        while True:
            try:
                return await self._store.run(record(batch, self._retention))
            except (PyMongoError, BSONError) as error:
                if not passing(error):
                    return await self._write_singly(batch, error)
                self._log.warning("record.failed", jobs=len(batch), again_in=f"{pause:g}s", error=type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(LONGEST_PAUSE, pause * 2)

    async def _write_singly(self, batch: Sequence[Entry], error: Exception) -> frozenset[Held]:
        if len(batch) > 1:
            return frozenset().union(*[await self._write([each]) for each in batch])
        (entry,) = batch
        self._log.error("record.refused", job=str(entry.id), action=entry.settlement.action, error=reason(error))
        if entry.settlement.error is None:
            return frozenset({(entry.id, entry.token)})
        # A payload of nearly 16 MB leaves no room for the error's text: the outcome matters more.
        return await self._write([replace(entry, settlement=replace(entry.settlement, error=None))])
