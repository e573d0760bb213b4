"""A whole worker, with the connection lost before or after one chosen call of its life, or of its last moments."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import AutoReconnect

from memshelf import Context, Job, Registered, Registry, Settings, Snooze, Worker
from memshelf.call import Call
from memshelf.flows.prepare import prepare
from memshelf.mongo import AsyncStore
from tests.faults.losing import Moment
from tests.runtime.app.catalog import ECHO, FAIL
from tests.runtime.app.queues import JobQueue

PATIENCE = 60.0


@pytest.fixture
def settings(mongo_url: str, database_name: str) -> Settings:
    """Give settings under which no lease ends while a test runs, and no stream adds calls of its own."""
    return Settings.load(
        mongo_url=mongo_url,
        database=database_name,
        process_every="50ms",
        lease="60s",
        heartbeat_every="10s",
        grace_period="10s",
        change_streams=False,
    )


@pytest.fixture
def queue(settings: Settings) -> Iterator[JobQueue]:
    """Give a queue on a collection that is made ready."""
    with JobQueue(settings=settings) as opened:
        opened._store.run(prepare("jobs"))
        yield opened


@pytest.fixture
def jobs(mongo_client: MongoClient[dict[str, Any]], database_name: str) -> Any:
    """Give the collection of the jobs."""
    return mongo_client[database_name]["jobs"]


class LosingAsyncStore(AsyncStore):
    """The store of a worker, which loses one of its calls on jobs."""

    def __init__(self, settings: Settings, number: int, moment: Moment) -> None:
        super().__init__(settings)
        self.calls: list[str] = []
        self._number = number
        self._moment = moment

    async def _perform(self, asked: Call) -> Any:
        if asked.target not in ("jobs", "raw") or asked.method == "create_indexes":
            return await super()._perform(asked)
        number = len(self.calls)
        self.calls.append(asked.method)
        if number != self._number:
            return await super()._perform(asked)
        if self._moment == "after":
            await super()._perform(asked)
        raise AutoReconnect(f"lost {self._moment}")


def finished(settings: Settings, jobs: Any, number: int, moment: Moment) -> tuple[list[str], Counter[Any], list[str]]:
    """Run a worker until every job succeeded; give its calls, how often each job ran, and whose lease it lost."""
    store = LosingAsyncStore(settings, number, moment)
    runs: Counter[Any] = Counter()
    lost: list[str] = []

    async def handle(job: Job[Any], context: Context) -> None:
        runs[job.id] += 1
        if job.id == "snoozes" and runs[job.id] == 1:
            raise Snooze("10ms")

    async def fail(job: Job[Any], context: Context) -> None:
        runs[job.id] += 1
        if context.attempt == 1:
            raise ValueError

    async def work() -> None:
        worker = Worker(Registry([Registered(ECHO, handle), Registered(FAIL, fail)]), settings=settings)
        worker._store = worker._waker._store = store
        worker.on("lease lost", lambda event: lost.append(event.job_id))
        running = asyncio.create_task(worker.run(signals=False))
        async with asyncio.timeout(PATIENCE):
            while await asyncio.to_thread(jobs.count_documents, {"state": {"$ne": "succeeded"}}):
                assert not running.done(), "the worker ended"
            worker.stop()
            await running

    asyncio.run(work())
    return store.calls, runs, lost


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_that_loses_one_call_runs_every_job_as_often_as_it_would_have(
    moment: Moment, queue: JobQueue, settings: Settings, jobs: Any, scale: int
) -> None:
    """No lease ends meanwhile, so that nobody can help: each job runs once for each of its outcomes."""
    number, calls = 0, 1
    while number < calls:
        jobs.delete_many({})
        queue.queue_echo_many([{} for _ in range(4)], ids=["a", "b", "c", "snoozes"])
        queue.queue_fail({"times": 1}, id="fails")
        made, runs, lost = finished(settings, jobs, number, moment)
        calls = max(calls, len(made))
        assert (runs, lost) == (Counter({"a": 1, "b": 1, "c": 1, "snoozes": 2, "fails": 2}), []), made[number]
        stored = {each["_id"]: each for each in jobs.find({})}
        assert {(each["state"], each["lost"], "leaseUntil" in each) for each in stored.values()} == {
            ("succeeded", 0, False)
        }
        attempts = {name: each["attempts"] for name, each in stored.items()}
        assert attempts == {"a": 1, "b": 1, "c": 1, "snoozes": 1, "fails": 2}
        number += 5 - min(scale, 4)


def test_a_claim_whose_reply_is_lost_in_the_last_moment_costs_the_job_nothing(
    queue: JobQueue, settings: Settings, jobs: Any
) -> None:
    """The worker is told to stop before it has read what it won."""
    queue.queue_echo({}, id="won")

    async def handle(job: Job[Any], context: Context) -> None:
        raise AssertionError("it is too late to run anything")

    async def work() -> None:
        worker = Worker(Registry([Registered(ECHO, handle)]), settings=settings)
        perform = worker._store._perform

        async def losing(asked: Call) -> Any:
            reply = await perform(asked)
            if asked.method == "find_one_and_update":
                worker.stop()
                raise AutoReconnect("lost after")
            return reply

        worker._store._perform = losing  # type: ignore[method-assign]
        await asyncio.wait_for(worker.run(signals=False), PATIENCE)

    asyncio.run(work())
    stored = jobs.find_one({})
    assert (stored["state"], stored["attempts"], stored["lost"], stored["interrupted"]) == ("ready", 0, 0, 1)
    assert "leaseUntil" not in stored
