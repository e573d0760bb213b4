"""Many workers at once: they come and go, compete for the same jobs, and leave nothing behind."""

from __future__ import annotations

import asyncio
import gc
import random
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import bson
from pymongo import MongoClient

from memshelf import Registered, Registry, Settings, Worker
from memshelf.claimer import Claimer
from memshelf.flows.prepare import prepare
from memshelf.mongo import AsyncStore, Store
from tests.faults.trial import Trial
from tests.runtime.app.catalog import ECHO
from tests.runtime.working import foreign, nothing

PATIENCE = 120.0


def test_workers_that_start_and_stop_at_random_lose_and_double_nothing(trial: Trial, scale: int) -> None:
    """Each is told to stop at a moment that chance decides, some as they start, some twice; none hangs."""
    trial.queue(*[[f"sleep {trial.rng.uniform(0.0, 0.5):.2f}"] for _ in range(40 * scale)])
    for _ in range(4 if scale == 1 else 50):
        while len(trial.living) < 3:
            trial.worker(grace_period=trial.rng.choice(["0s", "200ms", "10s"]))
        trial.wait_for_journal(trial.journal.count("begin") + trial.rng.randrange(5))
        ending = trial.rng.choice(trial.living)
        for _ in range(trial.rng.choice([1, 1, 2])):
            ending.signal(signal.SIGTERM)
        if trial.rng.random() < 0.7:
            trial.assert_ended_well(ending)
        if trial.unfinished() < 20:
            trial.queue(*[[f"sleep {trial.rng.uniform(0.0, 0.5):.2f}"] for _ in range(20)])
    trial.worker()
    trial.finish()
    assert trial.jobs.count_documents({"lost": {"$gt": 0}}) == 0


def test_thirty_that_compete_claim_no_job_twice(
    mongo_url: str, mongo_client: MongoClient[dict[str, Any]], database_name: str, rng: random.Random, scale: int
) -> None:
    """Each has a connection of its own, and all of them want all of the jobs."""
    settings = Settings.load(mongo_url=mongo_url, database=database_name)
    store = Store(settings)
    store.run(prepare("jobs"))
    store.close()
    jobs = mongo_client[database_name]["jobs"]
    number = 600 * scale
    jobs.insert_many([{**foreign("echo", {}), "_id": f"job-{index}"} for index in range(number)])
    won: list[tuple[str, str]] = []

    async def compete(name: str) -> None:
        own = AsyncStore(settings)
        claimer = Claimer(own, Registry([Registered(ECHO, nothing)]), settings, name, random.Random(rng.random()))
        while await asyncio.to_thread(jobs.count_documents, {"state": "ready"}, limit=1):
            taken = await claimer.claim(10, Counter())
            won.extend((str(each["_id"]), each["lease"]) for each in map(bson.decode, taken))
        await own.close()

    async def all_of_them() -> None:
        async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
            for number in range(30):
                group.create_task(compete(f"worker-{number}"))

    asyncio.run(all_of_them())
    assert Counter(job for job, _ in won) == Counter({f"job-{index}": 1 for index in range(number)})
    assert {(each["_id"], each["lease"], each["attempts"]) for each in jobs.find({})} == {(*each, 1) for each in won}


def test_fifty_workers_at_once_that_start_and_stop_at_random_leave_nothing_behind(
    mongo_url: str, mongo_client: MongoClient[dict[str, Any]], database_name: str, rng: random.Random, scale: int
) -> None:
    """All are there at one moment; then some are told to stop, once or twice, and others come, in any order.

    The short form has twenty.
    """
    most = 20 if scale == 1 else 50
    settings = Settings.load(
        mongo_url=mongo_url, database=database_name, process_every="1s", grace_period="100ms", max_concurrency=3
    )
    store = Store(settings)
    store.run(prepare("jobs"))
    store.close()
    database, runs = mongo_client[database_name], Counter[Any]()

    async def handle(job: Any, context: Any) -> None:
        runs[job.id] += 1
        await asyncio.sleep(rng.uniform(0.0, 0.3))

    async def churn() -> None:
        crew: dict[asyncio.Task[int], Worker] = {}

        def come() -> None:
            worker = Worker(Registry([Registered(ECHO, handle)]), settings=settings)
            crew[asyncio.create_task(worker.run(signals=False))] = worker

        async def go(task: asyncio.Task[int]) -> None:
            worker = crew.pop(task)
            for _ in range(rng.choice([1, 1, 2])):
                worker.stop()
            assert await task == 0

        for _ in range(most):
            come()
        await until(lambda: database["jobs.workers"].count_documents({}) == most)
        async with asyncio.TaskGroup() as leaving:
            for _ in range(10 * scale):
                leaving.create_task(go(rng.choice(list(crew))))
                come()
                await asyncio.sleep(rng.uniform(0.0, 0.05))  # The pace of the churn; nothing is expected of it.
        await until(lambda: not database["jobs"].count_documents({"state": {"$ne": "succeeded"}}, limit=1))
        async with asyncio.TaskGroup() as leaving:
            for task in list(crew):
                leaving.create_task(go(task))
        assert asyncio.all_tasks() == {asyncio.current_task()}

    database["jobs"].insert_many([{**foreign("echo", {}), "_id": number} for number in map(str, range(300 * scale))])
    with nothing_left(mongo_client):
        asyncio.run(churn())
    for stored in database["jobs"].find({}):
        assert (stored["attempts"], stored["lost"]) == (1, 0)
        assert runs[stored["_id"]] <= 1 + stored.get("interrupted", 0)


async def until(holds: Callable[[], object]) -> None:
    """Wait until something that asks the server holds."""
    async with asyncio.timeout(PATIENCE):
        while not await asyncio.to_thread(holds):  # noqa: ASYNC110 - what the server knows sets no event here
            await asyncio.sleep(0.02)


def test_workers_that_come_and_go_in_one_process_leave_no_task_thread_or_connection(
    mongo_url: str, mongo_client: MongoClient[dict[str, Any]], database_name: str, scale: int
) -> None:
    """Stopped before they have started, while they start, and while they work."""
    settings = Settings.load(
        mongo_url=mongo_url, database=database_name, process_every="50ms", grace_period="0s", lease="2s"
    )
    with Store(settings).client as client:
        client.admin.command("ping")
    jobs = mongo_client[database_name]["jobs"]

    async def come_and_go(life: int) -> None:
        worker = Worker(Registry([Registered(ECHO, forever)]), settings=settings)
        running = asyncio.create_task(worker.run(signals=False))
        for _ in range(life):
            await asyncio.sleep(0)
        if life > 100:
            await asyncio.to_thread(jobs.insert_one, foreign("echo", {}))
            while not await asyncio.to_thread(jobs.count_documents, {"state": "running"}):
                assert not running.done()
        worker.stop()
        assert await running == 0

    async def many() -> None:
        async with asyncio.timeout(PATIENCE):
            for number in range(8 * scale):
                await come_and_go([0, 5, 40, 200][number % 4])
                await asyncio.to_thread(jobs.delete_many, {})
        assert asyncio.all_tasks() == {asyncio.current_task()}

    with nothing_left(mongo_client):
        asyncio.run(many())


@contextmanager
def nothing_left(client: MongoClient[dict[str, Any]]) -> Iterator[None]:
    """Hold that a block leaves no thread and no connection of a worker behind."""
    before = {thread.name for thread in threading.enumerate()}
    yield
    gc.collect()
    for thread in threading.enumerate():
        if thread.name not in before and thread is not threading.current_thread():
            thread.join(PATIENCE)
            assert not thread.is_alive(), thread
    until_no_connection(client)


async def forever(job: Any, context: Any) -> None:
    """Never end by itself."""
    await asyncio.Event().wait()


def until_no_connection(client: MongoClient[dict[str, Any]]) -> None:
    """Wait until the server has no connection of ours any more, but for this client's."""
    ended = threading.Event()
    for _ in range(int(PATIENCE * 20)):
        operations = client.admin.aggregate(
            [
                {"$currentOp": {"allUsers": True, "idleConnections": True}},
                {"$match": {"appName": "memshelf"}},
            ]
        )
        if not list(operations):
            return
        ended.wait(0.05)
    raise AssertionError("connections were left open")
