"""`memshelf worker`: real processes, one and several, and how they end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from pymongo import MongoClient

from memshelf import Settings
from memshelf.cli.supervisor import Next, follow, summary
from tests.runtime.app.queues import JobQueue
from tests.runtime.processes import PATIENCE, ROOT, WorkerProcess, wait_until

Start = Callable[..., WorkerProcess]


@pytest.fixture
def queue(mongo_url: str, database_name: str) -> Iterator[JobQueue]:
    with JobQueue(settings=Settings.load(mongo_url=mongo_url, database=database_name)) as opened:
        yield opened


@pytest.fixture
def jobs(mongo_client: MongoClient[dict[str, Any]], database_name: str) -> Any:
    return mongo_client[database_name]["jobs"]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "journal"
    path.touch()
    return path


@pytest.fixture
def start(mongo_url: str, database_name: str, tmp_path: Path, journal: Path) -> Iterator[Start]:
    """Start workers that the test need not end itself."""
    started: list[WorkerProcess] = []

    def begin(*arguments: str, **variables: str) -> WorkerProcess:
        environment = {
            "MEMSHELF_MONGO_URL": mongo_url,
            "MEMSHELF_DATABASE": database_name,
            "MEMSHELF_PROCESS_EVERY": "100ms",
            "MEMSHELF_LEASE": "5s",
            "MEMSHELF_LOG_FORMAT": "json",
            "APP_JOURNAL": str(journal),
            **{f"MEMSHELF_{name.upper()}": value for name, value in variables.items()},
        }
        process = WorkerProcess(environment, *arguments, log=tmp_path / f"log{len(started)}")
        started.append(process)
        return process

    yield begin
    for process in started:
        family = [process.pid]
        if psutil.pid_exists(process.pid):
            family += [child.pid for child in psutil.Process(process.pid).children(recursive=True)]
        process.__exit__(None, None, None)
        wait_until(lambda family=family: not any(map(alive, family)))  # type: ignore[misc]


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def children(worker: WorkerProcess) -> list[int]:
    """Give the processes of a supervisor that are at work."""
    return [child.pid for child in psutil.Process(worker.pid).children() if alive(child.pid)]


def told(worker: WorkerProcess) -> str:
    return worker.log.read_text(encoding="utf-8")


def all_started(worker: WorkerProcess, number: int) -> None:
    wait_until(lambda: told(worker).count('"worker.started"') >= number, worker)


def test_drain_runs_what_is_due_and_ends(start: Start, queue: JobQueue, jobs: Any, journal: Path) -> None:
    ids = [str(job.id) for job in queue.queue_echo_many([{} for _ in range(5)])]
    queue.schedule_echo("in 1 hour", {})
    assert start("--drain").wait() == 0
    assert sorted(journal.read_text().split()) == sorted(ids)
    assert jobs.count_documents({"state": "succeeded"}) == 5


def test_json_sums_up_on_standard_output(start: Start, queue: JobQueue) -> None:
    queue.queue_echo_many([{} for _ in range(3)])
    worker = start("--drain", "--json", "--log-level", "critical")
    assert worker.wait() == 0
    value = json.loads(told(worker))
    assert (value["leftovers"], value["events"]) == (0, {"started": 3, "succeeded": 3})


def test_only_the_named_queues_are_served(start: Start, queue: JobQueue, jobs: Any) -> None:
    for name in ("a", "b", "c"):
        queue.queue_echo({}, queue=name, id=name)
    assert start("--drain", "--queue", "a", "--queue", "b").wait() == 0
    assert {job["_id"] for job in jobs.find({"state": "succeeded"})} == {"a", "b"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_running_jobs_end(start: Start, queue: JobQueue, jobs: Any, number: signal.Signals) -> None:
    worker = start()
    worker.wait_until_started()
    queue.queue_slow({"seconds": 0.5}, id="a")
    wait_until(lambda: jobs.find_one({"_id": "a"})["state"] == "running", worker)
    worker.signal(number)
    assert worker.wait() == 0
    assert jobs.find_one({"_id": "a"})["state"] == "succeeded"


def test_a_second_signal_gives_running_jobs_back_at_once(start: Start, queue: JobQueue, jobs: Any) -> None:
    worker = start()
    worker.wait_until_started()
    queue.queue_slow({"seconds": 60}, id="a")
    wait_until(lambda: jobs.find_one({"_id": "a"})["state"] == "running", worker)
    worker.signal(signal.SIGTERM)
    wait_until(lambda: "worker.stopping" in told(worker), worker)
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    assert (jobs.find_one({"_id": "a"})["state"], jobs.find_one({"_id": "a"})["attempts"]) == ("ready", 0)


def test_handlers_left_behind_in_threads_are_told_by_the_exit_code(start: Start, queue: JobQueue, jobs: Any) -> None:
    worker = start("--json", grace_period="100ms")
    worker.wait_until_started()
    queue.queue_plain({"seconds": 60}, id="a")
    wait_until(lambda: jobs.find_one({"_id": "a"})["state"] == "running", worker)
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 3
    assert jobs.find_one({"_id": "a"})["state"] == "ready"
    assert '"leftovers": 1' in told(worker)


@pytest.mark.parametrize(
    ("arguments", "variables", "code", "complaint"),
    [
        (("--log-level", "loud"), {}, 2, "log_level"),
        (("--concurrency", "0"), {}, 2, "max_concurrency"),
        ((), {"lease": "soon"}, 2, "MEMSHELF_LEASE"),
        ((), {"mongo_url": "mongodb://127.0.0.1:1/", "server_selection_timeout_ms": "100"}, 1, "cannot be reached"),
    ],
)
def test_a_worker_that_cannot_begin_says_why(
    start: Start, arguments: tuple[str, ...], variables: dict[str, str], code: int, complaint: str
) -> None:
    worker = start(*arguments, **variables)
    assert worker.wait() == code
    assert complaint in told(worker)
    assert "Traceback" not in told(worker)


def test_several_processes_share_the_work_and_end_together(start: Start, queue: JobQueue, jobs: Any) -> None:
    worker = start("--processes", "3", "--concurrency", "1")
    all_started(worker, 3)
    queue.queue_slow_many([{"seconds": 0.5} for _ in range(6)])
    wait_until(lambda: jobs.count_documents({"state": "running"}) == 3, worker)
    family = children(worker)
    assert len(family) == 3
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    assert [pid for pid in family if alive(pid)] == []
    assert jobs.count_documents({"state": "running"}) == 0


def test_several_processes_drain(start: Start, queue: JobQueue, jobs: Any) -> None:
    queue.queue_echo_many([{} for _ in range(20)])
    worker = start("--processes", "2", "--drain", "--json", "--log-level", "critical")
    assert worker.wait() == 0
    assert jobs.count_documents({"state": "succeeded"}) == 20
    assert json.loads(told(worker)) == {"processes": 2, "restarts": 0, "exitCode": 0}


def test_a_process_that_crashes_is_started_again(start: Start, queue: JobQueue, jobs: Any) -> None:
    worker = start("--processes", "2")
    all_started(worker, 2)
    victim, other = children(worker)
    psutil.Process(victim).kill()
    all_started(worker, 3)
    assert other in children(worker)
    assert victim not in children(worker)
    queue.queue_echo({})
    wait_until(lambda: jobs.count_documents({"state": "succeeded"}) == 1, worker)
    worker.signal(signal.SIGINT)
    assert worker.wait() == 0


def test_no_process_outlives_its_supervisor(start: Start, queue: JobQueue, jobs: Any) -> None:
    worker = start("--processes", "2")
    all_started(worker, 2)
    family = children(worker)
    queue.queue_slow({"seconds": 0.5}, id="a")
    wait_until(lambda: jobs.find_one({"_id": "a"})["state"] == "running", worker)
    worker.kill()
    wait_until(lambda: not any(map(alive, family)))
    assert jobs.find_one({"_id": "a"})["state"] == "succeeded"


def test_a_signal_to_everybody_hurries_nobody(start: Start, queue: JobQueue, jobs: Any) -> None:
    worker = start("--processes", "2")
    all_started(worker, 2)
    queue.queue_slow({"seconds": 1}, id="a")
    wait_until(lambda: jobs.find_one({"_id": "a"})["state"] == "running", worker)
    for pid in [*children(worker), worker.pid]:
        psutil.Process(pid).terminate()
    assert worker.wait() == 0
    assert jobs.find_one({"_id": "a"})["state"] == "succeeded"


def test_a_second_signal_hurries_all_processes(start: Start, queue: JobQueue, jobs: Any) -> None:
    worker = start("--processes", "2")
    all_started(worker, 2)
    queue.queue_slow_many([{"seconds": 60} for _ in range(4)])
    wait_until(lambda: jobs.count_documents({"state": "running"}) == 4, worker)
    worker.signal(signal.SIGTERM)
    wait_until(lambda: told(worker).count('"worker.stopping"') == 2, worker)
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    assert jobs.count_documents({"state": "ready", "attempts": 0}) == 4


def test_several_processes_that_cannot_begin_are_not_started_again(mongo_url: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "memshelf", "--app", "no.such.package", "worker", "--processes", "2"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "runtime"), "MEMSHELF_MONGO_URL": mongo_url},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert ran.returncode == 2
    assert "no module no: " in ran.stderr
    assert "supervisor.restarting" not in ran.stderr


@pytest.mark.parametrize(
    ("code", "stopping", "drain", "expected"),
    [
        (0, False, False, "restart"),
        (0, False, True, "rest"),
        (3, False, True, "rest"),
        (1, False, True, "restart"),
        (-9, False, False, "restart"),
        (2, False, False, "give up"),
        (2, True, False, "rest"),
        (-9, True, False, "rest"),
    ],
)
def test_what_follows_when_a_child_ends(code: int, stopping: bool, drain: bool, expected: Next) -> None:
    assert follow(code, stopping=stopping, drain=drain) == expected


@pytest.mark.parametrize(
    ("codes", "expected"), [([0, 0], 0), ([0, 3], 3), ([2, 0], 2), ([2, 3], 1), ([1, 0], 1), ([-9, 3], 1)]
)
def test_the_whole_ends_as_its_worst_part(codes: list[int], expected: int) -> None:
    assert summary(codes) == expected
