"""`acknowledge: each`: an outcome that is written at once, by itself, before another job takes its slot."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pymongo import AsyncMongoClient, MongoClient, monitoring

from memshelf import Context, Job, Registered, Registry, RetryPolicy, Settings, Worker
from tests.runtime.app.catalog import ECHO, FAIL, LETTER
from tests.runtime.app.queues import JobQueue
from tests.runtime.processes import wait_until
from tests.runtime.working import drained

PATIENCE = 40.0
MOMENT = 0.3
"""Seconds, many times what a worker needs to claim a job."""


class Outcomes(monitoring.CommandListener):
    """Tells when a worker sends the first outcome."""

    def __init__(self) -> None:
        self.sent = asyncio.Event()

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.command_name == "update" and "succeeded" in str(event.command["updates"][0]["u"]):
            self.sent.set()

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None: ...

    def failed(self, event: monitoring.CommandFailedEvent) -> None: ...


@asynccontextmanager
async def at_work(settings: Settings, registry: Registry, outcomes: Outcomes) -> AsyncIterator[None]:
    """Have a worker drain beside the block, and wait for its end."""
    url = settings.mongo_url.get_secret_value()
    async with AsyncMongoClient[Any](url, event_listeners=[outcomes]) as client:
        work = asyncio.create_task(Worker(registry, settings=settings, client=client).run(drain=True, signals=False))
        yield
        await work


def test_an_outcome_of_its_own_waits_for_no_batch(
    settings: Settings, queue: JobQueue, jobs: Any, mongo_client: MongoClient[dict[str, Any]]
) -> None:
    """The write of a batch hangs at a job that a transaction holds; the other outcome is there all the same."""
    patient = settings.model_copy(
        update={"lease": timedelta(minutes=1), "heartbeat_every": timedelta(seconds=20)}  # No beat meets the lock.
    )
    careful = replace(LETTER, acknowledge="each")
    queue.queue_echo({}, id="batched")
    queue.queue(careful, {"to": "x"}, id="apart")
    outcomes = Outcomes()
    session = mongo_client.start_session()

    async def echo(job: Job[Any], context: Context) -> None:
        session.start_transaction()
        jobs.update_one({"_id": job.id}, {"$set": {"meta": {}}}, session=session)

    async def letter(job: Job[Any], context: Context) -> None:
        await outcomes.sent.wait()

    async def story() -> None:
        registry = Registry([Registered(ECHO, echo), Registered(careful, letter)])
        async with at_work(patient, registry, outcomes):
            await asyncio.to_thread(wait_until, lambda: jobs.find_one({"_id": "apart"})["state"] == "succeeded")
            assert jobs.find_one({"_id": "batched"})["state"] == "running"
            session.abort_transaction()
        assert jobs.find_one({"_id": "batched"})["state"] == "succeeded"

    with session:
        asyncio.run(asyncio.wait_for(story(), PATIENCE))


@pytest.mark.parametrize("limit", ["of the worker", "of the job type"])
@pytest.mark.parametrize("in_thread", [False, True])
def test_no_job_begins_in_a_slot_before_the_outcome_there_is_written(
    settings: Settings,
    queue: JobQueue,
    jobs: Any,
    mongo_client: MongoClient[dict[str, Any]],
    limit: str,
    in_thread: bool,
) -> None:
    """The first outcome hangs at a transaction that ends when the second job begins, which it must not, or soon."""
    job = replace(ECHO, acknowledge="each", concurrency=1 if limit == "of the job type" else None)
    patient = settings.model_copy(
        update={
            "lease": timedelta(minutes=1),
            "heartbeat_every": timedelta(seconds=20),
            "max_concurrency": 1 if limit == "of the worker" else 20,
        }
    )
    began = [threading.Event(), threading.Event()]
    too_early: list[bool] = []
    queue.queue_many(job, [{}] * 2)

    def hold(job_id: object, held: threading.Event) -> None:
        with mongo_client.start_session() as session, session.start_transaction():
            jobs.update_one({"_id": job_id}, {"$set": {"meta": {}}}, session=session)
            held.set()
            too_early.append(began[1].wait(MOMENT))

    def in_the_first_hold(job: Job[Any], context: Context) -> None:
        first = not began[0].is_set()
        began[0 if first else 1].set()
        if first:
            held = threading.Event()
            threading.Thread(target=hold, args=[job.id, held]).start()
            held.wait(PATIENCE)

    async def in_a_coroutine(job: Job[Any], context: Context) -> None:
        in_the_first_hold(job, context)

    assert drained(patient, in_the_first_hold if in_thread else in_a_coroutine, job=job) == 0
    assert began[1].is_set()
    assert too_early == [False]
    assert jobs.count_documents({"state": "succeeded"}) == 2


def test_a_failure_is_written_apart_too(settings: Settings, queue: JobQueue, jobs: Any) -> None:
    """Their slots are free again: two slots run five jobs."""
    job = replace(FAIL, acknowledge="each", retries=RetryPolicy(max=0))

    async def fail(job: Job[Any], context: Context) -> None:
        raise RuntimeError("always")

    queue.queue_many(job, [{"times": 9}] * 5)
    drained(settings.model_copy(update={"max_concurrency": 2}), fail, job=job)
    assert jobs.count_documents({"state": "dead"}) == 5
