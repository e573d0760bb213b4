"""Handlers in child processes: killed if they do not end, alone if they crash, and gone with their worker."""

from __future__ import annotations

import json
import os
import signal
from contextlib import closing
from typing import Any

import psutil
import pytest

from memshelf.health import read_health
from memshelf.jobtype import JobType
from memshelf.mongo import Store
from tests.faults.app.catalog import ACT, ISOLATED, ISOLATED_HASTY, ISOLATED_PLAIN, THREAD
from tests.faults.app.queues import JobQueue
from tests.faults.trial import Trial
from tests.runtime.processes import WorkerProcess


def test_handlers_that_never_end_are_killed_at_their_deadline(trial: Trial) -> None:
    """Deaf to their cancellation or blocking their loop; the worker stays well, and their slots are free again."""
    worker = trial.worker(max_processes="3", heartbeat_every="100ms", lease="4s")
    deaf = trial.queue(["deaf 600", "succeed"], ["block 600", "succeed"], job=ISOLATED_HASTY)
    trial.queue(["sleep 600", "succeed"], job=ISOLATED_HASTY)
    trial.queue(*[["succeed"] for _ in range(5)], job=ISOLATED)
    trial.queue(*[["succeed"] for _ in range(5)])
    trial.wait_until_finished()
    for stored in trial.jobs.find({"name": ISOLATED_HASTY.name}):
        assert {entry["kind"] for entry in stored["errors"]} == {"timeout"}
        assert stored["lost"] == 0
    killed = events(worker, "child.killed")
    assert {each["reason"] for each in killed} == {"timeout"}
    assert {each["job"] for each in killed} >= set(deaf)
    with closing(Store(trial.settings(trial.url, heartbeat_every="100ms"))) as store:
        (note,) = read_health(store).workers
        assert note.leftovers == 0
        assert 1 <= note.children <= 3
    trial.finish()


@pytest.mark.full
def test_the_start_of_a_child_is_no_part_of_the_attempt(trial: Trial) -> None:
    """It takes longer than the timeout and a lease together, and costs the job neither."""
    trial.worker(others={"ACT_SLOW_IMPORT": "5"}, lease="1s", heartbeat_every="200ms")
    trial.queue(["succeed"], job=ISOLATED_HASTY)
    trial.finish()
    (stored,) = trial.jobs.find({})
    assert (stored["attempts"], stored["lost"], stored.get("errors", [])) == (1, 0, [])


def test_a_child_that_crashes_is_one_failed_attempt_of_its_job(trial: Trial) -> None:
    worker = trial.worker(max_processes="2")
    crashes = {"exit": "exited with code 1", "segfault": "was killed by SIGSEGV", "memory": "was killed by SIGKILL"}
    guilty = trial.queue(*[[crash, "succeed"] for crash in crashes], job=ISOLATED)
    for job in (ISOLATED, ISOLATED_PLAIN, ACT, THREAD):
        trial.queue(*[["sleep 0.2"] for _ in range(3)], job=job)
    trial.wait_until_finished()
    for job_id, said in zip(guilty, crashes.values(), strict=True):
        stored = trial.jobs.find_one({"_id": job_id}) or {}
        (error,) = stored["errors"]
        assert (stored["attempts"], stored["lost"]) == (2, 0)
        assert (error["kind"], error["type"]) == ("crash", "ProcessCrashed")
        assert error["message"].startswith(f"the handler's process {said}")
    assert trial.jobs.count_documents({"_id": {"$nin": guilty}, "attempts": 1, "lost": 0, "errors.0": None}) == 12
    assert len(events(worker, "child.crashed")) == 3
    trial.finish()


def test_nothing_outlives_a_worker_that_is_killed(trial: Trial) -> None:
    """Not a handler that blocks, and not what handlers have started themselves."""
    worker = trial.worker(max_processes="2")
    trial.queue(["spawn; block 600", "succeed"], job=ISOLATED)
    trial.queue(["spawn; sleep 600", "succeed"], job=ISOLATED_PLAIN)
    trial.wait_for_journal(2)
    trial.wait(lambda: len(family(worker)) == 4)
    kin = family(worker)
    trial.kill(worker)
    trial.wait(lambda: not any(lives(each) for each in kin))
    trial.worker()
    trial.finish()
    assert trial.jobs.count_documents({"lost": 1}) == 2


@pytest.mark.parametrize(
    ("job", "runs", "signals"),
    [
        (ISOLATED, "spawn; sleep 600", 1),
        pytest.param(ISOLATED_PLAIN, "sleep 600", 1, marks=pytest.mark.full),
        pytest.param(ISOLATED, "deaf 600", 2, marks=pytest.mark.full),
        pytest.param(ISOLATED, "block 600", 1, marks=pytest.mark.full),
    ],
)
def test_a_worker_that_stops_leaves_no_handler_behind(trial: Trial, job: JobType[Any], runs: str, signals: int) -> None:
    """What a thread would have gone on with is killed after the grace period, and its job given back: exit code 0."""
    worker = trial.worker(grace_period="100ms" if signals == 1 else "1h")
    worker.wait_until_started()
    trial.queue([runs], job=job)
    trial.wait_for_journal(1)
    trial.wait(lambda: len(family(worker)) == (2 if "spawn" in runs else 1))
    kin = family(worker)
    for _ in range(signals):
        worker.signal(signal.SIGTERM)
        trial.wait(lambda: "worker.stopping" in worker.log.read_text())
    assert worker.wait() == 0
    assert not any(lives(each) for each in kin)
    (stored,) = trial.jobs.find({})
    assert (stored["state"], stored["attempts"], stored["interrupted"]) == ("ready", 0, 1)
    assert "leaseUntil" not in stored


@pytest.mark.full
def test_a_signal_to_all_processes_is_the_workers_to_decide(trial: Trial) -> None:
    """A terminal or a service manager tells the children too; their jobs end within the worker's grace period."""
    worker = trial.worker(max_processes="2", grace_period="1h")
    worker.wait_until_started()
    trial.queue(["sleep 1"], job=ISOLATED)
    trial.queue(["sleep 1"], job=ISOLATED_PLAIN)
    trial.wait_for_journal(2)
    for each in family(worker):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(each.pid, number)
    trial.finish()
    assert trial.jobs.count_documents({"attempts": 1, "state": "succeeded"}) == 2


@pytest.mark.full
def test_a_cancelled_job_is_asked_and_then_killed(trial: Trial) -> None:
    worker = trial.worker(max_processes="2", heartbeat_every="100ms")
    deaf, polite = trial.queue(["block 600"], ["sleep 600"], job=ISOLATED, end="cancelled")
    trial.wait_for_journal(2)
    with JobQueue(settings=trial.settings(trial.url)) as queue:
        queue.get(deaf).cancel()
        queue.get(polite).cancel()
    trial.wait_until_finished()
    assert [each["reason"] for each in events(worker, "child.killed")] == ["cancelled"]
    assert trial.journal.count("told") == 1
    trial.finish()


@pytest.mark.full
def test_a_frozen_worker_is_fenced_although_its_children_go_on(trial: Trial) -> None:
    frozen = trial.worker(max_processes="1")
    trial.queue(["sleep 4"], job=ISOLATED)
    trial.wait_for_journal(1)
    trial.freeze(frozen)
    other = trial.worker(max_processes="1")
    trial.wait_until_finished()
    frozen.signal(signal.SIGCONT)
    trial.wait(lambda: "job.lease_lost" in frozen.log.read_text())
    (stored,) = trial.jobs.find({})
    assert f":{other.pid}:" in stored["worker"]
    trial.finish_blaming(frozen)


@pytest.mark.full
def test_workers_that_compete_and_are_killed_lose_nothing(trial: Trial, scale: int) -> None:
    """Every loss is of a job that a killed worker had; the children of both are used again and again."""
    first, second = trial.worker(max_processes="2", child_jobs="5"), trial.worker(max_processes="2", child_jobs="5")
    trial.queue(*[["sleep 0.02"] for _ in range(20 * scale)], job=ISOLATED)
    trial.queue(*[["fail", "succeed"] for _ in range(10 * scale)], job=ISOLATED_PLAIN)
    trial.wait_for_journal(10, what="end")
    trial.kill(first)
    trial.worker(max_processes="2")
    trial.finish()
    assert events(second, "child.recycled")


def events(worker: WorkerProcess, name: str) -> list[dict[str, Any]]:
    """Give what a worker logged under a name, in the order of its jobs."""
    lines = [line for line in worker.log.read_text().splitlines() if f'"{name}"' in line]
    return sorted((json.loads(line) for line in lines), key=lambda event: str(event.get("job")))


def family(worker: WorkerProcess) -> list[psutil.Process]:
    """Give all processes that a worker and its children have started."""
    return psutil.Process(worker.pid).children(recursive=True)


def lives(process: psutil.Process) -> bool:
    """Tell whether a process is still at work; a zombie only waits to be seen by its parent."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
