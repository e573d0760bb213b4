"""Report waiting jobs whose names no handler here runs; they stay for whoever knows them."""

from __future__ import annotations

import asyncio
import contextlib

from pymongo.errors import PyMongoError

from memshelf.flows.claim import names_waiting
from memshelf.logs import get
from memshelf.mongo import AsyncStore
from memshelf.registry import Registry

EVERY = 60.0
"""Seconds between two looks."""


class Lookout:
    """Looks from the start on, and names each unknown name once."""

    def __init__(self, store: AsyncStore, registry: Registry, worker: str) -> None:
        self._store = store
        self._registry = registry
        self._reported: set[str] = set()
        self._log = get("memshelf.worker").bind(worker=worker)

    async def run(self) -> None:
        """Look for ever."""
        while True:
            with contextlib.suppress(PyMongoError):  # The claims say already that the server is away.
                await self.look()
            await asyncio.sleep(EVERY)

    async def look(self) -> None:
        """Look once.

        Raises:
            PyMongoError: the server did not answer.
        """
        waiting = await self._store.run(names_waiting(self._store.settings.queues))
        for name in waiting:
            if self._registry.find(name) is None and name not in self._reported:
                self._reported.add(name)
                self._log.warning("job.unknown", name=name, known=sorted(self._registry.names()))
