"""Handlers that block the event loop of their worker, or are deaf: leases outlive the first, and deadlines both."""

from __future__ import annotations

from pathlib import Path

import pytest

from memshelf.health import read_health
from memshelf.mongo import Store
from tests.faults.app.catalog import HASTY
from tests.faults.trial import LEASE, Trial


def test_a_blocked_event_loop_costs_no_lease(trial: Trial) -> None:
    """The heartbeat has a thread and a connection of its own."""
    trial.worker()
    trial.queue([f"block {LEASE * 2}"], *[["sleep 0.1"] for _ in range(5)])
    trial.wait_for_journal(1)
    trial.worker()
    trial.finish()
    assert trial.jobs.count_documents({"attempts": 1, "lost": 0}) == 6


def test_a_handler_that_blocks_past_its_deadline_loses_its_lease(trial: Trial, tmp_path: Path) -> None:
    """Nobody can interrupt it, so another worker runs the job, and what the first one says in the end is refused."""
    blocked = trial.worker()
    blocked.wait_until_started()
    let_go = tmp_path / "let go"
    trial.queue([f"block-until {let_go}", "succeed"], job=HASTY)
    trial.wait_for_journal(1)
    trial.harmed.add(blocked.pid)
    other = trial.worker()
    trial.wait_until_finished()
    let_go.touch()
    trial.wait_for_journal(2, what="end")
    (stored,) = trial.jobs.find({})
    assert (stored["attempts"], stored["lost"]) == (2, 1)
    assert f":{other.pid}:" in stored["worker"]
    trial.wait(lambda: "job.lease_lost" in blocked.log.read_text())
    trial.queue(["succeed"])
    trial.finish_blaming(blocked)


@pytest.mark.full
def test_a_deaf_handler_fails_at_its_deadline_and_its_worker_goes_on(trial: Trial) -> None:
    """It swallows its cancellation; the attempt is over all the same, and its slot is free when it ends."""
    trial.worker(max_concurrency="1")
    trial.queue(["deaf 6", "succeed"], job=HASTY)
    trial.queue(["sleep 0.1"])
    trial.finish()
    (stored,) = trial.jobs.find({"name": HASTY.name})
    assert [entry["kind"] for entry in stored["errors"]] == ["timeout"]


@pytest.mark.full
def test_a_worker_that_a_handler_blocks_says_that_it_is_unwell(trial: Trial, tmp_path: Path) -> None:
    """Its heartbeat goes on, so nobody else would know."""
    let_go = tmp_path / "let go"
    trial.worker().wait_until_started()
    trial.queue([f"block-until {let_go}"])
    store = Store(trial.settings(trial.url, heartbeat_every="300ms"))
    trial.wait(lambda: any("a handler blocks its loop" in reason for reason in read_health(store).reasons))
    let_go.touch()
    trial.wait(lambda: read_health(store).healthy)
    store.close()
    trial.finish()
