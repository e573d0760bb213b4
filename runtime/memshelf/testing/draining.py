"""Workers that end by themselves, for tests on a real server."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from memshelf import document
from memshelf.call import Flow, call
from memshelf.events import Event, EventName
from memshelf.job import Job
from memshelf.mongo import AsyncStore, Store
from memshelf.options import JobId
from memshelf.queues import AsyncQueue, BlockingQueue
from memshelf.reading import read_payload
from memshelf.registry import Registry
from memshelf.settings import Settings
from memshelf.states import source
from memshelf.testing.clock import MovableClock
from memshelf.testing.recording import with_store
from memshelf.update import Expression, update
from memshelf.worker import Worker

Q = TypeVar("Q", bound=BlockingQueue | AsyncQueue)

ENDINGS: tuple[EventName, ...] = (
    "succeeded",
    "retrying",
    "dead",
    "snoozed",
    "cancelled",
    "postponed",
    "quarantined",
    "lease lost",
)
"""What a worker tells last of an attempt."""
LAST_SECONDS = 20.0
"""How long a worker that was out of time may take to interrupt its jobs and give them back."""


async def drain(
    registry: Registry,
    *,
    settings: Settings,
    timeout: float = 30.0,  # noqa: ASYNC109 - a drain that is cut off has its worker stop, and says what was running
    clock: MovableClock | None = None,
) -> list[Job[Any]]:
    """Run a real worker until no job is due and none is running.

    Args:
        registry: the generated `registry`.
        settings: which server and database, and how the worker works.
        timeout: seconds that all this may take.
        clock: makes the jobs due that are due by this clock: `runAt` of what waits is moved back by as much as the
            clock is ahead of the server. A job that waits again afterwards, for a retry or a snooze, waits by the
            clock. A clock that is behind the server holds nothing back.

    Returns:
        Every job of which an attempt ended, as it is now, in the order of their last ends.

    Raises:
        TimeoutError: jobs are still running, and which; they were interrupted and given back.
        StoreUnavailable: there is no server.
    """
    return await _work(Worker(registry, settings=_draining(settings)), timeout, clock)


def drain_blocking(
    registry: Registry, *, settings: Settings, timeout: float = 30.0, clock: MovableClock | None = None
) -> list[Job[Any]]:
    """Do what `drain` does, from code without a running event loop."""
    return asyncio.run(drain(registry, settings=settings, timeout=timeout, clock=clock))


async def work_one(
    registry: Registry,
    *,
    settings: Settings,
    timeout: float = 30.0,  # noqa: ASYNC109 - as for `drain`
    clock: MovableClock | None = None,
) -> Job[Any] | None:
    """Run one attempt of the job that a worker would take first; None if no job is due.

    Arguments and errors are those of `drain`.
    """
    ended = await _work(Worker(registry, settings=_draining(settings)), timeout, clock, limit=1)
    return ended[0] if ended else None


def work_one_blocking(
    registry: Registry, *, settings: Settings, timeout: float = 30.0, clock: MovableClock | None = None
) -> Job[Any] | None:
    """Do what `work_one` does, from code without a running event loop."""
    return asyncio.run(work_one(registry, settings=settings, timeout=timeout, clock=clock))


def clocked_queue(kind: type[Q], clock: MovableClock, *, settings: Settings) -> Q:
    """Make a queue on a real server that takes its time from a clock; `drain` its jobs with the same clock.

    Args:
        kind: the generated class, `JobQueue` or `AsyncJobQueue`.
        clock: what the queue believes is now.
        settings: which server and database.
    """
    return with_store(
        kind, settings, lambda chosen: _ClockedStore(chosen, clock), lambda chosen: _AsyncClockedStore(chosen, clock)
    )


def _draining(settings: Settings) -> Settings:
    """Leave out the change stream: a worker that ends when nothing is due waits for nothing new."""
    return settings.model_copy(update={"change_streams": False})


class _Watch:
    """Notes what a worker tells."""

    def __init__(self, worker: Worker, store: AsyncStore, clock: MovableClock | None) -> None:
        self.ended: dict[JobId, datetime | None] = {}
        """When each job is due again by the test's clock, if it is; the job that ended last is the last."""
        self.running: dict[JobId, str] = {}
        self._store = store
        self._clock = clock
        worker.on("started", self._started)
        for name in ENDINGS:
            worker.on(name, self._ended)

    def _started(self, event: Event) -> None:
        self.running[event.job_id] = event.job_name

    def _ended(self, event: Event) -> None:
        self.running.pop(event.job_id, None)
        self.ended.pop(event.job_id, None)
        due = None
        if self._clock is not None and event.wait is not None:
            due = self._clock.at(self._store.clock.now()) + event.wait
        self.ended[event.job_id] = due


async def _work(
    worker: Worker, seconds: float, clock: MovableClock | None, *, limit: int | None = None
) -> list[Job[Any]]:
    store = AsyncStore(worker.settings)
    try:
        if clock is not None:
            now = await store.now()
            await store.run(bring_forward(clock.at(now), clock.at(now) - now))
        watch = _Watch(worker, store, clock)
        await _run(worker, watch, seconds, limit)
        await store.run(put_off({job_id: due for job_id, due in watch.ended.items() if due is not None}))
        found = await store.run(read_all(list(watch.ended)))
    finally:
        await store.close()
    return [_job(each, worker.registry) for each in found]


async def _run(worker: Worker, watch: _Watch, seconds: float, limit: int | None) -> None:
    work = asyncio.create_task(worker.run(drain=True, limit=limit, signals=False))
    await asyncio.wait({work}, timeout=seconds)
    if not work.done():
        worker.stop()
        worker.stop()
        await asyncio.wait({work}, timeout=LAST_SECONDS)
        work.cancel()
        listed = ", ".join(f"{name} {job_id}" for job_id, name in watch.running.items()) or "none"
        raise TimeoutError(f"the worker was not done after {seconds:g} seconds; jobs that were running: {listed}")
    await work


def _job(found: dict[str, Any], registry: Registry) -> Job[Any]:
    return Job(document.read(found), functools.partial(read_payload, registry.catalog[found["name"]]))


def bring_forward(until: datetime, by: timedelta) -> Flow[None]:
    """Move what waits until a time back, in its order; nothing if that would be later."""
    milliseconds = -(-by // timedelta(milliseconds=1))
    if milliseconds > 0:
        earlier = Expression({"$subtract": ["$runAt", milliseconds]})
        yield call("update_many", {**source("reschedule"), "runAt": {"$lte": until}}, update({"runAt": earlier}))


def put_off(due: dict[JobId, datetime]) -> Flow[None]:
    """Have waiting jobs wait until their times."""
    for job_id, run_at in due.items():
        yield call("update_one", {"_id": job_id, **source("reschedule")}, update({"runAt": run_at}))


def read_all(ids: Sequence[JobId]) -> Flow[list[dict[str, Any]]]:
    """Read jobs in the order of their ids here; those that are gone are left out."""
    found = yield call("find", {"_id": {"$in": list(ids)}})
    by_id = {each["_id"]: each for each in found}
    return [by_id[job_id] for job_id in ids if job_id in by_id]


class _ClockedStore(Store):
    """A blocking queue's database, by a test's time."""

    def __init__(self, settings: Settings, told: MovableClock) -> None:
        super().__init__(settings)
        self._told = told

    def now(self) -> datetime:
        return self._told.at(super().now())


class _AsyncClockedStore(AsyncStore):
    """An asyncio queue's database, by a test's time."""

    def __init__(self, settings: Settings, told: MovableClock) -> None:
        super().__init__(settings)
        self._told = told

    async def now(self) -> datetime:
        return self._told.at(await super().now())
