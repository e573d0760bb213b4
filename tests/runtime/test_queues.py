"""What a producer can do, with the blocking queue and with the asyncio queue, on a real server."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from pymongo import MongoClient

from memshelf import (
    DuplicateJobError,
    InputError,
    JobNotFoundError,
    JobStateError,
    PayloadError,
    Settings,
    StoreUnavailable,
    WhenError,
)
from memshelf.flows.prepare import prepare
from tests.runtime.app.models import LetterAddress, LetterPayload
from tests.runtime.app.queues import AsyncJobQueue, JobQueue


@pytest.fixture
def settings(mongo_url: str, database_name: str) -> Settings:
    return Settings.load(mongo_url=mongo_url, database=database_name)


@pytest.fixture
def jobs(mongo_client: MongoClient[dict[str, Any]], database_name: str) -> Any:
    return mongo_client[database_name]["jobs"]


@pytest.fixture
def queue(settings: Settings) -> Any:
    with JobQueue(settings=settings) as opened:
        opened._store.run(prepare(settings.collection))
        yield opened


def test_a_model_is_stored_under_the_schemas_names_and_nothing_that_is_unset(queue: JobQueue, jobs: Any) -> None:
    letter = LetterPayload(to="Ada", template_id="t1", address=LetterAddress(city="London"))
    job = queue.queue_letter(letter)
    stored = jobs.find_one({"_id": job.id})
    assert stored["data"] == {"to": "Ada", "templateId": "t1", "address": {"city": "London"}}
    assert (stored["name"], stored["queue"], stored["priority"], stored["state"]) == ("send-letter", "post", 7, "ready")


def test_a_dict_is_stored_as_it_is(queue: JobQueue, jobs: Any) -> None:
    job = queue.queue_letter({"to": "Ada", "templateId": "t1", "copies": 2})
    assert list(jobs.find_one({"_id": job.id})["data"].items()) == [("to", "Ada"), ("templateId", "t1"), ("copies", 2)]
    assert job.payload == LetterPayload(to="Ada", template_id="t1", copies=2)


def test_an_invalid_payload_is_refused_with_every_problem(queue: JobQueue, jobs: Any) -> None:
    with pytest.raises(PayloadError) as caught:
        queue.queue_letter(hostile({"copies": "two"}))
    assert {problem.path for problem in caught.value.problems} == {"$", "$.copies"}
    assert jobs.count_documents({}) == 0


def test_many_are_queued_together_or_not_at_all(queue: JobQueue, jobs: Any) -> None:
    with pytest.raises(PayloadError) as caught:
        queue.queue_echo_many(hostile([{}, {"text": 1}, {"text": "good"}, {"text": 2}]))
    assert [problem.index for problem in caught.value.problems] == [1, 3]
    assert jobs.count_documents({}) == 0
    assert [job.payload.text for job in queue.queue_echo_many([{"text": "a"}, {"text": "b"}])] == ["a", "b"]
    assert queue.queue_echo_many([]) == []


def test_queueing_again_under_the_same_id_makes_no_second_job(queue: JobQueue, jobs: Any) -> None:
    for _ in range(2):
        queue.queue_echo({"text": "once"}, id="order-17")
        queue.queue_echo_many([{"text": "a"}, {"text": "b"}], ids=["a", "b"])
    assert jobs.count_documents({}) == 3
    jobs.update_one({"_id": "order-17"}, {"$set": {"state": "succeeded"}})
    assert queue.queue_echo({"text": "once"}, id="order-17").state == "succeeded"
    with pytest.raises(DuplicateJobError, match="order-17"):
        queue.queue_echo({"text": "another"}, id="order-17")


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"priority": 10}, "priority: must be a whole number from 0 to 9"),
        ({"priority": True}, "priority: must be"),
        ({"queue": ""}, "queue: must be a name"),
        ({"id": 5}, "id: must be an ObjectId or a text"),
        ({"meta": {"at": datetime(2031, 1, 1)}}, "meta: "),
    ],
)
def test_an_option_out_of_range_is_refused(queue: JobQueue, options: Any, text: str) -> None:
    with pytest.raises(InputError, match=text):
        queue.queue_echo({}, **options)


def test_a_job_is_scheduled_moved_cancelled_and_removed(queue: JobQueue, jobs: Any) -> None:
    job = queue.schedule_echo("in 30 minutes", {"text": "later"})
    assert timedelta(minutes=29) < job.run_at - datetime.now(UTC) <= timedelta(minutes=30)
    assert job.schedule(timedelta(hours=2)) == "ready"
    assert job.run_at - datetime.now(UTC) > timedelta(minutes=119)
    assert job.cancel() == "cancelled"
    assert isinstance(job.finished_at, datetime)
    with pytest.raises(JobStateError, match="cannot reschedule a job that is cancelled; it must be ready"):
        job.schedule("in 1 hour")
    assert job.replay() == "ready"
    assert job.refresh().finished_at is None
    assert "expireAt" not in jobs.find_one({"_id": job.id})
    assert job.remove() == "ready"
    with pytest.raises(JobNotFoundError):
        job.refresh()


def test_a_running_job_cannot_be_removed_or_moved(queue: JobQueue, jobs: Any) -> None:
    job = queue.queue_echo({})
    jobs.update_one({"_id": job.id}, {"$set": {"state": "running", "lease": "x"}})
    with pytest.raises(JobStateError):
        job.remove()
    with pytest.raises(JobStateError):
        job.schedule("in 1 hour")
    assert job.cancel() == "running"
    assert jobs.find_one({"_id": job.id})["cancelRequested"] is True


def test_a_time_in_the_past_or_of_no_form_is_refused(queue: JobQueue) -> None:
    for when in ("1h", "yesterday", datetime(2020, 1, 1, tzinfo=UTC), datetime(2031, 1, 1)):
        with pytest.raises(WhenError):
            queue.schedule_echo(when, {})


def test_jobs_commit_or_abort_with_the_callers_transaction(
    queue: JobQueue, jobs: Any, mongo_client: MongoClient[dict[str, Any]]
) -> None:
    with mongo_client.start_session() as session, JobQueue(client=mongo_client, settings=queue._store.settings) as own:
        with session.start_transaction():
            own.queue_echo({"text": "kept"}, session=session)
            assert jobs.count_documents({}) == 0
        with session.start_transaction():
            own.queue_echo({"text": "dropped"}, session=session)
            session.abort_transaction()
    assert [stored["data"]["text"] for stored in jobs.find({})] == ["kept"]


def test_the_asyncio_queue_does_the_same(settings: Settings, queue: JobQueue, jobs: Any) -> None:
    async def story() -> None:
        async with AsyncJobQueue(settings=settings) as asynchronous:
            job = await asynchronous.queue_echo({"text": "a"})
            assert (await job.refresh()).state == "ready"
            later = await asynchronous.schedule_echo("in 1 hour", {})
            assert await later.schedule("in 2 hours") == "ready"
            assert await later.cancel() == "cancelled"
            assert await later.replay() == "ready"
            assert await later.remove() == "ready"
            assert len(await asynchronous.queue_echo_many([{}, {}])) == 2
            assert (await asynchronous.get(job.id)).payload.text == "a"
            with pytest.raises(JobNotFoundError):
                await asynchronous.get(ObjectId())

    asyncio.run(story())
    assert jobs.count_documents({}) == 3


def test_the_wrong_kind_of_session_is_refused(queue: JobQueue, settings: Settings, mongo_client: Any) -> None:
    async def story() -> None:
        async with AsyncJobQueue(settings=settings) as asynchronous:
            with mongo_client.start_session() as session, pytest.raises(InputError, match="AsyncClientSession"):
                await asynchronous.queue_echo({}, session=session)

    asyncio.run(story())


def test_a_queue_is_usable_after_a_fork(queue: JobQueue, jobs: Any) -> None:
    queue.queue_echo({"text": "parent"})
    child = os.fork()
    if child == 0:
        try:
            queue.queue_echo({"text": "child"})
        finally:
            os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert {stored["data"]["text"] for stored in jobs.find({})} == {"parent", "child"}


def test_no_server_is_said_so_and_nothing_is_queued() -> None:
    nowhere = Settings.load(mongo_url="mongodb://127.0.0.1:9", server_selection_timeout_ms=100)
    with JobQueue(settings=nowhere) as queue, pytest.raises(StoreUnavailable, match="cannot be reached"):
        queue.queue_echo({})


def test_the_collection_refuses_a_document_that_is_no_job(queue: JobQueue, jobs: Any) -> None:
    from pymongo.errors import WriteError

    with pytest.raises(WriteError):
        jobs.insert_one({"name": "echo", "data": {}, "state": "waiting", "queue": "default", "priority": 5})


def test_listeners_hear_of_queued_jobs(queue: JobQueue, settings: Settings) -> None:
    heard: list[Any] = []
    queue.on("queued", lambda event: heard.append(event.job_id))
    ids = [queue.queue_echo({}).id, *(job.id for job in queue.queue_echo_many([{}, {}]))]
    assert heard == ids

    async def listen(event: Any) -> None:
        heard.append(event.name)

    with pytest.raises(InputError, match="plain functions"):
        queue.on("queued", listen)

    async def story() -> None:
        async with AsyncJobQueue(settings=settings) as asynchronous:
            asynchronous.on("queued", listen)
            await asynchronous.queue_echo({})
            await asyncio.sleep(0)

    asyncio.run(story())
    assert heard[-1] == "queued"


def hostile(payload: Any) -> Any:
    """Give a payload that the type checker would refuse."""
    return payload
