"""Leases, clocks and servers at their worst: the worker neither stands still, nor runs in circles, nor hangs."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from memshelf import Context, Job, Registered, Registry, Settings, Worker
from memshelf.clocks import ServerClock
from memshelf.heartbeat import AGAIN, Heartbeat
from tests.runtime.app.catalog import ECHO, SLOW
from tests.runtime.app.queues import JobQueue
from tests.runtime.working import drained, foreign, nothing, with_worker


def test_a_job_that_must_run_alone_does_not_wait_for_a_thread_that_nobody_can_stop(
    queue: JobQueue, settings: Settings, jobs: Any
) -> None:
    """The stuck thread's job has failed already, so a crash would cost it nothing."""
    quick = dataclasses.replace(SLOW, timeout=timedelta(milliseconds=100))
    queue.queue(quick, {"seconds": 0}, priority=9)
    let_go = threading.Event()
    stuck: list[Any] = []

    def handle(job: Job[Any], context: Context) -> None:
        if not stuck:
            stuck.append(job.id)
            let_go.wait(90)

    async def story(worker: Worker) -> None:
        failed, succeeded = asyncio.Event(), asyncio.Event()
        worker.on("failed", lambda event: failed.set())
        worker.on("succeeded", lambda event: succeeded.set())
        await failed.wait()
        await asyncio.to_thread(jobs.insert_one, {**foreign("slow", {"seconds": 0}), "lost": 2, "attempts": 2})
        await succeeded.wait()
        let_go.set()

    with_worker(settings, handle, story, quick)


def test_time_runs_from_the_start_for_a_job_that_had_to_wait_for_its_turn_alone(
    queue: JobQueue, settings: Settings, jobs: Any
) -> None:
    first = queue.queue_echo({"text": "neighbour"}, priority=9)
    second = queue.queue_echo({"text": "suspect"})
    jobs.update_one({"_id": second.id}, {"$set": {"lost": 2, "attempts": 2}})
    limited = dataclasses.replace(ECHO, timeout=timedelta(minutes=5))
    deadlines = []

    async def handle(job: Job[Any], context: Context) -> None:
        if job.id == first.id:
            while not await asyncio.to_thread(jobs.count_documents, {"_id": second.id, "state": "running"}):
                pass
            before = (await asyncio.to_thread(jobs.find_one, {"_id": second.id}))["leaseUntil"]
            passed = {"$set": {"deadline": datetime(2020, 1, 1, tzinfo=UTC)}}
            await asyncio.to_thread(jobs.update_one, {"_id": second.id}, passed)
            while (lease := (await asyncio.to_thread(jobs.find_one, {"_id": second.id}))["leaseUntil"]) == before:
                pass
            assert lease > before
        else:
            deadlines.append((await asyncio.to_thread(jobs.find_one, {"_id": second.id}))["deadline"])

    drained(settings, handle, job=limited)
    assert deadlines[0] > datetime.now(UTC)
    assert (first.refresh().errors, second.refresh().state) == ((), "succeeded")


def test_a_worker_that_takes_its_own_lost_job_again_still_stops_the_first_run(
    queue: JobQueue, settings: Settings, jobs: Any
) -> None:
    """Frozen for longer than its lease, it finds its job ready again and claims it before its next heartbeat."""
    narrow = dataclasses.replace(SLOW, concurrency=2)
    job = queue.queue(narrow, {"seconds": 0})
    attempts, stopped, at_once = [], asyncio.Event(), []

    async def handle(job: Job[Any], context: Context) -> None:
        attempts.append(context.attempt)
        if len(attempts) == 1:
            try:
                await asyncio.Event().wait()
            finally:
                stopped.set()
        await stopped.wait()

    async def story(worker: Worker) -> None:
        started, succeeded = asyncio.Semaphore(0), asyncio.Event()
        worker.on("started", lambda event: started.release())
        worker.on("succeeded", lambda event: succeeded.set())
        await started.acquire()
        await asyncio.to_thread(jobs.update_one, {"_id": job.id}, {"$set": {"state": "ready"}})
        worker._waker.wake()
        await started.acquire()
        at_once.append(worker._crew.running.of_type("slow"))
        await succeeded.wait()

    with_worker(settings.model_copy(update={"heartbeat_every": timedelta(seconds=1)}), handle, story, narrow)
    assert (attempts, at_once, job.refresh().state) == ([1, 2], [2], "succeeded")


def test_a_worker_without_a_heartbeat_stops_and_says_why(
    queue: JobQueue, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(heartbeat: Heartbeat) -> None:
        raise RuntimeError("no heartbeat")

    monkeypatch.setattr(Heartbeat, "beat", broken)
    with pytest.raises(RuntimeError, match="no heartbeat"):
        asyncio.run(asyncio.wait_for(Worker(Registry([]), settings=settings).run(signals=False), 20))


def test_a_clock_ahead_of_the_servers_does_not_make_the_worker_ask_without_pause(
    queue: JobQueue, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = queue.schedule_echo(timedelta(seconds=1), {})
    honest, asked = ServerClock.now, []

    def ahead(clock: ServerClock) -> datetime:
        asked.append(clock)
        return honest(clock) + timedelta(seconds=30)

    monkeypatch.setattr(ServerClock, "now", ahead)

    async def story(worker: Worker) -> None:
        done = asyncio.Event()
        worker.on("succeeded", lambda event: done.set())
        await done.wait()

    with_worker(settings, nothing, story)
    monkeypatch.undo()
    assert job.refresh().state == "succeeded"
    assert len(asked) < 120


def test_a_worker_told_to_stop_while_the_server_is_away_at_its_start_ends_at_once(settings: Settings) -> None:
    away = settings.model_copy(
        update={"mongo_url": type(settings.mongo_url)("mongodb://127.0.0.1:1"), "server_selection_timeout_ms": 600_000}
    )

    async def work() -> int:
        worker = Worker(Registry([Registered(ECHO, nothing)]), settings=away)
        running = asyncio.create_task(worker.run(signals=False))
        await asyncio.sleep(0)
        worker.stop()
        return await running

    with contextlib.suppress(TimeoutError):
        assert asyncio.run(asyncio.wait_for(work(), 10)) == 0
        return
    pytest.fail("it waited for the server")


def test_a_heartbeat_that_failed_is_tried_again_long_before_the_next(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the server is back, its owner must be faster than those who would take the job."""
    slow = settings.model_copy(update={"heartbeat_every": timedelta(seconds=9)})
    heartbeat = Heartbeat(slow, "worker", on_lost=ignore, on_cancel=ignore, note=dict)
    errors, waited = [AutoReconnect("away"), AutoReconnect("away")], []

    def beat(heartbeat: Heartbeat) -> None:
        if errors:
            raise errors.pop()

    def wait(seconds: float) -> bool:
        waited.append(seconds)
        if len(waited) == 4:
            heartbeat._stop.set()
        return True

    monkeypatch.setattr(Heartbeat, "beat", beat)
    monkeypatch.setattr(heartbeat._stop, "wait", wait)
    heartbeat.run()
    assert waited == [AGAIN, AGAIN, 9.0, 9.0]


def test_owners_have_time_to_come_back_before_others_take_their_jobs(settings: Settings) -> None:
    """However fast they beat, the driver looks for a lost server only twice a second."""
    hasty = settings.model_copy(update={"heartbeat_every": timedelta(milliseconds=10)})
    assert Worker(Registry([]), settings=hasty)._rescuer()._heartbeat >= 1.5
    patient = settings.model_copy(update={"heartbeat_every": timedelta(seconds=10)})
    assert Worker(Registry([]), settings=patient)._rescuer()._heartbeat == 10


def ignore(*arguments: Any) -> None:
    """Hear of nothing."""
