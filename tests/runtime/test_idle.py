"""What a worker asks the server for while there is nothing to do: a handful of commands, none of which scans."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from memshelf import Registered, Registry, Settings, Worker
from memshelf.indexes import DUE
from memshelf.mongo import Store
from tests.runtime.app.catalog import ECHO
from tests.runtime.app.queues import JobQueue
from tests.runtime.explaining import explained_command
from tests.runtime.working import foreign, nothing

ROUNDS = 8
"""Looks for the next due time that are watched: one comes in every poll."""
OF_A_POLL = ("find", "findAndModify", "distinct")
OF_THE_DRIVER = {"hello", "getMore", "aggregate", "killCursors", "endSessions"}
"""Those of the stream and of the connection."""
AT_THE_START = {"create", "createIndexes", "listCollections", "collMod"}
PLANNED = ("find", "findAndModify", "distinct", "update")


class Log(CommandListener):
    """Keeps what is sent to the server, and tells when the worker has polled often enough."""

    def __init__(self) -> None:
        self.sent: list[Mapping[str, Any]] = []
        self.polled = asyncio.Event()
        self._polls = 0

    def started(self, event: CommandStartedEvent) -> None:
        self.sent.append(dict(event.command))
        self._polls += is_look(event.command)
        if self._polls == ROUNDS:
            self.polled.set()

    def succeeded(self, event: CommandSucceededEvent) -> None: ...

    def failed(self, event: CommandFailedEvent) -> None: ...


def is_look(command: Mapping[str, Any]) -> bool:
    return command.get("hint") == DUE


@pytest.fixture
def sent(queue: JobQueue, settings: Settings, jobs: Any) -> list[Mapping[str, Any]]:
    """Give the commands of an idle worker beside finished and future jobs; heartbeats and sweeps come by the hour."""
    done = {"state": "succeeded", "finishedAt": datetime.now(UTC)}
    later = {"runAt": datetime.now(UTC) + timedelta(days=1)}
    jobs.insert_many([{**foreign("echo", {}), **each} for each in (done, later) for _ in range(200)])
    log = Log()
    unhurried = settings.model_copy(update={"lease": timedelta(hours=3), "heartbeat_every": timedelta(hours=1)})

    async def work() -> None:
        async with AsyncMongoClient[Any](settings.mongo_url.get_secret_value(), event_listeners=[log]) as client:
            worker = Worker(Registry([Registered(ECHO, nothing)]), settings=unhurried, client=client)
            running = asyncio.create_task(worker.run(signals=False))
            await log.polled.wait()
            worker.stop()
            await running

    asyncio.run(asyncio.wait_for(work(), 60))
    return log.sent


def test_a_poll_is_three_commands_and_there_is_little_beside(sent: list[Mapping[str, Any]]) -> None:
    names = Counter(next(iter(command)) for command in sent)
    looks = sum(map(is_look, sent))
    assert set(names) <= {*OF_A_POLL, "update", *OF_THE_DRIVER, *AT_THE_START}
    assert names["findAndModify"] <= looks + 1
    assert names["distinct"] <= looks + 2
    assert names["find"] <= looks + 1


def test_no_command_of_an_idle_worker_scans(sent: list[Mapping[str, Any]], settings: Settings) -> None:
    store = Store(settings)
    asked = [command for command in sent if next(iter(command)) in PLANNED]
    plans = [explained_command(store, plain(command)) for command in asked]
    store.close()
    assert {plan.command for plan in plans} >= {"find", "findAndModify", "distinct"}
    assert [plan for plan in plans if {"COLLSCAN", "SORT"} & plan.stages or plan.keys > 10] == []


def plain(command: Mapping[str, Any]) -> dict[str, Any]:
    """Give a command without what belongs to its connection."""
    apart = ("lsid", "txnNumber", "writeConcern", "readConcern")
    return {key: value for key, value in command.items() if not key.startswith("$") and key not in apart}
