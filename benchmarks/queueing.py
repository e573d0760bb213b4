"""Queueing beside raw inserts of the same documents under the same write concern."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from benchmarks import rawloop
from benchmarks.place import PAYLOAD, Place, email, place
from benchmarks.row import Row, alternating, rate
from generated import AsyncJobQueue, JobQueue


def measure(url: str, single: int, many: int) -> Iterator[Row]:
    """Measure one by one, blocking and asyncio, and many at once."""
    raw = "raw insert_one"
    with place(url) as ours, place(url) as other:
        pair = alternating(lambda: one_by_one(ours, single), lambda: rawloop.insert_one_by_one(other, single))
        yield Row("queue one by one, blocking", pair[0], "jobs/s", pair[1], raw, "≥ 0.9 ×")
    with place(url) as ours, place(url) as other:
        pair = alternating(
            lambda: one_by_one_async(ours, single), lambda: rawloop.insert_one_by_one_async(other, single)
        )
        yield Row("queue one by one, asyncio", pair[0], "jobs/s", pair[1], raw, "≥ 0.9 ×")
    with place(url) as ours, place(url) as other:
        pair = alternating(lambda: many_at_once(ours, many), lambda: rawloop.insert_many(other, many))
        yield Row(f"queue {many:,} at once", pair[0], "jobs/s", pair[1], "raw insert_many", "≥ 0.5 ×")


def one_by_one(place: Place, count: int) -> float:
    """Queue models, one call each."""
    with JobQueue(settings=place.settings) as queue:
        queue.queue_email(email())
        return rate(count, lambda: [queue.queue_email(email()) for _ in range(count)])


def one_by_one_async(place: Place, count: int) -> float:
    """Queue models, one awaited call each."""

    async def story() -> float:
        async with AsyncJobQueue(settings=place.settings) as queue:
            await queue.queue_email(email())
            began = asyncio.get_running_loop().time()
            for _ in range(count):
                await queue.queue_email(email())
            return count / (asyncio.get_running_loop().time() - began)

    return asyncio.run(story())


def many_at_once(place: Place, count: int) -> float:
    """Queue dicts by one call."""
    with JobQueue(settings=place.settings) as queue:
        queue.queue_email(email())
        return rate(count, lambda: queue.queue_email_many([PAYLOAD] * count))
