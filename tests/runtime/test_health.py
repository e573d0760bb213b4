"""What the health says, and what speaks against it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo import MongoClient

from memshelf import Settings, Worker
from memshelf.flows.prepare import prepare
from memshelf.health import Health, read_health, read_health_async
from memshelf.indexes import LISTING
from memshelf.mongo import AsyncStore, Store
from tests.runtime.app.catalog import ECHO, catalog
from tests.runtime.app.queues import JobQueue
from tests.runtime.app.registry import registry

Collection = Any


@pytest.fixture
def settings(mongo_url: str, database_name: str) -> Settings:
    return Settings.load(mongo_url=mongo_url, database=database_name, lease="30s", heartbeat_every="10s")


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    opened = Store(settings)
    opened.run(prepare(settings.collection))
    yield opened
    opened.close()


@pytest.fixture
def queue(settings: Settings, store: Store) -> Iterator[JobQueue]:
    with JobQueue(settings=settings) as opened:
        yield opened


@pytest.fixture
def jobs(mongo_client: MongoClient[dict[str, Any]], database_name: str) -> Collection:
    return mongo_client[database_name]["jobs"]


@pytest.fixture
def notes(mongo_client: MongoClient[dict[str, Any]], database_name: str) -> Collection:
    return mongo_client[database_name]["jobs.workers"]


def note(notes: Collection, name: str = "a:1", *, seconds_ago: float = 1, **fields: Any) -> None:
    """Leave a worker's note."""
    now = datetime.now(UTC)
    seen = now - timedelta(seconds=seconds_ago)
    whole = {"host": "a", "pid": 1, "startedAt": now - timedelta(hours=2), "running": 2, "capacity": 20, "leftovers": 0}
    whole |= {"done": 41, "wake": "change stream", "memory": 50_000_000, "names": ["echo", "slow"], "seenAt": seen}
    notes.insert_one({"_id": name, **whole, **fields})


def overdue(jobs: Collection, **by: float) -> None:
    """Let every waiting job have been due for some time."""
    jobs.update_many({"state": "ready"}, {"$set": {"runAt": datetime.now(UTC) - timedelta(**by)}})


def test_an_empty_shelf_without_workers_is_healthy(store: Store) -> None:
    found = read_health(store)
    assert (found.healthy, found.reachable, found.counts, found.oldest_due) == (True, True, {}, None)
    assert found.version.count(".") == 2
    assert "no worker was seen within the last heartbeats" in found.remarks


def test_a_database_that_memshelf_never_saw_is_healthy(settings: Settings) -> None:
    store = Store(settings)
    assert read_health(store).reasons == ()
    store.close()


def test_a_server_that_does_not_answer_is_unhealthy_and_told_in_one_line() -> None:
    settings = Settings.load(mongo_url="mongodb://127.0.0.1:1/", server_selection_timeout_ms=100)
    found = read_health(Store(settings))
    assert (found.healthy, found.reachable) == (False, False)
    [reason] = found.reasons
    assert reason.startswith("MongoDB does not answer: 127.0.0.1:1: ")
    assert "\n" not in reason
    assert "Topology" not in reason
    assert "timeouts" not in reason


def test_jobs_are_counted_by_name_and_state(store: Store, queue: JobQueue) -> None:
    queue.queue_echo({})
    queue.queue_echo({}).cancel()
    queue.queue_slow_many([{"seconds": 1}, {"seconds": 2}])
    assert read_health(store).counts == {"echo": {"cancelled": 1, "ready": 1}, "slow": {"ready": 2}}


def test_due_jobs_without_a_worker_are_unhealthy(store: Store, queue: JobQueue, jobs: Collection) -> None:
    queue.queue_echo({})
    jobs.update_one({}, [{"$set": {"runAt": {"$subtract": ["$runAt", 1000]}}}])
    assert read_health(store).reasons == ("no worker was seen within the last heartbeats, and jobs are due",)


def test_jobs_for_later_without_a_worker_are_healthy(store: Store, queue: JobQueue) -> None:
    queue.schedule_echo("in 2 hours", {})
    found = read_health(store)
    assert (found.healthy, found.oldest_due) == (True, None)


def test_a_worker_is_known_by_its_note(store: Store, notes: Collection) -> None:
    note(notes)
    [worker] = read_health(store).workers
    assert (worker.name, worker.running, worker.capacity, worker.done) == ("a:1", 2, 20, 41)
    assert (worker.wake, worker.memory, worker.job_names) == ("change stream", 50_000_000, ("echo", "slow"))
    assert timedelta(hours=2) <= worker.uptime < timedelta(hours=2, minutes=1)
    assert timedelta(seconds=1) <= worker.seen_ago < timedelta(minutes=1)
    assert not worker.stale


def test_a_note_of_another_version_may_lack_anything(store: Store, notes: Collection) -> None:
    notes.insert_one({"_id": "old"})
    [worker] = read_health(store).workers
    assert (worker.name, worker.running, worker.job_names) == ("old", 0, ())


def test_a_worker_that_missed_three_heartbeats_is_stale(store: Store, queue: JobQueue, notes: Collection) -> None:
    queue.queue_echo({})
    note(notes, "fresh", seconds_ago=25)
    assert read_health(store).healthy
    notes.delete_many({})
    note(notes, "gone", seconds_ago=35)
    found = read_health(store)
    assert [(worker.name, worker.stale) for worker in found.workers] == [("gone", True)]
    assert found.alive == ()
    assert found.reasons == ("no worker was seen within the last heartbeats, and jobs are due",)
    assert any(remark.startswith("worker gone was last seen 35") for remark in found.remarks)


def test_a_due_job_that_waits_too_long_is_unhealthy(
    store: Store, queue: JobQueue, jobs: Collection, notes: Collection
) -> None:
    note(notes)
    queue.queue_echo({})
    overdue(jobs, minutes=4)
    assert read_health(store).healthy
    overdue(jobs, minutes=6)
    found = read_health(store)
    assert found.oldest_due is not None
    assert timedelta(minutes=6) <= found.oldest_due < timedelta(minutes=7)
    [reason] = found.reasons
    assert reason.startswith("the oldest due job has waited 6m")
    assert reason.endswith("longer than 5m")
    assert read_health(store, late=timedelta(minutes=10)).healthy


def test_waiting_jobs_that_no_worker_runs_are_unhealthy(store: Store, queue: JobQueue, notes: Collection) -> None:
    note(notes, names=["slow"])
    queue.queue_echo({})
    assert read_health(store).reasons == ("no worker runs 'echo', 1 waiting",)


def test_names_that_the_catalog_lacks_are_told(
    store: Store, queue: JobQueue, jobs: Collection, notes: Collection
) -> None:
    queue.queue_echo({})
    jobs.update_many({}, {"$set": {"name": "ecko", "runAt": datetime.now(UTC) + timedelta(hours=1)}})
    assert read_health(store).unknown_names == ()
    found = read_health(store, catalog=catalog)
    assert found.unknown_names == ("ecko",)
    assert found.reasons == ("the catalog has no job 'ecko', 1 waiting",)


def test_a_name_that_only_a_newer_worker_knows_is_no_reason(
    store: Store, queue: JobQueue, jobs: Collection, notes: Collection
) -> None:
    queue.queue_echo({})
    jobs.update_many({}, {"$set": {"name": "new-echo"}})
    note(notes, names=["new-echo"])
    found = read_health(store, catalog=catalog)
    assert (found.reasons, found.unknown_names) == ((), ("new-echo",))


def test_previous_names_are_known_names(store: Store, queue: JobQueue, jobs: Collection) -> None:
    queue.schedule_letter("in 1 hour", {"to": "Ann"})
    jobs.update_many({}, {"$set": {"name": "post-letter"}})
    assert read_health(store, catalog=catalog).unknown_names == ()


def test_missing_indexes_are_unhealthy_and_nothing_is_counted_without_them(
    store: Store, queue: JobQueue, jobs: Collection
) -> None:
    queue.queue_echo({})
    jobs.drop_index(LISTING)
    found = read_health(store)
    assert (found.missing_indexes, found.counts) == ((LISTING,), None)
    assert found.reasons[0].startswith(f"indexes are missing: {LISTING}; ")


def test_asyncio_code_reads_the_same(settings: Settings, store: Store, queue: JobQueue) -> None:
    queue.queue_echo({})

    async def read() -> Health:
        opened = AsyncStore(settings)
        try:
            return await read_health_async(opened, catalog=catalog)
        finally:
            await opened.close()

    assert asyncio.run(read()).counts == read_health(store, catalog=catalog).counts


def test_a_real_worker_leaves_a_note_and_takes_it_away(settings: Settings, store: Store) -> None:
    quick = settings.model_copy(update={"heartbeat_every": timedelta(milliseconds=50)})

    async def work() -> Health:
        worker = Worker(registry, settings=quick, name="real")
        running = asyncio.create_task(worker.run(signals=False))
        while not (found := await asyncio.to_thread(read_health, store)).workers:  # noqa: ASYNC110 - no signal
            await asyncio.sleep(0.02)
        worker.stop()
        await running
        return found

    [worker] = asyncio.run(work()).workers
    assert (worker.name, worker.stale, ECHO.name in worker.job_names) == ("real", False, True)
    assert worker.memory > 1_000_000
    assert read_health(store).workers == ()


def test_a_worker_whose_loop_a_handler_blocks_is_unhealthy(store: Store, notes: Collection) -> None:
    note(notes, blocked=12.3)
    note(notes, "b:2", blocked=0.4)
    [reason] = read_health(store).reasons
    assert reason == "worker a:1 has stood still for 12s: a handler blocks its loop"
