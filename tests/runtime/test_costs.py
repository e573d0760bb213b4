"""What jobs cost in commands to the server, and that nobody sleeps over what is due."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from memshelf import Context, Job, Registered, Registry, Retry, Settings, Worker
from tests.runtime.app.catalog import ECHO
from tests.runtime.app.queues import JobQueue
from tests.runtime.working import nothing, with_worker


class Log(CommandListener):
    """Keeps what is asked of the jobs, heartbeats left out."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def started(self, event: CommandStartedEvent) -> None:
        filter_ = event.command["updates"][0]["q"] if event.command_name == "update" else {}
        if event.command_name == "findAndModify" or "lease" in filter_ or "$expr" in filter_:
            self.asked.append(event.command_name)
        elif event.command_name == "find" and event.command.get("hint") != "memshelf_due":
            self.asked.append("find")

    def succeeded(self, event: CommandSucceededEvent) -> None: ...

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


def test_jobs_that_come_one_by_one_cost_little_more_than_a_claim_and_a_record(
    queue: JobQueue, settings: Settings
) -> None:
    """The insert, the stream and the look for the next due time are not counted.

    A job that comes before the worker sleeps again is claimed by a batch of its own, which takes two reads more.
    """
    patient = settings.model_copy(update={"process_every": timedelta(hours=1)})
    log = Log()

    async def work() -> None:
        client = AsyncMongoClient[Any](settings.mongo_url.get_secret_value(), event_listeners=[log])
        worker = Worker(Registry([Registered(ECHO, nothing)]), settings=patient, client=client)
        succeeded = asyncio.Semaphore(0)
        worker.on("succeeded", lambda event: succeeded.release())
        running = asyncio.create_task(worker.run(signals=False))
        for _ in range(20):
            await asyncio.to_thread(queue.queue_echo, {})
            await succeeded.acquire()
        worker.stop()
        await running
        await client.close()

    asyncio.run(asyncio.wait_for(work(), 60))
    assert 40 <= len(log.asked) <= 80


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
