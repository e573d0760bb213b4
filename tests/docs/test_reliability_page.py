"""The page on reliability is true: what its handlers do twice happens once."""

from __future__ import annotations

import asyncio
import inspect
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from generated import JobQueue, NotificationPayload, WebhookPayload
from jobs.services import Answer, HttpClient
from memshelf import Settings
from memshelf.flows.prepare import prepare
from memshelf.logs import EVENTS
from memshelf.mongo import Store
from memshelf.testing import fake_context, fake_job
from tests.docs.blocks import blocks

PAGE = Path(__file__).parents[2] / "docs/reliability.md"
NOTE = NotificationPayload(user_id="ada", message="Hello")


def shown(path: str) -> Any:
    """Give the page's module of a name."""
    [block] = [block for block in blocks(PAGE) if block.path == path]
    module = ModuleType(path.removesuffix(".py"))
    exec(compile(block.text, block.place, "exec"), module.__dict__)
    return module


def twice(handle: Any, payload: Any, services: dict[Any, Any]) -> None:
    """Run a handler as a job that was lost after its work runs: again, under the same id."""
    for attempt in (1, 2):
        done = handle(fake_job(payload, id="the-job", attempts=attempt), fake_context(services))
        if inspect.isawaitable(done):
            asyncio.run(asyncio.wait_for(done, 10))


class Endpoint:
    """Does its work once for each key."""

    def __init__(self) -> None:
        self.done: dict[str, int] = {}

    def send(self, method: str, url: str, *, headers: Any, body: bytes) -> Answer:
        self.done.setdefault(headers["Idempotency-Key"], len(self.done))
        return Answer(200, "OK", None)


def test_a_write_under_the_jobs_id_is_there_once(mongo_client: MongoClient[dict[str, Any]], database_name: str) -> None:
    database = mongo_client[database_name]
    twice(shown("keyed_upsert.py").handle, NOTE, {Database: database})
    assert list(database["inbox"].find()) == [{"_id": "the-job", "user": "ada", "message": "Hello"}]


def test_whoever_is_given_the_id_works_once() -> None:
    endpoint = Endpoint()
    twice(
        shown("idempotency_key.py").handle,
        WebhookPayload(url="https://example.com/", method="POST"),
        {HttpClient: endpoint},
    )
    assert endpoint.done == {"the-job": 0}


class InOneDatabase:
    """A client for which `shop` is the test's database."""

    def __init__(self, client: MongoClient[dict[str, Any]], database: str) -> None:
        self._client = client
        self._database = database
        self.start_session = client.start_session

    def __getitem__(self, name: str) -> Any:
        return self._client[self._database]


def test_what_is_remembered_with_the_work_is_counted_once(
    mongo_client: MongoClient[dict[str, Any]], database_name: str
) -> None:
    shop = mongo_client[database_name]
    shop["users"].insert_one({"_id": "ada", "unread": 0})
    shop.create_collection("done")
    twice(shown("in_one_transaction.py").handle, NOTE, {MongoClient: InOneDatabase(mongo_client, database_name)})
    assert shop["users"].find_one() == {"_id": "ada", "unread": 1}


def test_the_queue_is_the_outbox(mongo_url: str, mongo_client: MongoClient[dict[str, Any]], database_name: str) -> None:
    settings = Settings.load(mongo_url=mongo_url, database=database_name)
    Store(settings, mongo_client).run(prepare("jobs"))
    shop = mongo_client[database_name]
    shop.create_collection("users")
    client = InOneDatabase(mongo_client, database_name)
    with JobQueue(client=mongo_client, settings=settings) as queue:
        sign_up = shown("outbox.py").sign_up
        sign_up(client, queue, "ada")
        with pytest.raises(Exception, match="duplicate key"):
            sign_up(client, queue, "ada")
    assert [each["data"]["userId"] for each in shop["jobs"].find()] == ["ada"]


def test_every_event_that_an_operator_sees_is_one() -> None:
    named = set(
        re.findall(r"`((?:job|worker|claim|heartbeat|record)\.[a-z]{3,}[a-z_]*)`", PAGE.read_text(encoding="utf-8"))
    )
    assert len(named) > 8
    assert named - EVENTS.keys() == set()


def test_the_tests_that_are_named_exist() -> None:
    named = re.findall(r"`((?:runtime/)?test_\w+\.py)`", PAGE.read_text(encoding="utf-8"))
    tests = PAGE.parents[1] / "tests"
    homes = {name: tests / name if name.startswith("runtime/") else tests / "faults" / name for name in named}
    assert [name for name, home in homes.items() if not home.exists()] == []
