"""The ladder of stopping, rung by rung, for real processes: what ends, what is given back, and with which code."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from memshelf.devserver import DevServer
from tests.faults.app.catalog import THREAD
from tests.faults.trial import Trial

RUNGS: dict[str, tuple[dict[str, Any], list[str], int, tuple[str, int, int]]] = {
    # The settings, what the job does, how many signals, and the state, attempts and interruptions that are left.
    "ends within its grace": ({"grace_period": "30s"}, ["sleep 1"], 1, ("succeeded", 1, 0)),
    "does not end within its grace": ({"grace_period": "100ms"}, ["sleep 60"], 1, ("ready", 0, 1)),
    "is hurried": ({"grace_period": "1h"}, ["sleep 60"], 2, ("ready", 0, 1)),
    "fails within its grace": ({"grace_period": "30s"}, ["sleep 1; fail", "sleep 60"], 1, ("ready", 1, 0)),
}


@pytest.mark.parametrize(
    "rung", [pytest.param(rung, marks=[] if rung.startswith("fails") else pytest.mark.full) for rung in RUNGS]
)
def test_a_worker_at_work_stops_as_it_is_told(trial: Trial, rung: str) -> None:
    variables, runs, signals, left = RUNGS[rung]
    worker = trial.worker(**variables)
    worker.wait_until_started()
    trial.queue(runs)
    trial.wait_for_journal(1)
    worker.signal(signal.SIGTERM)
    if signals == 2:
        trial.wait(lambda: "worker.stopping" in worker.log.read_text())
        worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    (stored,) = trial.jobs.find({})
    assert (stored["state"], stored["attempts"], stored.get("interrupted", 0)) == left
    assert "leaseUntil" not in stored


def test_signals_that_do_not_cease_change_nothing_about_how_a_worker_ends(trial: Trial) -> None:
    """A service manager may signal a group, and a person press Ctrl-C again and again, up to the last moment."""
    worker = trial.worker()
    worker.wait_until_started()
    trial.queue(["sleep 60"])
    trial.wait_for_journal(1)
    while not worker.ended:
        worker.signal(signal.SIGTERM)
        worker.signal(signal.SIGINT)
    assert worker.wait() == 0
    (stored,) = trial.jobs.find({})
    assert (stored["state"], stored["attempts"]) == ("ready", 0)


@pytest.mark.full
def test_an_idle_worker_stops_at_once(trial: Trial) -> None:
    worker = trial.worker(grace_period="1h", process_every="1h")
    worker.wait_until_started()
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0


@pytest.mark.full
def test_a_handler_in_a_thread_is_left_behind_and_its_job_given_back(trial: Trial) -> None:
    worker = trial.worker(grace_period="100ms")
    worker.wait_until_started()
    trial.queue(["sleep 60"], job=THREAD)
    trial.wait_for_journal(1)
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 3
    assert [stored["state"] for stored in trial.jobs.find({})] == ["ready"]


def test_a_signal_while_the_database_is_away_at_the_start_ends_the_worker(own_trial: Trial, server: DevServer) -> None:
    """It waits for the server for ten minutes, but not after it was told to stop."""
    server.kill()
    worker = own_trial.worker(server_selection_timeout_ms="600000", log_level="debug")
    own_trial.wait(lambda: catches(worker.pid, signal.SIGTERM))
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0


@pytest.mark.full
def test_a_signal_while_the_database_is_away_does_not_hang(own_trial: Trial, server: DevServer) -> None:
    """What cannot be given back is rescued by another worker when the server is there again."""
    trial = own_trial
    worker = trial.worker(grace_period="100ms")
    worker.wait_until_started()
    trial.queue(["sleep 60", "succeed"], ["sleep 60", "succeed"])
    trial.wait_for_journal(2)
    server.kill()
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    assert '"worker.unrecorded"' in worker.log.read_text()
    server.restart()
    trial.harmed.add(worker.pid)
    trial.worker()
    trial.finish()


def test_an_outcome_that_is_known_is_written_when_the_database_comes_back_in_the_last_moment(
    own_trial: Trial, server: DevServer
) -> None:
    """The worker stops while the server is away, and the server is back before its patience ends."""
    trial = own_trial
    trial.server_harmed = True
    worker = trial.worker(grace_period="60s")
    worker.wait_until_started()
    trial.queue(*[["sleep 1"] for _ in range(5)])
    trial.wait_for_journal(5)
    server.kill()
    worker.signal(signal.SIGTERM)
    trial.wait_for_journal(5, what="end")
    server.restart()
    assert worker.wait() == 0
    trial.finish()
    assert trial.jobs.count_documents({"state": "succeeded", "attempts": 1, "lost": 0}) == 5


def catches(pid: int, number: signal.Signals) -> bool:
    """Tell whether a process has a handler for a signal, by what the kernel says of it."""
    with open(f"/proc/{pid}/status") as status:
        for line in status:
            if line.startswith("SigCgt:"):
                return bool(int(line.split()[1], 16) >> (number - 1) & 1)
    return False
