"""Servers that are killed, frozen, or give up their role, while producers queue and workers work."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from memshelf.devserver import DevServer
from tests.faults.producing import producing
from tests.faults.servers import ReplicaSet
from tests.faults.trial import LEASE, Trial


def test_a_server_killed_under_load_loses_and_doubles_nothing(own_trial: Trial, server: DevServer, scale: int) -> None:
    """SIGKILL `mongod` at a random moment while two producers queue and two workers work, and start it again."""
    trial = own_trial
    trial.server_harmed = True
    for _ in range(2):
        trial.worker().wait_until_started()
    with producing(trial, producers=2):
        for outage in range(2 * scale - 1):
            trial.wait_for_journal(20 + 60 * outage + trial.rng.randrange(40))
            server.kill()
            server.restart()
        trial.wait_for_journal(60 * (2 * scale - 1))
    trial.finish()
    assert_no_live_job_was_taken(trial)


def test_live_workers_keep_their_jobs_through_an_outage_longer_than_the_lease(
    own_trial: Trial, server: DevServer, scale: int
) -> None:
    """When the server is back, every lease has ended and every worker looks for such leases."""
    trial = own_trial
    for _ in range(2 if scale == 1 else 4):
        trial.worker(heartbeat_every="100ms").wait_until_started()
    for _ in range(2 * scale - 1):
        ids = set(trial.queue(*[[f"sleep {4 + trial.rng.random()}"] for _ in range(24)]))
        trial.wait(lambda ids=ids: {line.job for line in trial.journal.lines()} >= ids)  # type: ignore[misc]
        server.kill()
        wait_for_the_clock(time.time() + LEASE + 0.2)
        server.restart()
        trial.wait_until_finished()
    trial.finish()
    assert trial.jobs.count_documents({"$or": [{"lost": {"$gt": 0}}, {"attempts": {"$ne": 1}}]}) == 0


@pytest.fixture(scope="module")
def three() -> Iterator[ReplicaSet]:
    """Give a set of three nodes."""
    with ReplicaSet() as started:
        yield started


@pytest.fixture
def set_trial(three: ReplicaSet, database_name: str, tmp_path: Path, rng: random.Random) -> Iterator[Trial]:
    """Give a trial on the set."""
    with Trial(three.url, database_name, tmp_path, rng) as opened:
        yield opened


def test_a_primary_that_steps_down_or_is_killed_loses_and_doubles_nothing(
    set_trial: Trial, three: ReplicaSet, scale: int
) -> None:
    """Under load: a step-down, then SIGKILL of the primary and its return, then SIGSTOP of the next."""
    trial = set_trial
    trial.server_harmed = True
    for _ in range(2):
        trial.worker().wait_until_started()
    with producing(trial, producers=2):
        for round_ in range(scale):
            begun = 150 * round_
            trial.wait_for_journal(begun + 20)
            three.step_down()
            trial.wait_for_journal(begun + 60)
            three.wait_until_whole()
            primary = three.primary()
            primary.kill()
            trial.wait_for_journal(begun + 100)
            primary.start()
            three.wait_until_whole()
            primary = three.primary()
            primary.freeze()
            trial.wait_for_journal(begun + 140)
            primary.thaw()
            three.wait_until_whole()
    trial.finish()
    assert_no_live_job_was_taken(trial)


@pytest.mark.parametrize(
    "command", ["findAndModify", *(pytest.param(name, marks=pytest.mark.full) for name in ("update", "insert"))]
)
def test_a_write_whose_majority_is_uncertain_is_made_once(set_trial: Trial, three: ReplicaSet, command: str) -> None:
    """As when a primary steps down: the reply says what was written, and that a majority may lack it; drivers retry."""
    trial = set_trial
    trial.worker().wait_until_started()
    failed = {"code": 6, "errmsg": "no majority can be reached"}
    three.fail(command, times=2, writeConcernError=failed, errorLabels=["RetryableWriteError"])
    for _ in range(3):
        trial.queue(["fail", "succeed"])
        trial.wait_until_finished()
    trial.finish()
    assert trial.jobs.count_documents({"attempts": 2, "lost": 0}) == 3


def assert_no_live_job_was_taken(trial: Trial) -> None:
    """Nobody harmed a worker, so no handler's run may have been in vain."""
    begun = [line.token for line in trial.journal.lines() if line.what == "begin"]
    lost = [entry for stored in trial.jobs.find({}) for entry in stored.get("errors", []) if entry["kind"] == "lost"]
    assert [entry for entry in lost if entry["lease"] in begun] == []


def wait_for_the_clock(moment: float) -> None:
    """Wait until a time has come: an outage has to last."""
    while (left := moment - datetime.now(UTC).timestamp()) > 0:
        time.sleep(left)
