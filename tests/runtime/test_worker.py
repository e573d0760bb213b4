"""What a worker does with jobs, on a real server."""

from __future__ import annotations

import asyncio
import dataclasses
import random
import threading
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

import bson
import pytest
import structlog
from bson import ObjectId
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient
from pymongo.errors import WriteError

from memshelf import Context, Discard, Event, Job, Registered, Registry, Retry, Settings, Snooze, Worker
from memshelf.flows.claim import Terms, Wanted, claim_batch
from memshelf.flows.prepare import prepare
from memshelf.flows.record import Entry, record
from memshelf.flows.rescue import expired_leases, rescue
from memshelf.lookout import Lookout
from memshelf.mongo import AsyncStore, Store
from memshelf.recorder import Recorder
from memshelf.rescuer import Rescuer
from memshelf.settle import Settlement
from tests.runtime.app.catalog import ECHO, FAIL, SLOW
from tests.runtime.app.queues import JobQueue

Handler = Callable[[Job[Any], Context], Any]


@pytest.fixture
def settings(mongo_url: str, database_name: str) -> Settings:
    return Settings.load(
        mongo_url=mongo_url,
        database=database_name,
        process_every="100ms",
        lease="2s",
        heartbeat_every="200ms",
        grace_period="200ms",
    )


@pytest.fixture
def jobs(mongo_client: MongoClient[dict[str, Any]], database_name: str) -> Any:
    return mongo_client[database_name]["jobs"]


@pytest.fixture
def queue(settings: Settings) -> Any:
    with JobQueue(settings=settings) as opened:
        opened._store.run(prepare(settings.collection))
        yield opened


def drained(
    settings: Settings, handler: Handler, *, job: Any = ECHO, on: Callable[[Worker], None] | None = None
) -> int:
    """Run a worker with one handler until nothing is due."""

    async def work() -> int:
        worker = Worker(Registry([Registered(job, handler)]), settings=settings)
        if on is not None:
            on(worker)
        return await worker.run(drain=True, signals=False)

    return asyncio.run(asyncio.wait_for(work(), 60))


def with_worker(
    settings: Settings, handler: Handler, story: Callable[[Worker], Coroutine[Any, Any, None]], job: Any = ECHO
) -> int:
    """Run a worker beside a story, and stop it when the story is told."""

    async def both() -> int:
        worker = Worker(Registry([Registered(job, handler)]), settings=settings)
        work = asyncio.create_task(worker.run(signals=False))
        await story(worker)
        worker.stop()
        return await work

    return asyncio.run(asyncio.wait_for(both(), 60))


async def nothing(job: Job[Any], context: Context) -> None:
    """Do nothing."""


def test_a_queued_job_runs_once_and_is_kept_for_a_week(queue: JobQueue, settings: Settings, jobs: Any) -> None:
    job = queue.queue_echo({"text": "hello"})
    seen: list[str] = []

    async def handle(job: Job[Any], context: Context) -> None:
        seen.append(job.payload.text)

    drained(settings, handle)
    stored = jobs.find_one({"_id": job.id})
    assert seen == ["hello"]
    assert (stored["state"], stored["attempts"]) == ("succeeded", 1)
    assert timedelta(days=6) < stored["expireAt"] - stored["finishedAt"] <= timedelta(days=7)


def test_plain_functions_and_callable_objects_are_handlers_too(queue: JobQueue, settings: Settings) -> None:
    seen: list[str] = []

    def plain(job: Job[Any], context: Context) -> None:
        seen.append("plain")

    class Caller:
        async def __call__(self, job: Job[Any], context: Context) -> None:
            seen.append("object")

    queue.queue_echo({})
    drained(settings, plain)
    queue.queue_echo({})
    drained(settings, Caller())
    assert seen == ["plain", "object"]


def test_a_failing_job_dies_after_its_retries_with_every_error_kept(queue: JobQueue, settings: Settings) -> None:
    job = queue.queue_fail({"times": 9})

    async def handle(job: Job[Any], context: Context) -> None:
        raise ValueError(f"attempt {context.attempt}")

    async def story(worker: Worker) -> None:
        dead = asyncio.Event()
        worker.on("dead", lambda event: dead.set())
        await dead.wait()

    with_worker(settings, handle, story, FAIL)
    job.refresh()
    assert (job.state, job.attempts) == ("dead", 4)
    assert [(error.attempt, error.type, error.message) for error in job.errors] == [
        (number, "ValueError", f"attempt {number}") for number in (1, 2, 3, 4)
    ]
    assert all("in handle" in error.traceback for error in job.errors)


def test_a_handler_chooses_how_its_attempt_ends(queue: JobQueue, settings: Settings) -> None:
    snoozed, retried, discarded = (queue.queue_echo({"text": word}) for word in ("snooze", "retry", "discard"))

    async def handle(job: Job[Any], context: Context) -> None:
        match job.payload.text:
            case "snooze":
                raise Snooze("1 hour")
            case "retry":
                raise Retry(after="2 hours", reason="the receiver is busy")
            case "discard":
                raise Discard("no such customer")

    drained(settings, handle)
    for job in (snoozed, retried, discarded):
        job.refresh()
    now = datetime.now(UTC)
    assert (snoozed.state, snoozed.attempts, snoozed.errors) == ("ready", 0, ())
    assert timedelta(minutes=59) < snoozed.run_at - now <= timedelta(hours=1)
    assert (retried.state, retried.attempts, retried.errors[0].message) == ("ready", 1, "the receiver is busy")
    assert timedelta(minutes=119) < retried.run_at - now <= timedelta(hours=2)
    assert (discarded.state, discarded.errors[0].kind, discarded.errors[0].message) == (
        "dead",
        "discard",
        "no such customer",
    )


def test_a_coroutine_past_its_timeout_is_cancelled_and_counts_as_failed(queue: JobQueue, settings: Settings) -> None:
    quick = dataclasses.replace(SLOW, timeout=timedelta(milliseconds=100))
    job = queue.queue(quick, {"seconds": 60})
    cancelled: list[bool] = []

    async def handle(job: Job[Any], context: Context) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            cancelled.append(context.stopping)

    drained(settings, handle, job=quick)
    job.refresh()
    assert cancelled == [True]
    assert (job.state, job.errors[0].kind) == ("ready", "timeout")


def test_a_thread_past_its_timeout_is_reported_and_keeps_its_slot(queue: JobQueue, settings: Settings) -> None:
    quick = dataclasses.replace(SLOW, timeout=timedelta(milliseconds=100), concurrency=1)
    first, second = (queue.queue(quick, {"seconds": 0}) for _ in range(2))
    let_go, started = threading.Event(), []

    def handle(job: Job[Any], context: Context) -> None:
        started.append(job.id)
        if len(started) == 1:
            let_go.wait(30)

    async def story(worker: Worker) -> None:
        failed, succeeded = asyncio.Event(), asyncio.Event()
        worker.on("failed", lambda event: failed.set())
        worker.on("succeeded", lambda event: succeeded.set())
        await failed.wait()
        assert started == [first.id]
        let_go.set()
        await succeeded.wait()

    with_worker(settings, handle, story, quick)
    assert first.refresh().errors[0].kind == "timeout"
    assert second.refresh().state == "succeeded"


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


def test_a_name_that_nobody_knows_stays(settings: Settings, queue: JobQueue, jobs: Any) -> None:
    jobs.insert_one(foreign("of-another-team", {}))
    drained(settings, nothing)
    assert jobs.find_one({})["state"] == "ready"


def test_another_schemas_payload_waits_for_a_worker_that_knows_it(
    settings: Settings, queue: JobQueue, jobs: Any
) -> None:
    jobs.insert_one({**foreign("echo", {"text": 5}), "schema": "sha256:of-tomorrow"})
    drained(settings, nothing)
    stored = jobs.find_one({})
    assert (stored["state"], stored["attempts"], stored["errors"][0]["kind"]) == ("ready", 0, "postponed")
    assert stored["runAt"] > datetime.now(UTC)


def test_a_newer_version_waits_for_a_worker_that_knows_it(settings: Settings, queue: JobQueue, jobs: Any) -> None:
    jobs.insert_one({**foreign("echo", {}), "version": 2})
    drained(settings, nothing)
    assert (jobs.find_one({})["state"], jobs.find_one({})["attempts"]) == ("ready", 0)


def test_no_more_run_at_once_than_the_schema_allows(queue: JobQueue, settings: Settings) -> None:
    narrow = dataclasses.replace(ECHO, concurrency=3)
    queue.queue_many(narrow, [{} for _ in range(20)])
    at_once, most = 0, 0

    async def handle(job: Job[Any], context: Context) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.01)
        at_once -= 1

    drained(settings, handle, job=narrow)
    assert most == 3


def test_higher_priorities_run_first(queue: JobQueue, settings: Settings) -> None:
    for priority in (1, 9, 5):
        queue.queue_echo({"text": str(priority)}, priority=priority)
    order: list[str] = []

    async def handle(job: Job[Any], context: Context) -> None:
        order.append(job.payload.text)

    drained(settings.model_copy(update={"max_concurrency": 1}), handle)
    assert order == ["9", "5", "1"]


def test_a_running_job_is_cancelled_from_afar(queue: JobQueue, settings: Settings) -> None:
    job = queue.queue_slow({"seconds": 60})

    async def handle(job: Job[Any], context: Context) -> None:
        await asyncio.sleep(60)

    async def story(worker: Worker) -> None:
        started, cancelled = asyncio.Event(), asyncio.Event()
        worker.on("started", lambda event: started.set())
        worker.on("cancelled", lambda event: cancelled.set())
        await started.wait()
        assert await asyncio.to_thread(job.cancel) == "running"
        await cancelled.wait()

    with_worker(settings, handle, story, SLOW)
    assert job.refresh().state == "cancelled"


def test_a_worker_that_stops_gives_back_what_is_unfinished_uncharged(
    queue: JobQueue, settings: Settings, jobs: Any
) -> None:
    coroutine_job, thread_job = queue.queue_slow({"seconds": 60}), queue.queue_echo({})
    let_go = threading.Event()

    async def handle(job: Job[Any], context: Context) -> None:
        await asyncio.sleep(60)

    def plain(job: Job[Any], context: Context) -> None:
        let_go.wait(60)

    async def both() -> int:
        worker = Worker(Registry([Registered(SLOW, handle), Registered(ECHO, plain)]), settings=settings)
        started = asyncio.Semaphore(0)
        worker.on("started", lambda event: started.release())
        work = asyncio.create_task(worker.run(signals=False))
        await started.acquire()
        await started.acquire()
        worker.stop()
        return await work

    leftovers = asyncio.run(both())
    let_go.set()
    assert leftovers == 1
    for job in (coroutine_job, thread_job):
        stored = jobs.find_one({"_id": job.id})
        assert (stored["state"], stored["attempts"], stored["interrupted"]) == ("ready", 0, 1)


def test_events_are_told_after_the_record(queue: JobQueue, settings: Settings, jobs: Any) -> None:
    queue.queue_echo({})
    told: list[tuple[str, str]] = []

    def listen(event: Event) -> None:
        told.append((event.name, jobs.find_one({"_id": event.job_id})["state"]))

    def on(worker: Worker) -> None:
        worker.on("started", listen)
        worker.on("succeeded", listen)

    drained(settings, nothing, on=on)
    assert told == [("started", "running"), ("succeeded", "succeeded")]


def test_a_listener_that_fails_harms_nobody(queue: JobQueue, settings: Settings) -> None:
    job = queue.queue_echo({})

    def on(worker: Worker) -> None:
        worker.on("succeeded", lambda event: 1 / 0)  # type: ignore[arg-type, return-value]

    drained(settings, nothing, on=on)
    assert job.refresh().state == "succeeded"


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
            {},
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
    job = queue.queue_fail({"times": 9})
    jobs.update_one({}, {"$set": {"attempts": 4, "lost": 4}})

    async def handle(job: Job[Any], context: Context) -> None:
        raise ValueError

    drained(settings, handle, job=FAIL)
    assert job.refresh().state == "ready"


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


def test_a_worker_with_a_limit_ends_after_so_many_attempts(queue: JobQueue, settings: Settings, jobs: Any) -> None:
    queue.queue_echo_many([{} for _ in range(10)])

    async def work() -> None:
        await Worker(Registry([Registered(ECHO, nothing)]), settings=settings).run(limit=3, signals=False)

    asyncio.run(asyncio.wait_for(work(), 60))
    assert jobs.count_documents({"state": "succeeded"}) == 3
    assert jobs.count_documents({"state": "ready", "attempts": 0}) == 7


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


def test_the_log_says_where_a_handler_failed_and_no_payload_value(queue: JobQueue, settings: Settings) -> None:
    job = queue.queue_fail({"times": 4711})

    async def handle(job: Job[Any], context: Context) -> None:
        raise ValueError(f"cannot use {job.payload.times}")

    with structlog.testing.capture_logs() as told:
        drained(settings, handle, job=FAIL)
    (failed,) = [each for each in told if each["event"] == "job.failed" and each["attempt"] == 1]
    assert failed["error"].startswith("ValueError at runtime/test_worker.py:")
    assert failed["error"].endswith(" in handle")
    assert "4711" not in repr(told)
    assert job.refresh().errors[0].message == "cannot use 4711"


def test_a_cancellation_counts_even_if_the_attempt_fails_first(queue: JobQueue, settings: Settings) -> None:
    job = queue.queue_fail({"times": 9})

    async def handle(running: Job[Any], context: Context) -> None:
        await asyncio.to_thread(job.cancel)
        raise ValueError("too late to stop")

    drained(settings, handle, job=FAIL)
    assert job.refresh().state == "cancelled"
    assert job.errors[0].message == "too late to stop"


def test_a_worker_told_to_stop_while_it_starts_ends(queue: JobQueue, settings: Settings) -> None:
    job = queue.queue_echo({})

    async def work() -> int:
        worker = Worker(Registry([Registered(ECHO, nothing)]), settings=settings)
        running = asyncio.create_task(worker.run(signals=False))
        await asyncio.sleep(0)
        worker.stop()
        return await running

    assert asyncio.run(asyncio.wait_for(work(), 30)) == 0
    assert job.refresh().state == "ready"


def test_a_fault_of_memshelf_itself_fails_the_job_and_frees_its_slot(
    queue: JobQueue, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = queue.queue_fail({"times": 0})
    monkeypatch.setattr("memshelf.attempt.admit", lambda *arguments: 1 / 0)
    drained(settings.model_copy(update={"max_concurrency": 1}), nothing, job=FAIL)
    assert job.refresh().attempts >= 1
    assert job.errors[0].type == "ZeroDivisionError"


def test_a_worker_without_a_recorder_stops_and_says_why(
    queue: JobQueue, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(recorder: Any) -> None:
        raise RuntimeError("no recorder")

    monkeypatch.setattr("memshelf.recorder.Recorder.run", broken)
    with pytest.raises(RuntimeError, match="no recorder"):
        asyncio.run(asyncio.wait_for(Worker(Registry([]), settings=settings).run(signals=False), 30))


def test_what_waits_for_another_version_does_not_flood_its_history(
    queue: JobQueue, settings: Settings, jobs: Any
) -> None:
    jobs.insert_one({**foreign("echo", {}), "version": 2})
    for _ in range(3):
        drained(settings, nothing)
        jobs.update_one({}, {"$set": {"runAt": datetime.now(UTC) - timedelta(seconds=1)}})
    assert [error["kind"] for error in jobs.find_one({})["errors"]] == ["postponed"]


def test_another_schemas_payload_is_quarantined_after_an_hour(queue: JobQueue, settings: Settings, jobs: Any) -> None:
    earlier = datetime.now(UTC) - timedelta(minutes=61)
    history = [{"kind": "postponed", "at": earlier, "attempt": 1}]
    jobs.insert_one({**foreign("echo", {"text": 5}), "schema": "sha256:of-tomorrow", "errors": history})
    drained(settings, nothing)
    assert jobs.find_one({})["state"] == "quarantined"


def test_a_waiting_job_leaves_room_for_what_a_claim_adds(queue: JobQueue, jobs: Any) -> None:
    with pytest.raises(WriteError):
        jobs.insert_one(foreign("echo", {"text": "x" * 15_700_000}))


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
        terms = Terms(worker, f"{worker}:{ObjectId()}", lease, ("default",), store.now())
        won = store.run(claim_batch(terms, wanted, limit=1, skip=0))
        self.id: Any = won.documents[0]["_id"]
        self.token = terms.token


def foreign(name: str, data: dict[str, Any]) -> dict[str, Any]:
    """What a producer in another language must write, and nothing more."""
    return {
        "name": name,
        "data": data,
        "state": "ready",
        "queue": "default",
        "priority": 5,
        "runAt": datetime.now(UTC) - timedelta(seconds=1),
    }
