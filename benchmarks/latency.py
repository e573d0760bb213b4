"""How soon a job begins: queued on an idle worker, or scheduled for a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from pymongo import monitoring

from benchmarks import rawloop
from benchmarks.place import Place, email, place, registry
from benchmarks.row import ROUNDS, Row
from generated import JobQueue
from memshelf import Worker
from memshelf.measuring.commands import Commands
from memshelf.measuring.findings import percentile
from memshelf.mongo import Store

COMMANDS = Commands()
PAUSE = 0.02
"""Seconds between two jobs, in which the worker is idle again."""
WARM_UP = 0.5
"""Seconds until the worker's stream is open and it has looked for what came before."""
PAIR = "raw insert_one and find_one_and_update"


@dataclass(slots=True)
class PickUps:
    """What was seen of some pick-ups; times in milliseconds."""

    waits: list[float] = field(default_factory=list)
    """From the queue call to the handler's first line."""
    inserts: list[float] = field(default_factory=list)
    """Of raw inserts."""
    pairs: list[float] = field(default_factory=list)
    """Of the same inserts, each with a claim of what was inserted: what every durable queue waits for."""
    commands: int = 0
    """What the jobs cost, the looks of an idle worker once in a poll interval left out."""


def measure(url: str, picked: int, scheduled: int) -> Iterator[Row]:
    """Measure pick-up, its commands, and lateness beside many jobs of the future."""
    monitoring.register(COMMANDS)
    seen = PickUps()
    for _ in range(ROUNDS):
        _pick_up(url, picked, seen)
    raw = "raw insert_one, p50"
    insert, tail = median(seen.inserts), percentile(seen.waits, 0.99)
    yield Row("pick-up by an idle worker, p50", median(seen.waits), "ms", insert, raw, "≤ 3 ×")
    yield Row("pick-up by an idle worker, p99", tail, "ms", insert, raw, "≤ 10 ×")
    yield Row("… p50, beside what it waits for", median(seen.waits), "ms", median(seen.pairs), f"{PAIR}, p50")
    yield Row("… p99, beside what it waits for", tail, "ms", percentile(seen.pairs, 0.99), f"{PAIR}, p99")
    commands = seen.commands / len(seen.waits)
    yield Row("… commands for one job, its insert included", commands, "commands", bar="≤ 3")
    with place(url) as ours:
        ours.fill(scheduled, in_future=timedelta(days=100))
        late = asyncio.run(_lateness(ours, picked))
    beside = f"lateness beside {scheduled:,} scheduled jobs"
    yield Row(f"{beside}, p50", median(late), "ms", bar="≤ 20 ms")
    yield Row(f"{beside}, p99", percentile(late, 0.99), "ms", bar="≤ 100 ms")


def pick_up_once(url: str, count: int) -> list[float]:
    """Give the milliseconds of some pick-ups, with nothing beside them."""
    seen = PickUps()
    _pick_up(url, count, seen)
    return seen.waits


def _pick_up(url: str, count: int, seen: PickUps) -> None:
    with place(url, process_every="1h") as ours, place(url) as other:
        asyncio.run(_picked_up(ours, other, count, seen))


async def _picked_up(ours: Place, other: Place, count: int, seen: PickUps) -> None:
    """Queue jobs on an idle worker, in turn with raw writes after the same pause."""
    began: asyncio.Queue[float] = asyncio.Queue()

    async def handle(job: Any, context: Any) -> None:
        began.put_nowait(time.perf_counter())

    worker = Worker(registry(handle), settings=ours.settings)
    work = asyncio.create_task(worker.run(signals=False))
    with JobQueue(settings=ours.settings) as queue:
        await asyncio.to_thread(queue.queue_email, email())
        await began.get()
        await asyncio.sleep(WARM_UP)
        before = COMMANDS.of_jobs
        for _ in range(count):
            await asyncio.sleep(PAUSE)
            insert, pair = await asyncio.to_thread(rawloop.write_times, other)
            seen.inserts.append(insert)
            seen.pairs.append(pair)
            await asyncio.sleep(PAUSE)
            sent = time.perf_counter()
            await asyncio.to_thread(queue.queue_email, email())
            seen.waits.append((await began.get() - sent) * 1000)
        await asyncio.sleep(PAUSE)
        seen.commands += COMMANDS.of_jobs - before - 2 * count  # The raw writes are counted too.
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
