"""One trial: real producers and worker processes on one database, what was done to them, and the audit at the end."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from bson.codec_options import CodecOptions
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from memshelf import QueueingUncertain, Settings, StoreUnavailable
from memshelf.flows.prepare import prepare
from memshelf.jobtype import JobType
from memshelf.states import FINAL
from tests.faults.app.catalog import ACT
from tests.faults.app.queues import JobQueue
from tests.faults.audit import Circumstances, audit
from tests.faults.journal import VARIABLE, Journal
from tests.runtime.processes import ROOT, WorkerProcess

TEMPO = {
    "PROCESS_EVERY": "100ms",
    "LEASE": "2s",
    "HEARTBEAT_EVERY": "300ms",
    "GRACE_PERIOD": "10s",
    "MAX_CONCURRENCY": "10",
    "SERVER_SELECTION_TIMEOUT_MS": "1000",
    "SOCKET_TIMEOUT_MS": "2000",
    "LOG_FORMAT": "json",
    "SCHEMA_DRIFT": "ignore",
}
LEASE = 2.0
PATIENCE = 120.0
"""Seconds after which what should come counts as not coming."""


class Trial:
    """Everything of one trial; leaving it ends the processes that it started."""

    def __init__(self, url: str, database: str, folder: Path, rng: random.Random) -> None:
        self.url = url
        self.database = database
        self.rng = rng
        self.journal = Journal(folder / "journal")
        self.workers: list[WorkerProcess] = []
        self.harmed: set[int] = set()
        self.server_harmed = False
        self.queued: dict[str, Any] = {}
        self.acknowledged: set[str] = set()
        self.expected: dict[str, str] = {}
        self._folder = folder
        self._client: MongoClient[dict[str, Any]] = MongoClient(
            url, tz_aware=True, serverSelectionTimeoutMS=2_000, socketTimeoutMS=20_000
        )
        self.jobs = self._client.get_database(database, CodecOptions(tz_aware=True))["jobs"]
        self._producer = JobQueue(settings=self.settings(url))
        self._producer._store.run(prepare("jobs"))

    def settings(self, url: str, **changes: Any) -> Settings:
        """Give the settings of a producer."""
        return Settings.load(
            mongo_url=url, database=self.database, server_selection_timeout_ms=1_000, socket_timeout_ms=2_000, **changes
        )

    def queue(
        self, *runs: Sequence[str], job: JobType[Any] = ACT, end: str = "succeeded", priority: int = 5
    ) -> list[str]:
        """Queue a job for each sequence of runs, as often as it takes to have them acknowledged."""
        ids = [f"{job.name}-{len(self.queued) + number}" for number in range(len(runs))]
        payloads = [{"runs": list(each)} for each in runs]
        self.queued |= dict(zip(ids, payloads, strict=True))
        self.expected |= dict.fromkeys(ids, end)
        queue_until_acknowledged(self._producer, job, ids, payloads, priority)
        self.acknowledged |= set(ids)
        return ids

    def environment(self, url: str, **variables: str) -> dict[str, str]:
        """Give the environment of a producer or a worker."""
        tempo = {f"MEMSHELF_{name}": value for name, value in TEMPO.items()}
        changes = {f"MEMSHELF_{name.upper()}": value for name, value in variables.items()}
        names = {"MEMSHELF_MONGO_URL": url, "MEMSHELF_DATABASE": self.database, VARIABLE: str(self.journal.path)}
        return {**os.environ, "PYTHONPATH": f"{ROOT / 'runtime'}:{ROOT}", **names, **tempo, **changes}

    def worker(
        self,
        *arguments: str,
        url: str | None = None,
        program: tuple[str, str] = ("-m", "memshelf"),
        others: Mapping[str, str] | None = None,
        **variables: str,
    ) -> WorkerProcess:
        """Start a worker process; `variables` are settings, `others` are not."""
        worker = WorkerProcess(
            {**self.environment(url or self.url, **variables), **(others or {})},
            *arguments,
            log=self._folder / f"worker{len(self.workers)}.log",
            app="tests.faults.app",
            program=program,
        )
        self.workers.append(worker)
        return worker

    def kill(self, worker: WorkerProcess) -> None:
        """SIGKILL a worker."""
        self.harmed.add(worker.pid)
        worker.kill()

    def freeze(self, worker: WorkerProcess) -> None:
        """SIGSTOP a worker."""
        self.harmed.add(worker.pid)
        worker.signal(signal.SIGSTOP)

    @property
    def blamed(self) -> set[int]:
        """The processes that were harmed, by this trial or by their own handlers."""
        return self.harmed | {line.pid for line in self.journal.lines() if line.what == "crash"}

    @property
    def living(self) -> list[WorkerProcess]:
        """The workers that have not ended."""
        return [worker for worker in self.workers if not worker.ended]

    def held_by(self, worker: WorkerProcess) -> list[str]:
        """Give the jobs that run in a worker, by the database."""
        chosen = {"state": "running", "worker": {"$regex": f":{worker.pid}:"}}
        return [document["_id"] for document in self.jobs.find(chosen, {"_id": 1})]

    def unfinished(self) -> int:
        """Count the jobs that are in no final state; one at least while the server is away."""
        with suppress(PyMongoError):
            return int(self.jobs.count_documents({"state": {"$nin": sorted(FINAL)}}))
        return 1

    def wait_for_journal(self, lines: int, *, what: Any = "begin") -> None:
        """Wait until handlers wrote so many lines of a kind."""
        self.wait(lambda: self.journal.count(what) >= lines)

    def wait_until_finished(self) -> None:
        """Wait until every job is in a final state."""
        self.wait(lambda: self.unfinished() == 0)

    def wait(self, holds: Callable[[], object], *, patience: float = PATIENCE) -> None:
        """Wait until something holds, which may fail while the server is away; tell everything if it never does."""
        end = time.monotonic() + patience
        while True:
            with suppress(PyMongoError):
                if holds():
                    return
            if time.monotonic() > end:
                raise AssertionError(f"it never came to this\n{self.told()}")
            time.sleep(0.02)

    def finish(self) -> None:
        """Let all jobs end and all workers stop, and hold the trial against the promises."""
        self.wait_until_finished()
        for worker in self.living:
            worker.signal(signal.SIGTERM)
        for worker in self.workers:
            if worker.pid not in self.blamed:
                self.assert_ended_well(worker)
        self.audit()

    def finish_blaming(self, worker: WorkerProcess) -> None:
        """Finish; a worker that was harmed and lives must end well all the same."""
        worker.signal(signal.SIGTERM)
        self.assert_ended_well(worker)
        self.harmed.add(worker.pid)
        self.finish()

    def assert_ended_well(self, worker: WorkerProcess) -> None:
        """Wait for the end of a worker that was told to stop; before it is ready the signal itself may end it."""
        code = worker.wait()
        assert code == 0 or (code == -signal.SIGTERM and not started(worker)), f"{code}\n{self.told()}"

    def audit(self) -> None:
        """Hold the trial against the promises."""
        given = Circumstances(
            queued=self.queued,
            acknowledged=self.acknowledged,
            harmed=self.blamed,
            server_harmed=self.server_harmed,
            expected=self.expected,
        )
        broken = audit(self.jobs.find({}), self.journal.lines(), given)
        assert not broken, "\n".join([*broken, self.told()])

    def told(self) -> str:
        """Give the ends of the workers' logs, and the jobs that have not ended."""
        logs = "\n".join(f"{worker.log.name} ({worker.pid}):\n{tail(worker.log)}" for worker in self.workers)
        with suppress(PyMongoError):
            open_jobs = list(self.jobs.find({"state": {"$nin": sorted(FINAL)}}).limit(5))
            return f"{logs}\nnot ended: {open_jobs}"
        return logs

    def close(self) -> None:
        """End every process that this trial started."""
        for worker in self.workers:
            with suppress(ProcessLookupError):
                os.kill(worker.pid, signal.SIGCONT)
            worker.__exit__(None, None, None)
        self._producer.close()
        self._client.close()

    def __enter__(self) -> Trial:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def queue_until_acknowledged(
    queue: JobQueue, job: JobType[Any], ids: Sequence[str], payloads: Sequence[dict[str, Any]], priority: int = 5
) -> int:
    """Queue jobs, again and again under the same ids, as the error says; give how often it took."""
    end = time.monotonic() + PATIENCE
    tries = 0
    while True:
        tries += 1
        try:
            queue.queue_many(job, payloads, ids=list(ids), priority=priority)
            return tries
        except (QueueingUncertain, StoreUnavailable):
            if time.monotonic() > end:
                raise


def started(worker: WorkerProcess) -> bool:
    """Tell whether a worker said that it is ready."""
    return "worker.started" in worker.log.read_text(errors="replace")


def tail(log: Path) -> str:
    """Give the last lines of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-25:])
