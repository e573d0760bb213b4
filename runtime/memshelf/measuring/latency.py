"""Measure how soon an idle worker begins a job."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from pymongo import AsyncMongoClient, WriteConcern, monitoring

from memshelf.measuring.findings import PickUp
from memshelf.measuring.place import Place
from memshelf.measuring.sample import SAMPLE
from memshelf.mongo import client_options
from memshelf.order import order
from memshelf.queues import AsyncQueue
from memshelf.registry import Registered, Registry
from memshelf.worker import Worker

PAUSE = 0.02
"""Seconds before each call, in which the worker is idle again."""
LEAST = 5
"""Jobs that are picked up however late it is."""


class _Streams(monitoring.CommandListener):
    """Sees whether a change stream is opened."""

    def __init__(self) -> None:
        self.asked: set[int] = set()
        self.opened = False

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.command_name == "aggregate" and "$changeStream" in event.command["pipeline"][0]:
            self.asked.add(event.request_id)

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        self.opened = self.opened or event.request_id in self.asked

    def failed(self, event: monitoring.CommandFailedEvent) -> None: ...


async def pick_up(place: Place, payload: dict[str, Any], count: int, until: float) -> PickUp:
    """Queue jobs for a worker that has nothing to do, in turn with plain inserts after the same pause."""
    settings = place.settings
    url = settings.mongo_url.get_secret_value()
    began: asyncio.Queue[float] = asyncio.Queue()

    async def handle(job: Any, context: Any) -> None:
        began.put_nowait(time.perf_counter())

    streams = _Streams()
    waits: list[float] = []
    inserts: list[float] = []
    async with AsyncMongoClient[Any](url, event_listeners=[streams], **client_options(settings)) as client:
        durable = WriteConcern("majority", wtimeout=settings.write_timeout_ms)
        raw = client[settings.database].get_collection(place.raw, write_concern=durable)
        worker = Worker(Registry([Registered(SAMPLE, handle)]), settings=settings, client=client)
        work = asyncio.create_task(worker.run(signals=False))
        async with AsyncQueue(settings=settings, client=client) as queue:
            await queue.queue(SAMPLE, payload)
            await began.get()
            for number in range(count):
                if number >= LEAST and time.monotonic() > until:
                    break
                await asyncio.sleep(PAUSE)
                document = order(SAMPLE, payload, {}, place.store.clock.now(), settings)
                sent = time.perf_counter()
                await raw.insert_one(document)
                inserts.append((time.perf_counter() - sent) * 1000)
                await asyncio.sleep(PAUSE)
                sent = time.perf_counter()
                await queue.queue(SAMPLE, payload)
                waits.append((await began.get() - sent) * 1000)
        worker.stop()
        await work
    return PickUp(waits, inserts, "change stream" if streams.opened else "polling")
