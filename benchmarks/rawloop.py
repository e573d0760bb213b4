"""The yardsticks: bare pymongo that makes the same writes on the same collection, with nothing around them."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from bson import ObjectId
from pymongo import AsyncMongoClient

from benchmarks.place import Place, stored_jobs
from benchmarks.row import rate

BATCH = 200


def drain(place: Place, count: int) -> float:
    """Drain as the fastest plain loop does that is still safe; gives jobs a second.

    Claim 200: find ids, take them by a guarded `update_many` under a token, read back what was won. Finish them by one
    `update_many`. It knows no schema, no order, no retries, no heartbeat and no second worker.
    """
    place.fill(count)
    jobs = place.collection

    def loop() -> None:
        while ids := [found["_id"] for found in jobs.find({"state": "ready"}, {"_id": 1}, limit=BATCH)]:
            token = str(ObjectId())
            chosen = {"_id": {"$in": ids}, "state": "ready"}
            jobs.update_many(chosen, {"$set": {"state": "running", "lease": token}, "$inc": {"attempts": 1}})
            won = [found["_id"] for found in jobs.find({"_id": {"$in": ids}, "lease": token})]
            jobs.update_many({"_id": {"$in": won}, "lease": token}, {"$set": {"state": "succeeded"}})

    return rate(count, loop)


def insert_one_by_one(place: Place, count: int) -> float:
    """Insert documents one by one; gives jobs a second."""
    (document,) = stored_jobs(1)
    return rate(count, lambda: [place.collection.insert_one({**document, "_id": ObjectId()}) for _ in range(count)])


def insert_one_by_one_async(place: Place, count: int) -> float:
    """Insert documents one by one with the driver for asyncio; gives jobs a second."""
    (document,) = stored_jobs(1)

    async def story() -> float:
        async with AsyncMongoClient[Any](place.settings.mongo_url.get_secret_value()) as client:
            jobs = client[place.settings.database].get_collection(
                place.settings.collection, write_concern=place.collection.write_concern
            )
            await jobs.insert_one({**document, "_id": ObjectId()})
            began = time.perf_counter()
            for _ in range(count):
                await jobs.insert_one({**document, "_id": ObjectId()})
            return count / (time.perf_counter() - began)

    return asyncio.run(story())


def insert_many(place: Place, count: int) -> float:
    """Insert documents by one call; gives jobs a second."""
    documents = stored_jobs(count)
    return rate(count, lambda: place.collection.insert_many(documents, ordered=False))


def write_times(place: Place) -> tuple[float, float]:
    """Insert a document, then claim it; gives the milliseconds of the insert, and of both."""
    (document,) = stored_jobs(1)
    sent = time.perf_counter()
    place.collection.insert_one(document)
    inserted = time.perf_counter()
    chosen = {"_id": document["_id"], "state": "ready"}
    place.collection.find_one_and_update(chosen, {"$set": {"state": "running"}, "$inc": {"attempts": 1}})
    return (inserted - sent) * 1000, (time.perf_counter() - sent) * 1000
