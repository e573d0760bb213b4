"""How soon a job begins: queued on an idle worker, or scheduled for a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from pymongo import monitoring

from benchmarks import rawloop
from benchmarks.place import Place, email, place, registry
from benchmarks.row import ROUNDS, Row, percentile
from generated import JobQueue
from memshelf import Worker
from memshelf.measuring.commands import Commands
from memshelf.mongo import Store

COMMANDS = Commands()
PAUSE = 0.02
"""Seconds between two jobs, in which the worker is idle again."""


def measure(url: str, picked: int, scheduled: int) -> Iterator[Row]:
    """Measure pick-up, its commands, and lateness beside many jobs of the future."""
    monitoring.register(COMMANDS)
    waits: list[float] = []
    inserts: list[float] = []
    for _ in range(ROUNDS):
        with place(url) as ours, place(url) as other:
            asyncio.run(_pick_up(ours, other, picked, waits, inserts))
    raw = "raw insert_one, p50"
    insert = median(inserts)
    yield Row("pick-up by an idle worker, p50", median(waits), "ms", insert, raw, "≤ 3 ×")
    yield Row("pick-up by an idle worker, p99", percentile(waits, 0.99), "ms", insert, raw, "≤ 10 ×")
    own_inserts = len(inserts)
    jobs = ROUNDS * (picked + 1)
    commands = (COMMANDS.of_jobs - own_inserts) / jobs
    yield Row("… commands for one job, its insert included", commands, "commands", bar="≤ 3")
    with place(url) as ours:
        ours.fill(scheduled, in_future=timedelta(days=100))
        late = asyncio.run(_lateness(ours, picked))
    beside = f"lateness beside {scheduled:,} scheduled jobs"
    yield Row(f"{beside}, p50", median(late), "ms", bar="≤ 20 ms")
    yield Row(f"{beside}, p99", percentile(late, 0.99), "ms", bar="≤ 100 ms")


def pick_up_once(url: str, count: int) -> list[float]:
    """Give the milliseconds of some pick-ups, with nothing beside them."""
    waits: list[float] = []
    with place(url) as ours, place(url) as other:
        asyncio.run(_pick_up(ours, other, count, waits, []))
    return waits


async def _pick_up(ours: Place, other: Place, count: int, waits: list[float], inserts: list[float]) -> None:
    """Milliseconds from the queue call to the handler's first line; in turn with raw inserts, after the same pause."""
    began: asyncio.Queue[float] = asyncio.Queue()

    async def handle(job: Any, context: Any) -> None:
        began.put_nowait(time.perf_counter())

    worker = Worker(registry(handle), settings=ours.settings)
    work = asyncio.create_task(worker.run(signals=False))
    with JobQueue(settings=ours.settings) as queue:
        await asyncio.to_thread(queue.queue_email, email())
        await began.get()
        for _ in range(count):
            await asyncio.sleep(PAUSE)
            inserts += await asyncio.to_thread(rawloop.insert_times, other, 1)
            await asyncio.sleep(PAUSE)
            sent = time.perf_counter()
            await asyncio.to_thread(queue.queue_email, email())
            waits.append((await began.get() - sent) * 1000)
    worker.stop()
    await work


async def _lateness(place: Place, count: int) -> list[float]:
    """Milliseconds from a job's time, by the server's clock, to its handler's first line."""
    late: list[float] = []
    ended = asyncio.Event()
    store = Store(place.settings)
    offset = store.now() - datetime.now(UTC)
    store.close()

    async def handle(job: Any, context: Any) -> None:
        late.append((datetime.now(UTC) + offset - job.run_at) / timedelta(milliseconds=1))
        if len(late) == count:
            ended.set()

    worker = Worker(registry(handle), settings=place.settings)
    work = asyncio.create_task(worker.run(signals=False))
    with JobQueue(settings=place.settings) as queue:
        first = datetime.now(UTC) + offset + timedelta(seconds=3)
        for number in range(count):
            at = first + timedelta(milliseconds=37 * number)
            await asyncio.to_thread(queue.schedule_email, at, email())
        await ended.wait()
    worker.stop()
    await work
    return late
