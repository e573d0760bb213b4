"""How a worker ends: told to, after so many attempts, or because a part of it broke."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from memshelf import Context, Job, Registered, Registry, Settings, Worker
from tests.runtime.app.catalog import ECHO, FAIL, SLOW
from tests.runtime.app.queues import JobQueue
from tests.runtime.working import drained, nothing


def test_a_worker_that_stops_gives_back_what_is_unfinished_uncharged(
    queue: JobQueue, settings: Settings, jobs: Any
) -> None:
    coroutine_job, thread_job = queue.queue_slow({"seconds": 60}), queue.queue_echo({})
    let_go = threading.Event()

    async def handle(job: Job[Any], context: Context) -> None:
        await asyncio.sleep(60)

    def plain(job: Job[Any], context: Context) -> None:
        let_go.wait(60)

    async def both() -> int:
        worker = Worker(Registry([Registered(SLOW, handle), Registered(ECHO, plain)]), settings=settings)
        started = asyncio.Semaphore(0)
        worker.on("started", lambda event: started.release())
        work = asyncio.create_task(worker.run(signals=False))
        await started.acquire()
        await started.acquire()
        worker.stop()
        return await work

    leftovers = asyncio.run(both())
    let_go.set()
    assert leftovers == 1
    for job in (coroutine_job, thread_job):
        stored = jobs.find_one({"_id": job.id})
        assert (stored["state"], stored["attempts"], stored["interrupted"]) == ("ready", 0, 1)


def test_a_worker_told_to_stop_while_it_starts_ends(queue: JobQueue, settings: Settings) -> None:
    job = queue.queue_echo({})

    async def work() -> int:
        worker = Worker(Registry([Registered(ECHO, nothing)]), settings=settings)
        running = asyncio.create_task(worker.run(signals=False))
        await asyncio.sleep(0)
        worker.stop()
        return await running

    assert asyncio.run(asyncio.wait_for(work(), 30)) == 0
    assert job.refresh().state == "ready"


def test_a_worker_with_a_limit_ends_after_so_many_attempts(queue: JobQueue, settings: Settings, jobs: Any) -> None:
    queue.queue_echo_many([{} for _ in range(10)])

    async def work() -> None:
        await Worker(Registry([Registered(ECHO, nothing)]), settings=settings).run(limit=3, signals=False)

    asyncio.run(asyncio.wait_for(work(), 60))
    assert jobs.count_documents({"state": "succeeded"}) == 3
    assert jobs.count_documents({"state": "ready", "attempts": 0}) == 7


def test_a_fault_of_memshelf_itself_fails_the_job_and_frees_its_slot(
    queue: JobQueue, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = queue.queue_fail({"times": 0})
    monkeypatch.setattr("memshelf.attempt.admit", lambda *arguments: 1 / 0)
    drained(settings.model_copy(update={"max_concurrency": 1}), nothing, job=FAIL)
    assert job.refresh().attempts >= 1
    assert job.errors[0].type == "ZeroDivisionError"


def test_a_worker_without_a_recorder_stops_and_says_why(
    queue: JobQueue, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(recorder: Any) -> None:
        raise RuntimeError("no recorder")

    monkeypatch.setattr("memshelf.recorder.Recorder.run", broken)
    with pytest.raises(RuntimeError, match="no recorder"):
        asyncio.run(asyncio.wait_for(Worker(Registry([]), settings=settings).run(signals=False), 30))
