"""Text that is not UTF-8, in ids above all: what other drivers may have stored is set aside or run, and named."""

from __future__ import annotations

import asyncio
from typing import Any

import bson
import pytest
from bson.raw_bson import RawBSONDocument

from memshelf import Settings, Worker
from memshelf.garbled import SIGN, Garbled, as_stored, equal, one_of
from memshelf.unpack import LENIENT
from tests.runtime.app.queues import JobQueue
from tests.runtime.test_sweeper import PAST, swept
from tests.runtime.working import drained, foreign, nothing, with_worker

BYTES = b"\xff\xfe"


def garbled(field: str, number: int = 0, **changes: Any) -> RawBSONDocument:
    """Give a job that has a garbled text in one field."""
    raw = bson.encode({**foreign("echo", {}), **changes, field: f"{number}XX"})
    return RawBSONDocument(raw.replace(b"XX", BYTES))


def test_jobs_with_garbled_ids_are_quarantined_and_told_and_hold_up_no_others(
    queue: JobQueue, settings: Settings, jobs: Any
) -> None:
    """There are more of them than a claim looks at, and all are first in line."""
    jobs.insert_many([garbled("_id", number, priority=9) for number in range(30)])
    good = queue.queue_echo_many([{} for _ in range(5)], ids=["a", "b", f"with a {SIGN}", f"{SIGN}", "c"])
    told = []
    drained(
        settings.model_copy(update={"max_concurrency": 5}),
        nothing,
        on=lambda worker: worker.on("quarantined", lambda event: told.append(str(event.job_id))),
    )
    assert [job.refresh().state for job in good] == ["succeeded"] * 5
    assert sorted(told) == sorted(f"{number}{SIGN * 2}" for number in range(30))
    seen = list(jobs.database.get_collection("jobs", LENIENT).find({"state": "quarantined"}))
    assert len(seen) == 30
    for stored in seen:
        assert (stored["attempts"], "leaseUntil" in stored) == (0, False)
        assert [entry["kind"] for entry in stored["errors"]] == ["undecodable"]


@pytest.mark.parametrize(("field", "ends"), [("_id", "quarantined"), ("lease", "succeeded")])
def test_a_lease_that_ended_is_taken_although_it_or_its_job_has_a_garbled_name(
    field: str, ends: str, queue: JobQueue, settings: Settings, jobs: Any
) -> None:
    jobs.insert_one(garbled(field, state="running", attempts=1, lease="gone", leaseUntil=PAST))

    async def story(worker: Worker) -> None:
        done = asyncio.Event()
        worker.on("quarantined", lambda event: done.set())
        worker.on("succeeded", lambda event: done.set())
        await done.wait()

    with_worker(settings, nothing, story)
    assert jobs.count_documents({"state": ends, "lost": 1, "leaseUntil": {"$exists": False}}) == 1


@pytest.mark.parametrize("field", ["name", "queue"])
def test_a_job_that_no_worker_can_ask_for_is_set_aside(
    field: str, queue: JobQueue, settings: Settings, jobs: Any
) -> None:
    jobs.insert_one(garbled(field))
    queue.queue_echo({})
    (done,) = swept(settings)
    assert (done.count, done.problem) == (1, f"{field}: must be a string in UTF-8")
    assert jobs.count_documents({"state": "quarantined"}) == 1
    assert swept(settings) == ()


def test_a_filter_finds_exactly_the_bytes_that_were_read(mongo_client: Any, database_name: str) -> None:
    things = mongo_client[database_name]["things"]
    others = [{"_id": SIGN * 2}, {"_id": "plain"}]
    first, second = (RawBSONDocument(bson.encode({"_id": "XX"}).replace(b"XX", each)) for each in (BYTES, BYTES[::-1]))
    things.insert_many([first, second, *others])
    id_ = as_stored(first, "_id", SIGN * 2)
    assert (id_, isinstance(id_, Garbled), repr(id_)) == (SIGN * 2, True, repr(BYTES))
    assert things.count_documents(equal({"_id": id_})) == 1
    assert things.count_documents(one_of("_id", [id_])) == 1
    assert things.count_documents(one_of("_id", [id_, "plain", SIGN * 2])) == 3
    assert things.delete_many(one_of("_id", [id_])).deleted_count == 1
    assert things.count_documents(one_of("_id", ["plain", SIGN * 2])) == 2


def test_good_text_with_a_sign_in_it_stays_what_it_is() -> None:
    document = RawBSONDocument(bson.encode({"_id": SIGN}))
    assert type(as_stored(document, "_id", SIGN)) is str
