"""Sleep until there may be work: a change stream where the server has one, and a timer always."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any, Literal, TypeAlias

from pymongo.errors import OperationFailure, PyMongoError

from memshelf.logs import get
from memshelf.mongo import AsyncStore

Mode: TypeAlias = Literal["change stream", "polling"]
QUIET = 0.05
"""Seconds for which a stream that failed is left alone, at first."""
LONGEST_QUIET = 30.0
AFTER_YOU = 2
"""How often the loop comes round before the stream is read again: the worker's claim goes first."""
RESTS_AFTER = 1.0
"""Seconds for which a worker must have been busy before its stream is closed."""
NO_CHANGE_STREAMS = frozenset({40573, 115, 136})
"""Codes of servers that will never have one: a standalone server, or a command that is not supported."""


class Waker:
    """Watches for inserts into the jobs collection while the worker is idle, by one stream."""

    def __init__(self, store: AsyncStore, *, enabled: bool) -> None:
        self._store = store
        self._enabled = enabled
        self._event = asyncio.Event()
        self._idle = asyncio.Event()
        self._busy_since = 0.0
        self._log = get("memshelf.wake")
        self.mode: Mode = "polling"

    def wake(self) -> None:
        """End the present sleep, or the next one."""
        self._event.set()

    def rest(self) -> None:
        """Leave the stream alone while there is more to do than can be done: every write would pass through it."""
        if self._idle.is_set():
            self._idle.clear()
            self._busy_since = time.monotonic()

    def attend(self) -> None:
        """Watch from now on: the worker has nothing to do."""
        self._idle.set()

    async def sleep(self, seconds: float) -> None:
        """Sleep until woken, or until the time is over."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._event.wait()
        self._event.clear()

    async def run(self) -> None:
        """Watch for ever; polling carries on whatever happens here."""
        quiet = QUIET
        while self._enabled:
            await self._idle.wait()
            try:
                await self._watch()
                quiet = QUIET
            except PyMongoError as error:
                self.mode = "polling"
                if isinstance(error, OperationFailure) and error.code in NO_CHANGE_STREAMS:
                    self._log.info("wake.polling", reason="the server has no change streams")
                    return
                self._log.warning("wake.failed", again_in=f"{quiet:g}s", error=type(error).__name__)
                await asyncio.sleep(quiet)
                quiet = min(LONGEST_QUIET, quiet * 2)

    async def _watch(self) -> None:
        settings = self._store.settings
        collection = self._store.client.get_database(settings.database).get_collection(settings.collection)
        matching: dict[str, Any] = {"operationType": "insert"}
        if settings.queues:
            matching["fullDocument.queue"] = {"$in": list(settings.queues)}
        pipeline = [{"$match": matching}, {"$project": {"_id": 1}}]
        async with await collection.watch(pipeline) as stream:
            self.mode = "change stream"
            self._event.set()  # What was inserted before the stream opened is found by one look.
            while not self._rests():
                if await stream.try_next() is not None:
                    self._event.set()
                    for _ in range(AFTER_YOU):
                        await asyncio.sleep(0)

    def _rests(self) -> bool:
        return not self._idle.is_set() and time.monotonic() - self._busy_since > RESTS_AFTER
