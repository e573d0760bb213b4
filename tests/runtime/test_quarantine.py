"""What a worker does with jobs that it cannot run: set aside, left alone, or put off, and never charged."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import bson
import pytest
import structlog
from bson.raw_bson import RawBSONDocument
from pymongo.errors import WriteError

from memshelf import MalformedJob, Registered, Registry, Settings
from memshelf.lookout import Lookout
from memshelf.mongo import AsyncStore
from tests.runtime.app.catalog import ECHO
from tests.runtime.app.queues import JobQueue
from tests.runtime.working import drained, foreign, nothing


def test_an_invalid_payload_is_quarantined_before_the_handler_sees_it(
    settings: Settings, queue: JobQueue, jobs: Any
) -> None:
    job_id = jobs.insert_one(foreign("echo", {"text": 5})).inserted_id
    drained(settings, nothing)
    stored = jobs.find_one({"_id": job_id})
    assert (stored["state"], stored["attempts"]) == ("quarantined", 0)
    assert "$.text: must be a string" in stored["errors"][0]["message"]


def test_text_that_is_not_utf8_is_quarantined(settings: Settings, queue: JobQueue, jobs: Any) -> None:
    raw = bson.encode(foreign("echo", {"text": "XXXX"})).replace(b"XXXX", b"\xff\xfe\xff\xfe")
    document = RawBSONDocument(raw)
    jobs.database.client.get_database(jobs.database.name).get_collection("jobs").insert_one(document)
    drained(settings, nothing)
    (stored,) = jobs.find({}, {"state": 1, "errors.kind": 1})
    assert (stored["state"], stored["errors"][0]["kind"]) == ("quarantined", "undecodable")


def test_a_waiting_job_leaves_room_for_what_a_claim_adds(queue: JobQueue, jobs: Any) -> None:
    with pytest.raises(WriteError):
        jobs.insert_one(foreign("echo", {"text": "x" * 15_700_000}))


def test_a_name_that_nobody_knows_stays(settings: Settings, queue: JobQueue, jobs: Any) -> None:
    jobs.insert_one(foreign("of-another-team", {}))
    drained(settings, nothing)
    assert jobs.find_one({})["state"] == "ready"


def test_names_that_nobody_knows_are_reported_once(queue: JobQueue, settings: Settings, jobs: Any) -> None:
    jobs.insert_one(foreign("of-another-team", {}))

    async def look_twice() -> None:
        store = AsyncStore(settings)
        lookout = Lookout(store, Registry([Registered(ECHO, nothing)]), "worker")
        await lookout.look()
        await lookout.look()
        await store.close()

    with structlog.testing.capture_logs() as told:
        asyncio.run(look_twice())
    assert [(each["event"], each["name"]) for each in told] == [("job.unknown", "of-another-team")]


def test_another_schemas_payload_waits_for_a_worker_that_knows_it(
    settings: Settings, queue: JobQueue, jobs: Any
) -> None:
    jobs.insert_one({**foreign("echo", {"text": 5}), "schema": "sha256:of-tomorrow"})
    drained(settings, nothing)
    stored = jobs.find_one({})
    assert (stored["state"], stored["attempts"], stored["errors"][0]["kind"]) == ("ready", 0, "postponed")
    assert stored["runAt"] > datetime.now(UTC)


def test_another_schemas_payload_is_quarantined_after_an_hour(queue: JobQueue, settings: Settings, jobs: Any) -> None:
    earlier = datetime.now(UTC) - timedelta(minutes=61)
    history = [{"kind": "postponed", "at": earlier, "attempt": 1}]
    jobs.insert_one({**foreign("echo", {"text": 5}), "schema": "sha256:of-tomorrow", "errors": history})
    drained(settings, nothing)
    assert jobs.find_one({})["state"] == "quarantined"


def test_a_newer_version_waits_for_a_worker_that_knows_it(settings: Settings, queue: JobQueue, jobs: Any) -> None:
    jobs.insert_one({**foreign("echo", {}), "version": 2})
    drained(settings, nothing)
    assert (jobs.find_one({})["state"], jobs.find_one({})["attempts"]) == ("ready", 0)


def test_what_waits_for_another_version_does_not_flood_its_history(
    queue: JobQueue, settings: Settings, jobs: Any
) -> None:
    jobs.insert_one({**foreign("echo", {}), "version": 2})
    for _ in range(3):
        drained(settings, nothing)
        jobs.update_one({}, {"$set": {"runAt": datetime.now(UTC) - timedelta(seconds=1)}})
    assert [error["kind"] for error in jobs.find_one({})["errors"]] == ["postponed"]


def test_a_job_that_cannot_be_read_can_still_be_looked_at(queue: JobQueue, settings: Settings, jobs: Any) -> None:
    raw = bson.encode(foreign("echo", {"text": "XXXX"})).replace(b"XXXX", b"\xff\xfe\xff\xfe")
    jobs.insert_one(RawBSONDocument(raw))
    drained(settings, nothing)
    (job_id,) = jobs.distinct("_id")
    job = queue.get(job_id)
    assert (job.state, job.errors[0].kind) == ("quarantined", "undecodable")
    assert job.replay() == "ready"


def test_a_document_that_is_no_job_is_said_to_be_none(queue: JobQueue, jobs: Any) -> None:
    jobs.database.command("collMod", "jobs", validationLevel="off")
    jobs.insert_one({**foreign("echo", {}), "_id": "x", "runAt": "tomorrow"})
    with pytest.raises(MalformedJob, match="runAt: must be a date"):
        queue.get("x")
