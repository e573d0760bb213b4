"""Fixtures for tests of an application: a real server, a database for each test, and a clock to move."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from pymongo import MongoClient

from memshelf.devserver import DevServer
from memshelf.settings import Settings
from memshelf.testing import MovableClock

TEST_URL = "MEMSHELF_TEST_MONGO_URL"


@pytest.fixture(scope="session")
def memshelf_server() -> Iterator[str]:
    """The connection string of a real server: the one named in MEMSHELF_TEST_MONGO_URL, or one for this session."""
    named = os.environ.get(TEST_URL)
    if named:
        yield named
        return
    with DevServer() as server:
        yield server.url


@pytest.fixture
def memshelf_settings(memshelf_server: str) -> Iterator[Settings]:
    """Settings with a database that is this test's alone and is dropped after it; no MEMSHELF_ variable has a say.

    Workers look for jobs ten times a second and beat twice a second, so that nothing in a test waits for long.
    """
    settings = Settings(
        **_defaults()
        | {
            "mongo_url": memshelf_server,
            "database": f"memshelf_test_{uuid4().hex[:16]}",
            "process_every": timedelta(milliseconds=100),
            "lease": timedelta(seconds=5),
            "heartbeat_every": timedelta(milliseconds=500),
            "grace_period": timedelta(seconds=5),
        }
    )
    yield settings
    with MongoClient[dict[str, Any]](memshelf_server) as client:
        client.drop_database(settings.database)


@pytest.fixture
def memshelf_clock() -> MovableClock:
    """A clock that goes with the real time until it is moved or set."""
    return MovableClock()


def _defaults() -> dict[str, Any]:
    """Give the settings' own defaults, to be set in place of this machine's variables."""
    return {name: field.default for name, field in Settings.model_fields.items() if field.default_factory is None}
