"""What every test may ask for: a real MongoDB server, and a database of its own on it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import hypothesis
import pytest
import structlog
from pymongo import MongoClient

from memshelf.devserver import DevServer

# How fast examples are made says how busy the machine is. In CI the same examples are tried each time, so that a
# failure there belongs to the change.
hypothesis.settings.register_profile(
    "memshelf",
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("memshelf")


@pytest.fixture(autouse=True)
def _log_as_it_was() -> Iterator[None]:
    """Forget how a test had the log written: structlog's configuration is the process's."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def mongo_url() -> Iterator[str]:
    """Give the connection string of the user's server (MEMSHELF_TEST_MONGO_URL), or of one for this session."""
    named = os.environ.get("MEMSHELF_TEST_MONGO_URL")
    if named:
        yield named
        return
    with DevServer() as server:
        yield server.url


@pytest.fixture(scope="session")
def mongo_client(mongo_url: str) -> Iterator[MongoClient[dict[str, Any]]]:
    """Give a client that the whole session shares."""
    with MongoClient[dict[str, Any]](mongo_url, tz_aware=True) as client:
        yield client


@pytest.fixture
def database_name(mongo_client: MongoClient[dict[str, Any]]) -> Iterator[str]:
    """Give the name of a database that is this test's alone and goes with it."""
    name = f"memshelf_test_{uuid4().hex[:16]}"
    yield name
    mongo_client.drop_database(name)
