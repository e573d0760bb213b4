"""Keep the leases of this worker alive, in a thread of its own with a client of its own.

A handler that blocks the event loop stops everything that runs there; it must not cost its job the lease. The same
beat reads which jobs were taken or cancelled, and leaves the worker's note for whoever asks how it is.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pymongo.errors import PyMongoError

from memshelf.call import Flow, call
from memshelf.flows.record import extend, look
from memshelf.logs import get
from memshelf.mongo import Store
from memshelf.options import JobId
from memshelf.settings import Settings
from memshelf.update import NOW, update


@dataclass(slots=True)
class _Held:
    token: str
    recording: bool = False


class Heartbeat:
    """Extends the leases of the jobs that it is told to hold."""

    def __init__(
        self,
        settings: Settings,
        worker: str,
        *,
        on_lost: Callable[[JobId, str], None],
        on_cancel: Callable[[JobId, str], None],
        note: Callable[[], dict[str, Any]],
    ) -> None:
        self._settings = settings
        self._worker = worker
        self._on_lost = on_lost
        self._on_cancel = on_cancel
        self._note = note
        self._store = Store(_quick(settings))
        self._held: dict[JobId, _Held] = {}
        self._guard = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="memshelf-heartbeat", daemon=True)
        self._log = get("memshelf.heartbeat").bind(worker=worker)
        self.failures = 0
        """Beats in a row that failed; 0 while all is well."""

    def start(self) -> None:
        """Begin to beat."""
        self._thread.start()

    def stop(self) -> None:
        """Beat no more and take the worker's note away."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=self._settings.heartbeat_every.total_seconds() + 5)
        with contextlib.suppress(PyMongoError):  # A note that stays expires by itself.
            self._store.run(_forget(self._worker))
        self._store.close()

    def hold(self, job_id: JobId, token: str) -> None:
        """Keep a job's lease alive from now on."""
        with self._guard:
            self._held[job_id] = _Held(token)

    def recording(self, job_id: JobId) -> None:
        """Keep the lease past the deadline too: the outcome is known and about to be written."""
        with self._guard:
            if job_id in self._held:
                self._held[job_id].recording = True

    def release(self, job_id: JobId, token: str) -> None:
        """Let a job's lease go."""
        with self._guard:
            held = self._held.get(job_id)
            if held is not None and held.token == token:
                del self._held[job_id]

    def beat(self) -> None:
        """Extend every lease once and tell what became of it.

        Raises:
            PyMongoError: the server did not answer.
        """
        with self._guard:
            running = {job_id: held.token for job_id, held in self._held.items() if not held.recording}
            recording = {job_id: held.token for job_id, held in self._held.items() if held.recording}
        if running:
            self._store.run(extend(_by_token(running), self._settings.lease, capped=True))
        if recording:
            self._store.run(extend(_by_token(recording), self._settings.lease, capped=False))
        if running:
            self._compare(running, self._store.run(look(_by_token(running))))
        self._store.run(_leave(self._worker, self._note()))

    def _compare(self, running: dict[JobId, str], seen: dict[JobId, bool]) -> None:
        for job_id, token in running.items():
            with self._guard:
                held = self._held.get(job_id)
                ours = held is not None and held.token == token and not held.recording
            if ours and job_id not in seen:
                self._on_lost(job_id, token)
            elif ours and seen[job_id]:
                self._on_cancel(job_id, token)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.beat()
            except PyMongoError as error:
                self.failures += 1
                self._log.warning("heartbeat.failed", failures=self.failures, error=type(error).__name__)
            else:
                self.failures = 0
            self._stop.wait(self._settings.heartbeat_every.total_seconds())


def _by_token(held: dict[JobId, str]) -> dict[str, list[JobId]]:
    grouped: dict[str, list[JobId]] = {}
    for job_id, token in held.items():
        grouped.setdefault(token, []).append(job_id)
    return grouped


def _leave(worker: str, note: dict[str, Any]) -> Flow[None]:
    yield call("update_one", {"_id": worker}, update({**note, "seenAt": NOW}), upsert=True, target="workers")


def _forget(worker: str) -> Flow[None]:
    yield call("delete_one", {"_id": worker}, target="workers")


def _quick(settings: Settings) -> Settings:
    """Give the settings of a client that gives up before the next beat is due."""
    milliseconds = max(500, int(settings.heartbeat_every.total_seconds() * 1000))
    return settings.model_copy(
        update={
            "socket_timeout_ms": milliseconds,
            "server_selection_timeout_ms": milliseconds,
            "max_pool_size": 2,
            "min_pool_size": 0,
        }
    )
