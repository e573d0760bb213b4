"""Streams that break, fall silent, or do not exist: polling finds the jobs, and health says how workers are woken."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from memshelf.health import read_health
from memshelf.mongo import Store
from tests.faults.proxy import Command, Fate, Proxy
from tests.faults.servers import Node, standalone
from tests.faults.trial import Trial


@pytest.fixture
def proxy(mongo_url: str) -> Iterator[Proxy]:
    """Give a proxy in front of the session's server."""
    with Proxy(mongo_url) as opened:
        yield opened


def modes(trial: Trial) -> list[str]:
    """Give how the workers say that they are woken."""
    store = Store(trial.settings(trial.url, heartbeat_every="300ms"))
    try:
        return [worker.wake for worker in read_health(store).alive]
    finally:
        store.close()


def is_stream(command: Command) -> bool:
    """Tell whether a command opens a change stream."""
    return command.name == "aggregate" and "$changeStream" in command.body["pipeline"][0]


def test_a_stream_that_breaks_is_opened_again_and_jobs_run_meanwhile(trial: Trial, proxy: Proxy) -> None:
    trial.worker(url=proxy.url)
    trial.wait(lambda: modes(trial) == ["change stream"])
    proxy.rule = lambda command: "lose before" if is_stream(command) or command.name == "getMore" else "pass"
    proxy.break_connections()
    trial.wait(lambda: modes(trial) == ["polling"])
    trial.queue(*[["succeed"] for _ in range(5)])
    trial.wait_until_finished()
    proxy.mend()
    trial.wait(lambda: modes(trial) == ["change stream"])
    trial.finish()


def test_a_stream_that_falls_silent_delays_nothing_beyond_the_poll(trial: Trial, proxy: Proxy) -> None:
    """The connection stays open; nothing ever comes on it, as when a majority of the set is lost."""

    def silent(command: Command) -> Fate:
        return "silence" if command.name == "getMore" else "pass"

    trial.worker(url=proxy.url, socket_timeout_ms="60000")
    trial.wait(lambda: modes(trial) == ["change stream"])
    proxy.rule = silent
    trial.queue(*[["succeed"] for _ in range(20)])
    trial.wait_until_finished()
    assert proxy.fates
    proxy.mend()
    trial.finish()


@pytest.fixture
def alone() -> Iterator[Node]:
    """Give a server that is in no replica set."""
    with standalone() as node:
        yield node


def test_a_server_without_change_streams_is_polled(alone: Node, tmp_path: Path, rng: random.Random) -> None:
    with Trial(alone.url, "memshelf", tmp_path, rng) as trial:
        worker = trial.worker()
        trial.wait(lambda: "wake.polling" in worker.log.read_text())
        trial.queue(*[["fail", "snooze 10ms", "sleep 0.02"] for _ in range(10)])
        trial.wait_until_finished()
        trial.wait(lambda: modes(trial) == ["polling"])
        trial.finish()
        assert worker.log.read_text().count("wake.polling") == 1
