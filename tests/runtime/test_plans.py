"""How the server finds what is asked of it: by an index, without sorting, and no dearer whatever lies beside it.

Fifty thousand finished jobs show a cost that grows with them as well as a million would; `PLANS=1000000` has a million.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from bson import ObjectId
from pymongo import MongoClient, WriteConcern

from memshelf import Settings
from memshelf.call import Flow, call
from memshelf.cli.choice import chosen
from memshelf.flows import shelf, survey
from memshelf.flows.aside import set_aside
from memshelf.flows.claim import (
    PAIRS,
    Terms,
    Wanted,
    candidates,
    claim_one,
    names_waiting,
    next_due,
    queues_in_use,
    read_claimed,
)
from memshelf.flows.prepare import prepare
from memshelf.flows.purge import purge
from memshelf.flows.record import SUCCESS, Entry, extend, look, record, restart
from memshelf.flows.replay import Ended, Step, ended, replay_batch, whole
from memshelf.flows.rescue import Expired, expired_leases, rescue
from memshelf.indexes import CLAIM, DUE, IDS, LEASES, LISTING, RETENTION
from memshelf.lowwater import Mark
from memshelf.mongo import Store
from memshelf.settle import Settlement
from memshelf.states import FINAL
from tests.runtime.explaining import Plan, explained

FINISHED = int(os.environ.get("PLANS", "50000"))
LIVE = FUTURE = 10_000
RUNNING = 2_000
EXPIRED = 3
MINE = 200
DEAD = 30
NAMES = [f"kind-{number:03}" for number in range(200)]
"""More names than one query may merge; each has one waiting and one dead job."""
NOW = datetime.now(UTC).replace(microsecond=0)
SECOND = timedelta(seconds=1)
WANTED = [Wanted("echo", 200, 4, 5, timedelta(minutes=1)), Wanted("slow", 200, 4, 5, None)]
MANY = [Wanted(name, 200, 4, 5, None) for name in ("echo", *NAMES[: PAIRS - 1])]
TERMS = Terms("worker", "token", 30 * SECOND, ("default",), NOW)
MARKED = replace(TERMS, start=Mark(5, NOW - 2 * SECOND))
TOGETHER = replace(TERMS, start=Mark(5, NOW - 2 * SECOND, ObjectId("0" * 24)))
IDS_OF_MINE = [f"mine-{number:03}" for number in range(MINE)]
HELD = [(job_id, "mine") for job_id in IDS_OF_MINE]
PAST = Expired("expired-0", "echo", "gone", NOW - SECOND, 0, 5, 1, "w")
SEEN = [Step(Ended(job_id, NOW), None) for job_id in IDS_OF_MINE]
RETENTIONS: dict[Any, timedelta] = {"succeeded": timedelta(days=7)}


@pytest.fixture(scope="module")
def store(mongo_url: str, mongo_client: MongoClient[dict[str, Any]]) -> Iterator[Store]:
    """Give a store of many finished, live, future and running jobs; no test changes them."""
    settings = Settings.load(mongo_url=mongo_url, database=f"memshelf_test_{uuid4().hex[:16]}")
    opened = Store(settings)
    opened.run(prepare(settings.collection))
    jobs = mongo_client[settings.database].get_collection(settings.collection, write_concern=WriteConcern(1))
    for documents in chunks():
        jobs.insert_many(documents, ordered=False)
    yield opened
    opened.close()
    mongo_client.drop_database(settings.database)


def chunks() -> Iterator[list[dict[str, Any]]]:
    """Give the documents, few enough at a time to be held in memory."""
    done = {"finishedAt": NOW, "lease": "done", "expireAt": NOW + timedelta(days=7)}
    for start in range(0, FINISHED, 10_000):
        yield [job("echo", "succeeded", NOW - SECOND, **done) for _ in range(min(10_000, FINISHED - start))]
    yield [job("echo", "ready", NOW - timedelta(milliseconds=number)) for number in range(1, LIVE + 1)]
    yield [job("echo", "ready", NOW + timedelta(days=300, seconds=number)) for number in range(FUTURE)]
    yield [
        job("slow", "running", NOW, lease=f"w:{number}", leaseUntil=NOW + 3600 * SECOND) for number in range(RUNNING)
    ]
    yield [job("slow", "running", NOW, _id=each, lease="mine", leaseUntil=NOW + 3600 * SECOND) for each in IDS_OF_MINE]
    yield [
        job("echo", "running", NOW, _id=f"expired-{number}", lease="gone", leaseUntil=NOW - SECOND)
        for number in range(EXPIRED)
    ]
    yield [job("echo", "dead", NOW, finishedAt=NOW) for _ in range(DEAD)]
    yield [job(name, "ready", NOW) for name in NAMES] + [job(name, "dead", NOW, finishedAt=NOW) for name in NAMES]


def job(name: str, state: str, run_at: datetime, **fields: Any) -> dict[str, Any]:
    return {"name": name, "data": {}, "state": state, "queue": "default", "priority": 5, "runAt": run_at, **fields}


def entries(settlement: Settlement) -> list[Entry]:
    return [Entry(job_id, "mine", settlement) for job_id in IDS_OF_MINE]


def picked(*states: str, name: str | None = None, queue: str | None = None) -> dict[str, Any]:
    return chosen(list(states), [name] if name else None, [queue] if queue else None)


def expired() -> Flow[None]:
    """Ask for what the server removes by itself."""
    yield call("find", {"state": {"$in": sorted(FINAL)}, "expireAt": {"$lt": NOW}}, hint=RETENTION)


WORK: dict[str, tuple[Callable[[], Flow[Any]], str, int, int]] = {
    "a claim of one": (lambda: claim_one(TERMS, WANTED), CLAIM, 3, 1),
    "a claim of one of 150 names": (lambda: claim_one(TERMS, MANY), CLAIM, PAIRS + 1, 1),
    "a claim of 200": (lambda: candidates(TERMS, WANTED, limit=200, skip=0), CLAIM, 202, 200),
    "a claim of 200 of 150 names": (lambda: candidates(TERMS, MANY, limit=200, skip=0), CLAIM, 200 + PAIRS, 200),
    "a claim of 200 further on": (lambda: candidates(TERMS, WANTED, limit=200, skip=800), CLAIM, 1_002, 200),
    "a claim of 200 from a mark": (lambda: candidates(MARKED, WANTED, limit=200, skip=0), CLAIM, 204, 200),
    "a claim of 200 of 150 names from a mark": (
        lambda: candidates(MARKED, MANY, limit=200, skip=0),
        CLAIM,
        200 + PAIRS,
        200,
    ),
    "a claim of one from a mark": (lambda: claim_one(MARKED, MANY), CLAIM, PAIRS + 1, 1),
    "a claim of 200 among jobs of one time": (
        lambda: candidates(TOGETHER, WANTED, limit=200, skip=0),
        CLAIM,
        204,
        200,
    ),
    "what a lost claim of one won": (lambda: read_claimed("w:7", []), LEASES, RUNNING + MINE + EXPIRED, 2_300),
    "when the next is due": (lambda: next_due(["default", "mail"], ["echo", "slow"]), DUE, 4, 2),
    "successes": (lambda: record(entries(SUCCESS), RETENTIONS), IDS, MINE + 1, MINE),
    "retries": (lambda: record(entries(Settlement("retry", wait=SECOND)), RETENTIONS), IDS, 1, 1),
    "heartbeats": (lambda: extend(HELD, SECOND, capped=True), IDS, MINE + 1, MINE),
    "whether jobs are still held": (lambda: look(HELD), IDS, MINE + 1, MINE),
    "a restart": (lambda: restart("mine-000", "mine", SECOND), IDS, 1, 1),
    "a sweep for leases that ended": (lambda: expired_leases(NOW), LEASES, EXPIRED + 1, EXPIRED),
    "a rescue": (lambda: rescue([PAST], RETENTIONS, SECOND), IDS, 1, 1),
    "a cancellation": (lambda: shelf.cancel("mine-000", RETENTIONS), IDS, 1, 1),
    "a replay": (lambda: shelf.replay("mine-000"), IDS, 1, 1),
    "a replay of many": (lambda: replay_batch(SEEN, "token"), IDS, MINE + 1, MINE),
    "the payloads for a replay of many": (lambda: whole([each.ended for each in SEEN]), IDS, MINE + 1, MINE),
    "a removal": (lambda: shelf.remove("mine-000"), IDS, 1, 1),
    "what the server removes by itself": (expired, RETENTION, 1, 0),
}
"""What workers and handles do, the index it is done by, and how many keys and documents it may cost."""

LOOKS: dict[str, tuple[Callable[[], Flow[Any]], int, int]] = {
    "since when the oldest is due": (lambda: survey.oldest_due(NOW), 2 * len(NAMES) + 10, 5),
    "the newest": (lambda: shelf.listing({}, 20), 20, 20),
    "the newest of the live": (lambda: shelf.listing(picked("ready", name="echo"), 20), 21, 20),
    "the newest dead": (lambda: shelf.listing(picked("dead"), 20), 3 * len(NAMES), 20),
    "the newest succeeded": (lambda: shelf.listing(picked("succeeded"), 20), 30, 20),
    "the newest of a name": (lambda: shelf.listing(picked(name="echo"), 20), 40, 20),
    "the newest of a name that nobody has": (lambda: shelf.listing(picked(name="none"), 20), 20, 0),
    "the newest of one of the names": (lambda: shelf.listing(picked("dead", "ready", name=NAMES[3]), 20), 6, 2),
    "the dead, for a replay": (lambda: ended(picked("dead", name="echo")), DEAD + 1, DEAD),
    "the number of the dead": (lambda: survey.count(picked("dead", name="echo")), DEAD + 1, 0),
    "a purge of the dead": (lambda: purge(picked("dead", name="echo")), DEAD + 1, DEAD),
}
"""What people ask for, and how many keys and documents each of its calls may cost."""


@pytest.mark.parametrize("what", WORK)
def test_work_costs_what_it_takes_whatever_lies_beside_it(store: Store, what: str) -> None:
    flow, index, keys, documents = WORK[what]
    plans = explained(store, flow())
    assert plans != []
    assert all(plan.keys <= keys and plan.documents <= documents for plan in plans), plans
    assert frozenset().union(*(plan.indexes for plan in plans)) <= {index, IDS}
    assert_in_order(plans)


@pytest.mark.parametrize("what", LOOKS)
def test_a_look_costs_what_it_shows(store: Store, what: str) -> None:
    flow, keys, documents = LOOKS[what]
    plans = explained(store, flow())
    assert all(plan.keys <= keys and plan.documents <= documents for plan in plans), plans
    assert_in_order(plans)


@pytest.mark.parametrize("flow", [queues_in_use, lambda: names_waiting(()), lambda: names_waiting(["default", "mail"])])
def test_what_waits_is_told_by_one_key_for_each_answer(store: Store, flow: Callable[[], Flow[Any]]) -> None:
    (plan,) = explained(store, flow())
    assert "DISTINCT_SCAN" in plan.stages
    assert plan.keys <= plan.returned + 4
    assert plan.documents == 0


def test_counting_reads_one_key_for_each_job_and_no_document(store: Store) -> None:
    (plan,) = explained(store, shelf.counts())
    everything = sum(len(documents) for documents in chunks())
    assert (plan.indexes, plan.documents) == (frozenset({LISTING}), 0)
    assert plan.keys <= everything + 1
    assert_in_order([plan])


def test_the_slow_sweep_reads_what_waits_once_and_nothing_that_is_finished(store: Store) -> None:
    plans = explained(store, set_aside(RETENTIONS))
    waiting = LIVE + FUTURE + len(NAMES)
    running = RUNNING + MINE + EXPIRED
    assert sum(plan.documents for plan in plans) <= waiting + 2 * running
    assert_in_order(plans)


def assert_in_order(plans: list[Plan]) -> None:
    """See that an index was used, and that nothing was sorted in memory."""
    assert {"COLLSCAN", "SORT"} & frozenset().union(*(plan.stages for plan in plans)) == set()
