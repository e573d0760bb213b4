"""Documents older than the validator that no claim and no rescue can reach: found, set aside, reported, replayed."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import bson
import pytest
import structlog
from bson import Int64

from memshelf import Registry, Settings
from memshelf.flows import shelf
from memshelf.flows.aside import SetAside
from memshelf.mongo import AsyncStore
from memshelf.sweeper import Sweeper
from tests.runtime.app.queues import JobQueue
from tests.runtime.working import drained, foreign, nothing

PAST = datetime(2020, 1, 1, tzinfo=UTC)
UNREACHABLE: list[tuple[str, dict[str, Any]]] = [
    ("state", {"state": "Ready"}),
    ("state", {"state": None}),
    ("_id", {"_id": 5}),
    ("_id", {"_id": {"a": [1]}}),
    ("name", {"name": None}),
    ("queue", {"queue": 7}),
    ("runAt", {"runAt": None}),
    ("runAt", {"runAt": "2020-01-01T00:00:00Z"}),
    ("runAt", {"runAt": Int64(1577836800000)}),
    ("runAt", {"runAt": [PAST]}),
    ("runAt", {"runAt": bson.DatetimeMS(2**60)}),
    ("leaseUntil", {"state": "running", "lease": "gone"}),
    ("leaseUntil", {"state": "running", "lease": "gone", "leaseUntil": "soon"}),
    ("leaseUntil", {"state": "running", "lease": "gone", "leaseUntil": datetime(9000, 1, 1, tzinfo=UTC)}),
]


def swept(settings: Settings) -> tuple[SetAside, ...]:
    async def sweep() -> tuple[SetAside, ...]:
        store = AsyncStore(settings)
        done = await Sweeper(store, Registry([]), "worker", random.Random(1)).sweep()
        await store.close()
        return done

    return asyncio.run(sweep())


@pytest.mark.parametrize(("field", "change"), UNREACHABLE)
def test_a_document_out_of_reach_is_set_aside_and_reported(
    field: str, change: dict[str, Any], queue: JobQueue, settings: Settings, jobs: Any
) -> None:
    jobs.database.command("collMod", "jobs", validationLevel="off")
    for number in range(3):
        jobs.insert_one({**foreign("echo", {"text": str(number)}), **(change if number == 1 else {})})
    with structlog.testing.capture_logs() as told:
        (done,) = swept(settings)
    assert (done.count, done.problem.partition(":")[0]) == (1, field)
    assert [(each["event"], each["problem"], each["count"]) for each in told] == [("job.set_aside", done.problem, 1)]
    stored = jobs.find_one({"state": "quarantined"}, {"_id": 0, "runAt": 0})
    assert (stored["data"], stored["errors"][0]["kind"], stored["errors"][0]["message"]) == (
        {"text": "1"},
        "undecodable",
        done.problem,
    )
    assert swept(settings) == ()
    drained(settings, nothing)
    assert jobs.count_documents({"state": "succeeded"}) == 2


def test_what_others_can_reach_is_left_alone(queue: JobQueue, settings: Settings, jobs: Any) -> None:
    later = datetime.now(UTC) + timedelta(hours=23)
    queue.queue_echo({})
    queue.schedule_echo("in 30000 days", {})
    running = {"state": "running", "lease": "held"}
    jobs.insert_one({**foreign("echo", {}), **running, "leaseUntil": later})
    jobs.insert_one({**foreign("echo", {}), **running, "leaseUntil": PAST})
    jobs.insert_one({**foreign("of-another-team", {}), "priority": 0})
    for state in ("succeeded", "dead", "cancelled", "quarantined"):
        jobs.insert_one({**foreign("echo", {}), "state": state})
    before = list(jobs.find({}))
    assert swept(settings) == ()
    assert list(jobs.find({})) == before


def test_a_job_that_was_set_aside_for_its_time_can_be_replayed(queue: JobQueue, settings: Settings, jobs: Any) -> None:
    jobs.database.command("collMod", "jobs", validationLevel="off")
    jobs.insert_one({**foreign("echo", {}), "_id": "x", "runAt": "soon"})
    swept(settings)
    queue._store.run(shelf.replay("x"))
    drained(settings, nothing)
    assert jobs.find_one({})["state"] == "succeeded"
