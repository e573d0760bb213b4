"""Write outcomes as soon as they are known, as many at once as have gathered while the last write was under way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from pymongo.errors import PyMongoError

from memshelf.flows.record import Entry, Retention, record
from memshelf.logs import get
from memshelf.mongo import AsyncStore
from memshelf.options import JobId

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
        self._work = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._log = get("memshelf.recorder")

    def put(self, entry: Entry) -> None:
        """Have a settlement written; `on_recorded` is called with whether it was still ours to write."""
        self._waiting.append(entry)
        self._idle.clear()
        self._work.set()

    async def flush(self) -> None:
        """Wait until all is written."""
        await self._idle.wait()

    async def run(self) -> None:
        """Write for ever."""
        while True:
            await self._work.wait()
            batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
            lost = await self._write(batch)
            for entry in batch:
                self._on_recorded(entry, entry.id not in lost)
            if not self._waiting:
                self._work.clear()
                self._idle.set()

    async def _write(self, batch: Sequence[Entry]) -> frozenset[JobId]:
        pause = FIRST_PAUSE
        while True:
            try:
                return await self._store.run(record(batch, self._retention))
            except PyMongoError as error:
                self._log.warning("record.failed", jobs=len(batch), again_in=f"{pause:g}s", error=type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(LONGEST_PAUSE, pause * 2)
