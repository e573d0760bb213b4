"""A worker beside a test: one that runs until nothing is due, and one that runs while a story is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

from memshelf import Context, Job, Registered, Registry, Settings, Worker
from tests.runtime.app.catalog import ECHO

Handler = Callable[[Job[Any], Context], Any]


def drained(
    settings: Settings, handler: Handler, *, job: Any = ECHO, on: Callable[[Worker], None] | None = None
) -> int:
    """Run a worker with one handler until nothing is due."""

    async def work() -> int:
        worker = Worker(Registry([Registered(job, handler)]), settings=settings)
        if on is not None:
            on(worker)
        return await worker.run(drain=True, signals=False)

    return asyncio.run(asyncio.wait_for(work(), 20))


def with_worker(
    settings: Settings, handler: Handler, story: Callable[[Worker], Coroutine[Any, Any, None]], job: Any = ECHO
) -> int:
    """Run a worker beside a story, and stop it when the story is told."""

    async def both() -> int:
        worker = Worker(Registry([Registered(job, handler)]), settings=settings)
        work = asyncio.create_task(worker.run(signals=False))
        await story(worker)
        worker.stop()
        return await work

    return asyncio.run(asyncio.wait_for(both(), 20))


async def nothing(job: Job[Any], context: Context) -> None:
    """Do nothing."""


def foreign(name: str, data: dict[str, Any]) -> dict[str, Any]:
    """What a producer in another language must write, and nothing more."""
    return {
        "name": name,
        "data": data,
        "state": "ready",
        "queue": "default",
        "priority": 5,
        "runAt": datetime.now(UTC) - timedelta(seconds=1),
    }
