"""What tests of the runtime may ask for: quick settings, a queue on them, and the stored jobs as they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pymongo import MongoClient

from memshelf import Settings
from memshelf.flows.prepare import prepare
from tests.runtime.app.queues import JobQueue


@pytest.fixture
def settings(mongo_url: str, database_name: str) -> Settings:
    """Give settings under which a worker looks ten times a second and a lease lasts two seconds."""
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
    """Give the collection of the jobs."""
    return mongo_client[database_name]["jobs"]


@pytest.fixture
def queue(settings: Settings) -> Iterator[JobQueue]:
    """Give an open queue on a collection that is made ready."""
    with JobQueue(settings=settings) as opened:
        opened._store.run(prepare(settings.collection))
        yield opened
