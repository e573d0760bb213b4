"""Keep the leases of this worker alive, in a thread of its own with a client of its own.

A handler that blocks the event loop stops everything that runs there; it must not cost its job the lease. The same
beat reads which jobs were taken or cancelled, and leaves the worker's note for whoever asks how it is.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pymongo.errors import PyMongoError

from memshelf.call import Flow, call
from memshelf.flows.record import Held, extend, look
from memshelf.flows.schedules import CHANGED
from memshelf.logs import get
from memshelf.mongo import Store
from memshelf.options import JobId
from memshelf.settings import Settings
from memshelf.update import NOW, update

AGAIN = 0.1
"""Seconds after which a beat that failed is tried again; the failing call itself waits for a server before that."""


class Heartbeat:
    """Extends the leases of the jobs that it is told to hold."""

    def __init__(
        self,
        settings: Settings,
        worker: str,
        *,
        on_lost: Callable[[JobId, str], object],
        on_cancel: Callable[[JobId, str], object],
        note: Callable[[], dict[str, Any]],
        on_note: Callable[[Mapping[str, Any]], None] = lambda _: None,
    ) -> None:
        self._settings = settings
        self._worker = worker
        self._on_lost = on_lost
        self._on_cancel = on_cancel
        self._note = note
        self._on_note = on_note
        self._store = Store(_quick(settings))
        self._held: dict[Held, bool] = {}  # Whether the lease ends with the job's deadline.
        self._guard = threading.Lock()
        self._stop = threading.Event()
        self._ended = threading.Event()
        self._ended.set()
        self._log = get("memshelf.heartbeat").bind(worker=worker)
        self.failures = 0
        """Beats in a row that failed; 0 while all is well."""

    def stop(self) -> None:
        """Beat no more and take the worker's note away; blocks, for long if the server is away."""
        self._stop.set()
        self._ended.wait(self._settings.heartbeat_every.total_seconds() + 5)
        with contextlib.suppress(PyMongoError):  # A note that stays expires by itself.
            self._store.run(_forget(self._worker))
        self._store.close()

    def hold(self, job_id: JobId, token: str, *, capped: bool = True) -> None:
        """Keep a job's lease alive from now on.

        Args:
            job_id: the job.
            token: the lease's.
            capped: not past the job's deadline by more than one lease; uncapped while the job waits for its turn, and
                when its outcome is known and about to be written.
        """
        with self._guard:
            self._held[job_id, token] = capped

    def release(self, job_id: JobId, token: str) -> None:
        """Let a job's lease go."""
        with self._guard:
            self._held.pop((job_id, token), None)

    def beat(self) -> None:
        """Extend every lease once and tell what became of it.

        Raises:
            PyMongoError: the server did not answer.
        """
        with self._guard:
            capped = [held for held, is_capped in self._held.items() if is_capped]
            uncapped = [held for held, is_capped in self._held.items() if not is_capped]
        if capped:
            self._store.run(extend(capped, self._settings.lease, capped=True))
        if uncapped:
            self._store.run(extend(uncapped, self._settings.lease, capped=False))
        if capped:
            self._compare(capped, self._store.run(look(capped)))
        left = self._store.run(_leave(self._worker, self._note()))
        if CHANGED in left:
            self._on_note(left)

    def run(self) -> None:
        """Beat until stopped; blocks."""
        self._ended.clear()
        try:
            while not self._stop.is_set():
                self._try_beat()
                every = self._settings.heartbeat_every.total_seconds()
                self._stop.wait(min(every, AGAIN) if self.failures else every)
        finally:
            self._ended.set()

    def _try_beat(self) -> None:
        try:
            self.beat()
        except PyMongoError as error:
            self.failures += 1
            self._log.warning("heartbeat.failed", failures=self.failures, error=type(error).__name__)
        else:
            self.failures = 0

    def _compare(self, running: Iterable[Held], seen: Mapping[Held, bool]) -> None:
        for held in running:
            with self._guard:
                ours = self._held.get(held, False)
            if ours and held not in seen:
                self._on_lost(*held)
            elif ours and seen[held]:
                self._on_cancel(*held)


def _leave(worker: str, note: dict[str, Any]) -> Flow[Mapping[str, Any]]:
    """Leave the note, and give what others have written on it."""
    left = yield call(
        "find_one_and_update",
        {"_id": worker},
        update({**note, "seenAt": NOW}),
        {CHANGED: 1},
        upsert=True,
        return_document=True,
        target="workers",
    )
    return left or {}


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
