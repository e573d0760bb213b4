"""Measure how fast one worker drains a backlog."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from pymongo import AsyncMongoClient

from memshelf.measuring.commands import Commands
from memshelf.measuring.findings import Drain, Kind
from memshelf.measuring.place import Place
from memshelf.measuring.sample import SAMPLE
from memshelf.mongo import client_options
from memshelf.registry import Registered, Registry
from memshelf.worker import Worker


async def drain(place: Place, kind: Kind, until: float) -> Drain:
    """Run what is due, until a moment of the monotonic clock at most."""
    settings, commands = place.settings, Commands()
    began: list[float] = []

    async def in_the_loop(job: Any, context: Any) -> None:
        began.append(time.perf_counter())

    def in_a_thread(job: Any, context: Any) -> None:
        began.append(time.perf_counter())

    url = settings.mongo_url.get_secret_value()
    async with AsyncMongoClient[Any](url, event_listeners=[commands], **client_options(settings)) as client:
        registry = Registry([Registered(SAMPLE, in_the_loop if kind == "coroutines" else in_a_thread)])
        worker = Worker(registry, settings=settings, client=client)
        alarm = asyncio.get_running_loop().call_later(max(0.0, until - time.monotonic()), worker.stop)
        cpu, wall = time.process_time(), time.perf_counter()
        await worker.run(drain=True, signals=False)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        alarm.cancel()
    began.sort()
    span = (began[-1] - began[0] if began else 0.0) or wall
    jobs = len(began)
    return Drain(jobs, max(0, jobs - 1) / span, commands.of_jobs / max(1, jobs), cpu / wall)
