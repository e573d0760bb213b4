"""What jobs cost in commands to the server, and that nobody sleeps over what is due."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from memshelf import Context, Job, Registered, Registry, Retry, Settings, Worker
from memshelf.indexes import DUE, LEASES
from tests.runtime.app.catalog import ECHO
from tests.runtime.app.queues import JobQueue
from tests.runtime.working import nothing, with_worker

ONE_BY_ONE = 40
LOOKS_AT_THE_START = 4
"""Claims that win nothing: when the worker starts, and when its stream is open."""
HOUR = timedelta(hours=1)


class Log(CommandListener):
    """Keeps what is asked of the jobs, heartbeats and sweeps left out; schedules have a collection of their own."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.looked = asyncio.Event()
        """Set when the worker has looked when the next job is due."""
        self.streaming = asyncio.Event()
        self.opened: list[int] = []
        """How much had been asked when a stream was opened."""
        self._looks: set[int] = set()
        self._streams: set[int] = set()

    def started(self, event: CommandStartedEvent) -> None:
        if event.command.get(event.command_name) != "jobs":
            return
        filter_ = event.command["updates"][0]["q"] if event.command_name == "update" else {}
        if event.command_name == "findAndModify" or "lease" in filter_ or "$expr" in filter_:
            self.asked.append(event.command_name)
        elif event.command_name == "aggregate":
            self.opened.append(len(self.asked))
            self._streams.add(event.request_id)
        elif event.command_name == "find" and event.command.get("hint") == DUE:
            self._looks.add(event.request_id)
        elif event.command_name == "find" and event.command.get("hint") != LEASES:
            self.asked.append("find")

    def succeeded(self, event: CommandSucceededEvent) -> None:
        if event.request_id in self._streams:
            self.streaming.set()
        elif event.request_id in self._looks:
            self._looks.discard(event.request_id)
            self.looked.set()

    def failed(self, event: CommandFailedEvent) -> None: ...


def test_a_backlog_costs_a_tenth_of_a_command_for_each_job(queue: JobQueue, settings: Settings, jobs: Any) -> None:
    queue.queue_echo_many([{} for _ in range(2_000)])
    wide = settings.model_copy(update={"max_concurrency": 400})
    log = Log()

    async def work() -> None:
        async with AsyncMongoClient[Any](settings.mongo_url.get_secret_value(), event_listeners=[log]) as client:
            await Worker(Registry([Registered(ECHO, nothing)]), settings=wide, client=client).run(
                drain=True, signals=False
            )

    asyncio.run(asyncio.wait_for(work(), 60))
    assert jobs.count_documents({"state": "succeeded"}) == 2_000
    assert len(log.asked) <= 200
    last_batch = max(number for number, name in enumerate(log.asked) if name == "find")
    assert all(opened > last_batch for opened in log.opened), "every write passed through the stream"


def test_a_job_for_an_idle_worker_costs_three_commands(queue: JobQueue, settings: Settings) -> None:
    """Its insert, its claim and its record; the stream, the heartbeat and the look for the next due time are apart."""
    quiet = settings.model_copy(update={"process_every": HOUR, "lease": 3 * HOUR, "heartbeat_every": HOUR})
    log = Log()

    async def work() -> None:
        succeeded = asyncio.Semaphore(0)
        async with AsyncMongoClient[Any](settings.mongo_url.get_secret_value(), event_listeners=[log]) as client:
            worker = Worker(Registry([Registered(ECHO, nothing)]), settings=quiet, client=client)
            worker.on("succeeded", lambda event: succeeded.release())
            running = asyncio.create_task(worker.run(signals=False))
            await log.streaming.wait()
            for _ in range(ONE_BY_ONE):
                log.looked.clear()
                await asyncio.to_thread(queue.queue_echo, {})
                await succeeded.acquire()
                await log.looked.wait()
            worker.stop()
            await running

    asyncio.run(asyncio.wait_for(work(), 60))
    counted = Counter(log.asked)
    assert set(counted) == {"findAndModify", "update"}
    assert counted["update"] == ONE_BY_ONE
    assert ONE_BY_ONE <= counted["findAndModify"] <= ONE_BY_ONE + LOOKS_AT_THE_START


@pytest.mark.parametrize(
    ("waiting", "claims"),
    [(2, ["findAndModify", "findAndModify"]), (3, ["findAndModify", "find"])],
)
def test_several_jobs_are_claimed_at_once_and_a_last_one_by_one_command(
    waiting: int, claims: list[str], queue: JobQueue, settings: Settings
) -> None:
    """A batch begins with a look for candidates and takes three commands at least; one job is not worth them."""
    queue.queue_echo_many([{} for _ in range(waiting)])
    log = Log()
    parked: list[asyncio.Event] = []

    async def wait_for_all(job: Job[Any], context: Context) -> None:
        """Hold back every record until all are claimed."""
        parked.append(asyncio.Event())
        if len(parked) == waiting:
            for each in parked:
                each.set()
        await parked[-1].wait()

    async def work() -> None:
        async with AsyncMongoClient[Any](settings.mongo_url.get_secret_value(), event_listeners=[log]) as client:
            await Worker(Registry([Registered(ECHO, wait_for_all)]), settings=settings, client=client).run(
                drain=True, signals=False
            )

    asyncio.run(asyncio.wait_for(work(), 60))
    assert log.asked[:2] == claims


def test_a_worker_does_not_sleep_over_a_retry_of_its_own(queue: JobQueue, settings: Settings) -> None:
    """Nothing is inserted, so that no stream tells of it; and polling is an hour away."""
    patient = settings.model_copy(update={"process_every": timedelta(hours=1)})
    job = queue.queue_echo({})
    attempts: list[int] = []

    async def handle(job: Job[Any], context: Context) -> None:
        attempts.append(context.attempt)
        if context.attempt < 3:
            raise Retry(after="10ms")

    async def story(worker: Worker) -> None:
        succeeded = asyncio.Event()
        worker.on("succeeded", lambda event: succeeded.set())
        await succeeded.wait()

    with_worker(patient, handle, story)
    assert attempts == [1, 2, 3]
    assert job.refresh().state == "succeeded"
