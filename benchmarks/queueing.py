"""Queueing, draining and pick-up beside raw pymongo that makes the same writes on the same server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from statistics import median
from typing import Any
from uuid import uuid4

from bson import ObjectId
from pymongo import MongoClient, WriteConcern

from generated import EmailPayload, EmailPayloadDict, JobQueue
from generated.catalog import EMAIL
from memshelf import Context, Job, Registered, Registry, Settings, Worker
from memshelf.flows.prepare import prepare
from memshelf.mongo import Store

PAYLOAD: EmailPayloadDict = {"to": "ada@example.com", "subject": "Hello", "body": "How are you?", "priority": "high"}
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison."""

    what: str
    ours: float
    raw: float
    unit: str
    """`jobs/s`, where more is better, or `ms`, where less is."""

    @property
    def ratio(self) -> float:
        """Ours against raw pymongo, so that more is better."""
        return self.ours / self.raw if self.unit == "jobs/s" else self.raw / self.ours


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured."""

    single: int = 300
    many: int = 5_000
    drained: int = 5_000
    picked: int = 100


def measure(url: str, sizes: Sizes) -> Iterator[Row]:
    """Measure each thing in turn, ours and raw alternating, medians of three."""
    yield _pair(
        "queue one by one", "jobs/s", url, lambda p: _single(p, sizes.single), lambda p: _raw_single(p, sizes.single)
    )
    yield _pair("queue many", "jobs/s", url, lambda p: _many(p, sizes.many), lambda p: _raw_many(p, sizes.many))
    yield _pair("drain", "jobs/s", url, lambda p: _drain(p, sizes.drained), lambda p: _raw_drain(p, sizes.drained))
    yield _pair(
        "pick-up (raw: one majority insert)", "ms", url, lambda p: _pick_up(p, sizes.picked), lambda p: _raw_insert(p)
    )


@dataclass(frozen=True, slots=True)
class Place:
    """A database for one measurement."""

    settings: Settings
    collection: Any


def _pair(what: str, unit: str, url: str, ours: Callable[[Place], float], raw: Callable[[Place], float]) -> Row:
    readings: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for kept, run in zip(readings, (ours, raw), strict=True):
            with _place(url) as place:
                kept.append(run(place))
    return Row(what, median(readings[0]), median(readings[1]), unit)


@contextmanager
def _place(url: str) -> Iterator[Place]:
    settings = Settings.load(mongo_url=url, database=f"memshelf_bench_{uuid4().hex[:8]}", max_concurrency=400)
    store = Store(settings)
    store.run(prepare(settings.collection))
    store.close()
    with MongoClient[dict[str, Any]](url) as client:
        durable = WriteConcern("majority", wtimeout=10_000)
        yield Place(settings, client[settings.database].get_collection("jobs", write_concern=durable))
        client.drop_database(settings.database)


def _single(place: Place, count: int) -> float:
    with JobQueue(settings=place.settings) as queue:
        queue.queue_email(email())
        return _rate(count, lambda: [queue.queue_email(email()) for _ in range(count)])


def _raw_single(place: Place, count: int) -> float:
    document = _documents(1)[0]
    return _rate(count, lambda: [place.collection.insert_one({**document, "_id": ObjectId()}) for _ in range(count)])


def _many(place: Place, count: int) -> float:
    with JobQueue(settings=place.settings) as queue:
        queue.queue_email(email())
        return _rate(count, lambda: queue.queue_email_many([PAYLOAD] * count))


def _raw_many(place: Place, count: int) -> float:
    documents = _documents(count)
    return _rate(count, lambda: place.collection.insert_many(documents, ordered=False))


def _drain(place: Place, count: int) -> float:
    place.collection.insert_many(_documents(count))
    done = 0

    async def nothing(job: Job[EmailPayload], context: Context) -> None:
        nonlocal done
        done += 1

    async def work() -> None:
        await Worker(_registry(nothing), settings=place.settings).run(drain=True, signals=False)

    rate = _rate(count, lambda: asyncio.run(work()))
    assert done == count, f"{done} of {count} jobs ran"
    return rate


def _raw_drain(place: Place, count: int) -> float:
    """The fastest plain loop that is still safe: claim 200 under a token, read them back, finish them together."""
    place.collection.insert_many(_documents(count))

    def loop() -> None:
        while ids := [found["_id"] for found in place.collection.find({"state": "ready"}, {"_id": 1}, limit=200)]:
            token = str(ObjectId())
            chosen = {"_id": {"$in": ids}, "state": "ready"}
            place.collection.update_many(
                chosen, {"$set": {"state": "running", "lease": token}, "$inc": {"attempts": 1}}
            )
            won = [found["_id"] for found in place.collection.find({"_id": {"$in": ids}, "lease": token})]
            place.collection.update_many({"_id": {"$in": won}, "lease": token}, {"$set": {"state": "succeeded"}})

    return _rate(count, loop)


def _pick_up(place: Place, count: int) -> float:
    """Milliseconds from the queue call to the handler's first line, on an idle worker; the median."""
    waits: list[float] = []

    async def story() -> None:
        began: asyncio.Queue[float] = asyncio.Queue()

        async def handle(job: Job[EmailPayload], context: Context) -> None:
            began.put_nowait(time.perf_counter())

        worker = Worker(_registry(handle), settings=place.settings)
        work = asyncio.create_task(worker.run(signals=False))
        with JobQueue(settings=place.settings) as queue:
            await asyncio.to_thread(queue.queue_email, email())
            await began.get()
            for _ in range(count):
                await asyncio.sleep(0.02)
                sent = time.perf_counter()
                await asyncio.to_thread(queue.queue_email, email())
                waits.append((await began.get() - sent) * 1000)
        worker.stop()
        await work

    asyncio.run(story())
    return median(waits)


def _raw_insert(place: Place) -> float:
    waits = []
    for document in _documents(100):
        sent = time.perf_counter()
        place.collection.insert_one(document)
        waits.append((time.perf_counter() - sent) * 1000)
    return median(waits)


def email() -> EmailPayload:
    """Make the model that a producer would."""
    return EmailPayload(to="ada@example.com", subject="Hello", body="How are you?", priority="high")


def _registry(handler: Any) -> Registry:
    return Registry([Registered(replace(EMAIL, concurrency=None), handler)])


def _documents(count: int) -> list[dict[str, Any]]:
    frame = {"name": EMAIL.name, "data": PAYLOAD, "state": "ready", "queue": "default", "priority": 5, "version": 1}
    counters = {"attempts": 0, "lost": 0, "maxAttempts": 4, "maxLost": 5, "schema": EMAIL.schema.digest}
    return [{"_id": ObjectId(), **frame, **counters, "runAt": datetime.now(UTC)} for _ in range(count)]


def _rate(count: int, run: Callable[[], object]) -> float:
    began = time.perf_counter()
    run()
    return count / (time.perf_counter() - began)
