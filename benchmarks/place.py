"""Where one measurement happens: a database of its own, made ready, with jobs in it and a worker's registry."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from bson import ObjectId
from pymongo import MongoClient, WriteConcern

from generated import EmailPayload, EmailPayloadDict
from generated.catalog import EMAIL
from memshelf import Registered, Registry, Settings
from memshelf.flows.prepare import prepare
from memshelf.mongo import Store

PAYLOAD: EmailPayloadDict = {"to": "ada@example.com", "subject": "Hello", "body": "How are you?", "priority": "high"}
CHUNK = 10_000


@dataclass(frozen=True, slots=True)
class Place:
    """A database for one measurement."""

    settings: Settings
    collection: Any
    """The jobs, under majority writes."""

    def fill(self, count: int, *, in_future: timedelta | None = None) -> None:
        """Store waiting jobs, due now or at moments spread over a time that begins in a day."""
        for first in range(0, count, CHUNK):
            number = min(CHUNK, count - first)
            documents = stored_jobs(number)
            if in_future is not None:
                for index, document in enumerate(documents):
                    document["runAt"] += timedelta(days=1) + in_future * ((first + index) / count)
            self.collection.insert_many(documents, ordered=False)


@contextmanager
def place(url: str, **settings: Any) -> Iterator[Place]:
    """Give a database with its validator and its indexes, and drop it afterwards."""
    chosen = Settings.load(
        **{"mongo_url": url, "database": f"memshelf_bench_{uuid4().hex[:8]}", "max_concurrency": 400} | settings
    )
    with prepared(chosen) as made:
        yield made
    with MongoClient[dict[str, Any]](url) as client:
        client.drop_database(chosen.database)


@contextmanager
def prepared(settings: Settings) -> Iterator[Place]:
    """Give the database that settings name, with its validator and its indexes."""
    store = Store(settings)
    store.run(prepare(settings.collection))
    store.close()
    with MongoClient[dict[str, Any]](settings.mongo_url.get_secret_value()) as client:
        durable = WriteConcern("majority", wtimeout=10_000)
        yield Place(settings, client[settings.database].get_collection(settings.collection, write_concern=durable))


def email() -> EmailPayload:
    """Make the model that a producer would."""
    return EmailPayload(to="ada@example.com", subject="Hello", body="How are you?", priority="high")


def registry(handler: Callable[..., Any]) -> Registry:
    """Give a registry with one job, without a limit of its own."""
    return Registry([Registered(replace(EMAIL, concurrency=None), handler)])


def stored_jobs(count: int) -> list[dict[str, Any]]:
    """Write jobs that are due now, as a producer of memshelf would."""
    frame = {"name": EMAIL.name, "data": PAYLOAD, "state": "ready", "queue": "default", "priority": 5, "version": 1}
    counters = {"attempts": 0, "lost": 0, "maxAttempts": 4, "maxLost": 5, "schema": EMAIL.schema.digest}
    return [{"_id": ObjectId(), **frame, **counters, "runAt": datetime.now(UTC)} for _ in range(count)]
