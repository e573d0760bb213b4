"""Look, rarely, for documents that no claim and no rescue can reach, set them aside, and report them."""

from __future__ import annotations

import asyncio
import random

from pymongo.errors import PyMongoError

from memshelf.flows.aside import SetAside, set_aside
from memshelf.logs import get
from memshelf.mongo import AsyncStore
from memshelf.reasons import reason
from memshelf.registry import Registry
from memshelf.retention import own_retentions

EVERY = 3600.0
"""Seconds between two sweeps, give or take a quarter; the first comes at any moment of the first hour."""


class Sweeper:
    """Sweeps in every worker: there is no leader, and setting aside twice changes nothing."""

    def __init__(self, store: AsyncStore, registry: Registry, worker: str, rng: random.Random | None = None) -> None:
        self._store = store
        self._own = own_retentions(store.settings.retention, registry.catalog)
        self._rng = rng or random.Random()
        self._log = get("memshelf.worker").bind(worker=worker)

    async def run(self) -> None:
        """Sweep for ever."""
        await asyncio.sleep(EVERY * self._rng.random())
        while True:
            try:
                await self.sweep()
            except PyMongoError as error:
                self._log.warning("sweep.failed", error=reason(error))
            await asyncio.sleep(EVERY * self._rng.uniform(0.75, 1.25))

    async def sweep(self) -> tuple[SetAside, ...]:
        """Look once.

        Raises:
            PyMongoError: the server did not answer.
        """
        done = await self._store.run(set_aside(self._store.settings.retention, self._own))
        for each in done:
            self._log.error("job.set_aside", problem=each.problem, count=each.count, jobs=[*map(str, each.ids)])
        return done
