"""Who may write to a running job: fences, rescues, and what lost workers cost."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import bson
from bson import ObjectId

from memshelf import Context, Job, RetryPolicy, Settings, Worker
from memshelf.flows.claim import Terms, Wanted, claim_one
from memshelf.flows.record import Entry, extend, look, record
from memshelf.flows.rescue import expired_leases, rescue
from memshelf.mongo import AsyncStore, Store
from memshelf.recorder import Recorder
from memshelf.rescuer import Rescuer
from memshelf.settle import Settlement
from tests.runtime.app.catalog import FAIL, SLOW
from tests.runtime.app.queues import JobQueue
from tests.runtime.working import drained, foreign, with_worker


def test_a_zombie_that_finishes_late_changes_nothing(queue: JobQueue, settings: Settings, jobs: Any) -> None:
    """Its lease ended, another worker took the job, and then it comes back and says that it is done."""
    queue.queue_echo({})
    store = Store(settings)
    zombie = claimed(store, "zombie", lease=timedelta(milliseconds=1))
    (expired,) = store.run(expired_leases(datetime.now(UTC) + timedelta(seconds=1)))
    store.run(rescue([expired], {}, timedelta(0)))
    heir = claimed(store, "heir", lease=timedelta(minutes=1))
    before = jobs.find_one({})

    lost = store.run(record([Entry(zombie.id, zombie.token, Settlement("succeed"))], {}))
    assert lost == {(zombie.id, zombie.token)}
    assert jobs.find_one({}) == before
    assert store.run(record([Entry(heir.id, heir.token, Settlement("succeed"))], {})) == set()
    assert jobs.find_one({})["state"] == "succeeded"
    store.close()


def test_a_zombies_heartbeat_prolongs_no_lease_of_its_heir(queue: JobQueue, settings: Settings, jobs: Any) -> None:
    """Otherwise a job whose second worker died too would be held by the first one, which does not run it."""
    queue.queue_echo({})
    store = Store(settings)
    zombie = claimed(store, "zombie", lease=timedelta(milliseconds=1))
    (expired,) = store.run(expired_leases(datetime.now(UTC) + timedelta(seconds=1)))
    store.run(rescue([expired], {}, timedelta(0)))
    heir = claimed(store, "heir", lease=timedelta(minutes=1))
    before = jobs.find_one({})["leaseUntil"]

    for capped in (True, False):
        store.run(extend([(zombie.id, zombie.token)], timedelta(hours=1), capped=capped))
    assert jobs.find_one({})["leaseUntil"] == before
    assert store.run(look([(zombie.id, zombie.token)])) == {}
    store.run(extend([(heir.id, heir.token)], timedelta(hours=1), capped=False))
    assert jobs.find_one({})["leaseUntil"] > before
    store.close()


def test_a_handler_whose_lease_was_taken_is_told_and_records_nothing(
    queue: JobQueue, settings: Settings, jobs: Any
) -> None:
    queue.queue_slow({"seconds": 60})
    told = asyncio.Event()

    async def handle(job: Job[Any], context: Context) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            assert context.stopping
            told.set()

    async def story(worker: Worker) -> None:
        started, lost = asyncio.Event(), asyncio.Event()
        worker.on("started", lambda event: started.set())
        worker.on("lease lost", lambda event: lost.set())
        await started.wait()
        jobs.update_one({}, {"$set": {"lease": "of another worker"}})
        await told.wait()
        await lost.wait()

    with_worker(settings, handle, story, SLOW)
    stored = jobs.find_one({})
    assert (stored["state"], stored["lease"], stored["attempts"]) == ("running", "of another worker", 1)


def test_a_lease_is_taken_only_when_it_was_seen_expired_twice(queue: JobQueue, settings: Settings, jobs: Any) -> None:
    queue.queue_echo({})
    store = Store(settings)
    claimed(store, "crashed", lease=timedelta(milliseconds=1))
    store.close()

    async def sweeps() -> list[int]:
        async_store = AsyncStore(settings)
        rescuer = Rescuer(
            async_store,
            (),
            every=timedelta(seconds=1),
            heartbeat=timedelta(milliseconds=50),
            on_rescued=lambda rescued: None,
            rng=random.Random(1),
        )
        await asyncio.sleep(0.01)
        first = len(await rescuer.sweep())
        at_once = len(await rescuer.sweep())
        await asyncio.sleep(0.06)
        later = len(await rescuer.sweep())
        await async_store.close()
        return [first, at_once, later]

    assert asyncio.run(sweeps()) == [0, 0, 1]
    stored = jobs.find_one({})
    assert (stored["state"], stored["attempts"], stored["lost"], stored["errors"][0]["kind"]) == ("ready", 1, 1, "lost")


def test_a_job_that_loses_its_worker_too_often_is_dead(queue: JobQueue, settings: Settings, jobs: Any) -> None:
    queue.queue_echo({})
    store = Store(settings)
    for _ in range(6):
        claimed(store, "crashing", lease=timedelta(milliseconds=1))
        (expired,) = store.run(expired_leases(datetime.now(UTC) + timedelta(seconds=1)))
        store.run(rescue([expired], {}, timedelta(0)))
    store.close()
    stored = jobs.find_one({})
    assert (stored["state"], stored["lost"], stored["attempts"]) == ("dead", 6, 6)


def test_losses_do_not_use_up_the_retries(queue: JobQueue, settings: Settings, jobs: Any) -> None:
    patient = dataclasses.replace(FAIL, retries=RetryPolicy(max=3, delay=timedelta(hours=1)))
    job = queue.queue(patient, {"times": 9})
    jobs.update_one({}, {"$set": {"attempts": 4, "lost": 4}})

    async def handle(job: Job[Any], context: Context) -> None:
        raise ValueError

    drained(settings, handle, job=patient)
    assert (job.refresh().state, job.attempts) == ("ready", 5)


def test_a_job_that_lost_two_workers_runs_alone(queue: JobQueue, settings: Settings, jobs: Any) -> None:
    suspect = queue.queue_echo({"text": "suspect"}, priority=9)
    jobs.update_one({"_id": suspect.id}, {"$set": {"lost": 2, "attempts": 2}})
    queue.queue_echo_many([{"text": "other"} for _ in range(20)])
    at_once, beside = set(), []

    async def handle(job: Job[Any], context: Context) -> None:
        at_once.add(job.id)
        await asyncio.sleep(0.02)
        if job.id == suspect.id:
            beside.append(len(at_once) - 1)
        at_once.discard(job.id)

    drained(settings, handle)
    assert beside == [0]
    assert jobs.count_documents({"state": "succeeded"}) == 21


def test_an_outcome_that_the_server_refuses_is_written_without_its_error(
    queue: JobQueue, settings: Settings, jobs: Any
) -> None:
    """The document has room for the claim's fields and none for the error's text."""
    document = foreign("echo", {})
    document["data"] = {"text": "x" * (16 * 1024 * 1024 - len(bson.encode(document)) - 700)}
    jobs.database.command("collMod", "jobs", validationLevel="off")
    jobs.insert_one(document)
    store = Store(settings)
    won = claimed(store, "worker", lease=timedelta(minutes=1))
    store.close()
    recorded: list[bool] = []

    async def write() -> None:
        async_store = AsyncStore(settings)
        recorder = Recorder(async_store, {}, lambda entry, ours: recorded.append(ours))
        task = asyncio.create_task(recorder.run())
        recorder.put(Entry(won.id, won.token, Settlement("die", error={"kind": "error", "message": "y" * 30_000})))
        await recorder.flush()
        task.cancel()
        await async_store.close()

    asyncio.run(asyncio.wait_for(write(), 30))
    stored = jobs.find_one({}, {"data": 0})
    assert (stored["state"], stored.get("errors", []), recorded) == ("dead", [], [True])


class claimed:
    """What a claim won: the only due job."""

    def __init__(self, store: Store, worker: str, *, lease: timedelta) -> None:
        wanted = [Wanted(name, 1, 4, 5, None) for name in ("echo", "fail", "slow")]
        terms = Terms(worker, f"{worker}:{ObjectId()}", lease, ("default",), store.now() + store.clock.error)
        won = store.run(claim_one(terms, wanted))
        self.id: Any = won.documents[0]["_id"]
        self.token = terms.token


def test_a_deaf_handler_fails_by_its_timeout_before_its_lease_ends(
    queue: JobQueue, settings: Settings, jobs: Any
) -> None:
    """It swallows its cancellation; the worker's patience with it ends before a short lease does."""
    hasty = dataclasses.replace(SLOW, timeout=timedelta(milliseconds=100))
    queue.queue(hasty, {"seconds": 0})
    let_go = asyncio.Event()

    async def handle(job: Job[Any], context: Context) -> None:
        while not let_go.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await let_go.wait()

    async def story(worker: Worker) -> None:
        ended = asyncio.Event()
        worker.on("failed", lambda event: ended.set())
        worker.on("rescued", lambda event: ended.set())
        await ended.wait()
        let_go.set()

    with_worker(settings.model_copy(update={"lease": timedelta(seconds=1)}), handle, story, hasty)
    stored = jobs.find_one({})
    assert (stored["lost"], [entry["kind"] for entry in stored["errors"]]) == (0, ["timeout"])


def test_jobs_that_must_run_alone_are_not_held_by_a_worker_that_runs_another_one(
    queue: JobQueue, settings: Settings, jobs: Any
) -> None:
    """If it crashes, what waited here would be lost with it, and would die of it in the end."""
    queue.queue_echo_many([{} for _ in range(10)], ids=[f"fresh-{number}" for number in range(10)], priority=9)
    suspects = [f"suspect-{number}" for number in range(10)]
    queue.queue_echo_many([{} for _ in suspects], ids=suspects)
    jobs.update_many({"_id": {"$in": suspects}}, {"$set": {"lost": 2, "attempts": 2}})
    beside = []

    async def handle(job: Job[Any], context: Context) -> None:
        if job.lost:
            beside.append(await asyncio.to_thread(jobs.count_documents, {"state": "running"}))

    drained(settings, handle)
    assert beside == [1] * 10
    assert jobs.count_documents({"_id": {"$in": suspects}, "state": "succeeded", "attempts": 3, "lost": 2}) == 10
    assert jobs.count_documents({"state": "succeeded", "interrupted": {"$exists": False}}) == 20


def test_a_job_that_may_be_lost_only_once_runs_alone_after_that(queue: JobQueue, settings: Settings, jobs: Any) -> None:
    """Or it would die of a crash that is not its own."""
    queue.queue_echo_many([{} for _ in range(5)], ids=list("abcde"))
    jobs.update_many({}, {"$set": {"lost": 1, "attempts": 1}})
    jobs.update_one({"_id": "c"}, {"$set": {"maxLost": 1}})
    beside = []

    async def handle(job: Job[Any], context: Context) -> None:
        if job.id == "c":
            beside.append(await asyncio.to_thread(jobs.count_documents, {"state": "running"}))

    drained(settings, handle)
    assert beside == [1]
    assert jobs.count_documents({"state": "succeeded"}) == 5
