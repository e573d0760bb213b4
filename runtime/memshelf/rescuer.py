"""Look for leases that ended, and give their jobs back once they have been seen twice."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from pymongo.errors import PyMongoError

from memshelf.errors import StoreUnavailable
from memshelf.flows.rescue import Expired, Rescued, expired_leases, rescue
from memshelf.jobtype import JobType
from memshelf.logs import get
from memshelf.mongo import AsyncStore
from memshelf.retention import own_retentions

Sight = str
"""What is the same as long as nobody touched a lease; text, since a foreign document may hold anything."""


class Rescuer:
    """Sweeps for expired leases on a jittered timer, whether or not the worker has free slots.

    A lease is taken only when the same lease was seen expired in two sweeps at least one heartbeat apart on this
    machine's monotonic clock, with no connection error in between: after an outage longer than the lease, the live
    owners get the time of one heartbeat to extend what they still hold.
    """

    def __init__(
        self,
        store: AsyncStore,
        catalog: Iterable[JobType[Any]],
        *,
        every: timedelta,
        heartbeat: timedelta,
        on_rescued: Callable[[Rescued], None],
        rng: random.Random,
    ) -> None:
        self._store = store
        self._retention = store.settings.retention
        self._own = own_retentions(self._retention, catalog)
        self._every = every.total_seconds()
        self._heartbeat = heartbeat.total_seconds()
        self._on_rescued = on_rescued
        self._rng = rng
        self._seen: dict[Sight, float] = {}
        self._log = get("memshelf.rescuer")

    async def run(self) -> None:
        """Sweep for ever."""
        while True:
            await asyncio.sleep(self._every * self._rng.uniform(0.75, 1.25))
            try:
                await self.sweep()
            except (PyMongoError, StoreUnavailable) as error:
                self._seen.clear()
                self._log.warning("rescue.failed", error=type(error).__name__)

    async def sweep(self) -> tuple[Rescued, ...]:
        """Look once, and take what was seen before.

        Raises:
            PyMongoError: the server did not answer.
        """
        expired = await self._store.run(expired_leases(await self._store.now()))
        now = time.monotonic()
        first = {_sight(each): self._seen.get(_sight(each), now) for each in expired}
        ripe = [each for each in expired if now - first[_sight(each)] >= self._heartbeat]
        self._seen = first
        rescued = await self._store.run(rescue(ripe, self._retention, timedelta(0), self._own)) if ripe else ()
        for each in rescued:
            self._seen.pop(_sight(each.expired), None)
            self._on_rescued(each)
        return rescued


def _sight(expired: Expired) -> Sight:
    return repr((expired.id, expired.lease, expired.lease_until))
