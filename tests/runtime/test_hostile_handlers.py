"""Handlers, listeners and services that do their worst: the worker records what happened, goes on, and stops."""

from __future__ import annotations

import asyncio
import dataclasses
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import svcs

from memshelf import Context, Job, Registered, Registry, Settings, Worker
from tests.runtime.app.catalog import ECHO, FAIL
from tests.runtime.app.queues import JobQueue
from tests.runtime.processes import WorkerProcess, wait_until
from tests.runtime.working import drained, foreign, nothing, with_worker


class Mute(Exception):
    """An error that cannot say what it is."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


@pytest.mark.parametrize(
    "error",
    [
        Mute(),
        ValueError("\udc80 half a character"),
        ValueError("$data.password"),
        ValueError("x" * 10_000_000),
        SystemExit(3),
        KeyboardInterrupt(),
        asyncio.CancelledError(),
        GeneratorExit(),
        StopIteration(),
        StopAsyncIteration(),
        BaseExceptionGroup("many", [ValueError(str(number)) for number in range(1000)]),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("kind", ["coroutine", "thread"])
def test_whatever_a_handler_raises_fails_the_attempt_under_the_jobs_own_retries(
    error: BaseException, kind: str, queue: JobQueue, settings: Settings
) -> None:
    job = queue.queue_fail({"times": 9})

    async def handle(job: Job[Any], context: Context) -> None:
        raise error

    def plain(job: Job[Any], context: Context) -> None:
        raise error

    async def story(worker: Worker) -> None:
        dead = asyncio.Event()
        worker.on("dead", lambda event: dead.set())
        await dead.wait()

    with_worker(settings, handle if kind == "coroutine" else plain, story, FAIL)
    job.refresh()
    assert (job.state, job.attempts, len(job.errors)) == ("dead", 4, 4)
    assert all(each.kind == "error" and len(each.message) <= 4000 for each in job.errors)


def test_a_handler_that_recurses_for_ever_fails(queue: JobQueue, settings: Settings) -> None:
    job = queue.queue_echo({})

    async def handle(job: Job[Any], context: Context) -> None:
        await handle(job, context)

    drained(settings, handle)
    assert job.refresh().errors[0].type == "RecursionError"


def test_jobs_under_earlier_names_share_the_slots_of_their_job(queue: JobQueue, settings: Settings, jobs: Any) -> None:
    narrow = dataclasses.replace(ECHO, concurrency=2, previous_names=("old-echo", "older-echo"))
    for name in ("echo", "old-echo", "older-echo"):
        jobs.insert_many([foreign(name, {}) for _ in range(8)])
    at_once, most = 0, 0

    async def handle(job: Job[Any], context: Context) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.01)
        at_once -= 1

    drained(settings, handle, job=narrow)
    assert most == 2
    assert jobs.count_documents({"state": "succeeded"}) == 24


def test_services_whose_closing_never_ends_hold_up_neither_the_job_nor_the_worker(
    queue: JobQueue, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memshelf.attempt.CLOSING", 0.05)
    job = queue.queue_echo({})

    async def endless() -> AsyncIterator[int]:
        yield 1
        await asyncio.Event().wait()

    async def handle(job: Job[Any], context: Context) -> None:
        await context.aget(int)

    def services(registry: svcs.Registry) -> None:
        registry.register_factory(int, endless)

    async def work() -> int:
        worker = Worker(Registry([Registered(ECHO, handle)], services=services), settings=settings)
        return await worker.run(drain=True, signals=False)

    assert asyncio.run(asyncio.wait_for(work(), 20)) == 0
    assert job.refresh().state == "succeeded"


def test_services_whose_closing_is_cancelled_leave_no_slot_taken(queue: JobQueue, settings: Settings) -> None:
    job = queue.queue_echo({})

    async def cancelled() -> AsyncIterator[int]:
        yield 1
        raise asyncio.CancelledError

    async def handle(job: Job[Any], context: Context) -> None:
        await context.aget(int)

    def services(registry: svcs.Registry) -> None:
        registry.register_factory(int, cancelled)

    async def work() -> int:
        worker = Worker(Registry([Registered(ECHO, handle)], services=services), settings=settings)
        return await worker.run(drain=True, signals=False)

    assert asyncio.run(asyncio.wait_for(work(), 20)) == 0
    assert job.refresh().state == "succeeded"


def test_a_service_that_cannot_be_made_fails_the_attempt(queue: JobQueue, settings: Settings) -> None:
    job = queue.queue_echo({})

    def broken() -> int:
        raise OSError("no such host")

    async def handle(job: Job[Any], context: Context) -> None:
        context.get(int)

    async def work() -> None:
        services = lambda registry: registry.register_factory(int, broken)  # noqa: E731
        await Worker(Registry([Registered(ECHO, handle)], services=services), settings=settings).run(
            drain=True, signals=False
        )

    asyncio.run(asyncio.wait_for(work(), 20))
    assert (job.refresh().state, job.errors[0].message) == ("ready", "no such host")


def test_a_listener_that_never_ends_does_not_hold_up_the_end(
    queue: JobQueue, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memshelf.worker.LAST_WORDS", 0.05)
    queue.queue_echo({})

    async def listen(event: Any) -> None:
        await asyncio.Event().wait()

    drained(settings, nothing, on=lambda worker: worker.on("succeeded", listen))


STUBBORN = """
import asyncio
from tests.runtime.app import handlers

async def slow(job, context):
    while True:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            pass

handlers.slow = slow
from memshelf.cli import main
main()
"""


def test_a_coroutine_that_swallows_its_cancellation_does_not_hold_up_the_process(
    queue: JobQueue, settings: Settings, jobs: Any, tmp_path: Path
) -> None:
    queue.queue_slow({"seconds": 0}, id="stubborn")
    names = {"MONGO_URL": settings.mongo_url.get_secret_value(), "DATABASE": settings.database, "GRACE_PERIOD": "0s"}
    environment = {f"MEMSHELF_{name}": value for name, value in names.items()}
    with WorkerProcess(environment, program=("-c", STUBBORN), log=tmp_path / "worker.log") as worker:
        wait_until(lambda: jobs.find_one({"_id": "stubborn"})["state"] == "running", worker)
        worker.signal(signal.SIGTERM)
        assert worker.wait() == 3
    assert (jobs.find_one({})["state"], jobs.find_one({})["attempts"]) == ("ready", 0)
