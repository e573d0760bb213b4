"""What survives when processes are killed: real workers, a real server, SIGKILL."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from memshelf import Settings
from memshelf.devserver import DevServer
from tests.runtime.app.models import SlowPayload
from tests.runtime.app.queues import JobQueue
from tests.runtime.processes import WorkerProcess, wait_until

COUNT = 200
TEMPO = {
    "MEMSHELF_PROCESS_EVERY": "200ms",
    "MEMSHELF_LEASE": "2s",
    "MEMSHELF_HEARTBEAT_EVERY": "300ms",
    "MEMSHELF_GRACE_PERIOD": "5s",
    "MEMSHELF_MAX_CONCURRENCY": "10",
    "MEMSHELF_SERVER_SELECTION_TIMEOUT_MS": "500",
}


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "journal"
    path.touch()
    return path


@pytest.fixture
def environment(mongo_url: str, database_name: str, journal: Path) -> dict[str, str]:
    return surroundings(mongo_url, database_name, journal)


@pytest.fixture
def jobs(mongo_client: MongoClient[dict[str, Any]], database_name: str) -> Any:
    return mongo_client[database_name]["jobs"]


@pytest.fixture
def own_server() -> Iterator[DevServer]:
    """A server that this test may kill."""
    with DevServer() as server:
        yield server


def test_a_killed_workers_jobs_are_finished_by_another(
    mongo_url: str, database_name: str, environment: dict[str, str], journal: Path, jobs: Any, tmp_path: Path
) -> None:
    """Kill -9 a worker in the middle of 200 jobs, with another one running."""
    ids = queued(mongo_url, database_name)
    with (
        WorkerProcess(environment, log=tmp_path / "doomed.log") as doomed,
        WorkerProcess(environment, log=tmp_path / "survivor.log") as survivor,
    ):
        wait_until(lambda: len(lines(journal)) > COUNT // 10, doomed, survivor)
        doomed.wait_until_started()
        wait_until(lambda: killed_at_work(jobs, doomed), survivor)
        assert jobs.count_documents({"state": "succeeded"}) < COUNT
        wait_until(lambda: jobs.count_documents({"state": "succeeded"}) == COUNT, survivor)
        survivor.signal(signal.SIGTERM)
        assert survivor.wait() == 0
    assert_done_at_least_once(ids, journal, jobs)
    assert jobs.count_documents({"lost": {"$gt": 0}}) > 0


def test_a_killed_server_loses_no_job(own_server: DevServer, journal: Path, tmp_path: Path) -> None:
    """Kill -9 mongod in the middle of 200 jobs, with live workers, and start it again."""
    environment = surroundings(own_server.url, "memshelf", journal)
    with MongoClient[dict[str, Any]](own_server.url, serverSelectionTimeoutMS=500) as client:
        jobs = client["memshelf"]["jobs"]
        with (
            WorkerProcess(environment, log=tmp_path / "one.log") as one,
            WorkerProcess(environment, log=tmp_path / "two.log") as two,
        ):
            one.wait_until_started()
            two.wait_until_started()
            ids = queued(own_server.url, "memshelf")
            wait_until(lambda: len(lines(journal)) > COUNT // 10, one, two)
            own_server.kill()
            assert len(lines(journal)) < COUNT
            own_server.restart()
            wait_until(lambda: succeeded(jobs) == COUNT, one, two)
            for worker in (one, two):
                worker.signal(signal.SIGTERM)
            assert (one.wait(), two.wait()) == (0, 0)
        assert_done_at_least_once(ids, journal, jobs)


def test_a_second_signal_ends_the_worker_at_once(
    mongo_url: str, database_name: str, environment: dict[str, str], jobs: Any, tmp_path: Path
) -> None:
    """The grace period is an hour; nobody has to wait for it."""
    with JobQueue.connect(settings=Settings.load(mongo_url=mongo_url, database=database_name)) as queue:
        job = queue.queue_slow({"seconds": 600})
    patient = {**environment, "MEMSHELF_GRACE_PERIOD": "1h"}
    with WorkerProcess(patient, log=tmp_path / "worker.log") as worker:
        wait_until(lambda: jobs.count_documents({"state": "running"}) == 1, worker)
        worker.signal(signal.SIGTERM)
        wait_until(lambda: "worker.stopping" in worker.log.read_text(), worker)
        worker.signal(signal.SIGTERM)
        assert worker.wait() == 0
    stored = jobs.find_one({"_id": job.id})
    assert (stored["state"], stored["attempts"], stored["interrupted"]) == ("ready", 0, 1)


def queued(url: str, database: str) -> set[str]:
    """Queue 200 jobs that take a moment each; the fast half and the slow half."""
    with JobQueue.connect(settings=Settings.load(mongo_url=url, database=database)) as queue:
        handles = queue.queue_slow_many([SlowPayload(seconds=0.1)] * COUNT)
    return {str(job.id) for job in handles}


def surroundings(url: str, database: str, journal: Path) -> dict[str, str]:
    return {"MEMSHELF_MONGO_URL": url, "MEMSHELF_DATABASE": database, "APP_JOURNAL": str(journal), **TEMPO}


def held_by(jobs: Any, worker: WorkerProcess) -> int:
    """Count the jobs that a worker process runs now."""
    return int(jobs.count_documents({"state": "running", "worker": {"$regex": f":{worker.pid}:"}}))


def killed_at_work(jobs: Any, worker: WorkerProcess) -> bool:
    """Kill a worker if it runs something at this moment, and tell whether it did."""
    worker.signal(signal.SIGSTOP)
    if held_by(jobs, worker) == 0:
        worker.signal(signal.SIGCONT)
        return False
    worker.kill()
    return True


def succeeded(jobs: Any) -> int:
    try:
        return int(jobs.count_documents({"state": "succeeded"}))
    except PyMongoError:
        return -1


def assert_done_at_least_once(ids: set[str], journal: Path, jobs: Any) -> None:
    done = Counter(lines(journal))
    assert set(done) == ids
    assert jobs.count_documents({"state": "succeeded"}) == COUNT
    assert jobs.count_documents({"leaseUntil": {"$exists": True}}) == 0
    for stored in jobs.find({}):
        assert stored["attempts"] >= done[str(stored["_id"])], "a job ran more often than its attempts were counted"


def lines(journal: Path) -> list[str]:
    return journal.read_text().split()
