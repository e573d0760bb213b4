"""One attempt without a server: a document is claimed, judged, given to its handler and settled, all in place.

What an attempt means is decided where the worker decides it: `admit` and `settle` are the worker's own.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

import svcs
from structlog.contextvars import bound_contextvars

from memshelf import document as documents
from memshelf.attempt import admit
from memshelf.context import Context
from memshelf.errors import UnknownJobError
from memshelf.executor import AnyHandler, outcome_of
from memshelf.flows.record import ERRORS_KEPT
from memshelf.job import Job
from memshelf.logs import get
from memshelf.outcome import Outcome, Signal, Succeeded
from memshelf.registry import Registry
from memshelf.retry import RetryPolicy
from memshelf.settle import Settlement, settle
from memshelf.states import FINAL, target
from memshelf.testing.clock import MovableClock

Errors: TypeAlias = Literal["raise", "record"]

WORKER = "inline"

_AT_WORK: ContextVar[tuple[object, ...]] = ContextVar("memshelf_at_work", default=())
"""The benches whose handlers this code runs under."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A handler with what it will be called with."""

    handler: AnyHandler
    job: Job[Any]
    context: Context
    container: svcs.Container


class Bench:
    """Where the jobs of one inline queue are tried."""

    def __init__(self, registry: Registry, services: svcs.Registry, told: MovableClock, errors: Errors) -> None:
        self._registry = registry
        self._services = services
        self._told = told
        self._errors = errors
        self._rng = random.Random(0)

    @property
    def busy(self) -> bool:
        """Whether the caller is a handler that runs here."""
        return self in _AT_WORK.get()

    def is_due(self, document: dict[str, Any]) -> bool:
        """Whether a job waits and its time has come."""
        return bool(document["state"] == "ready" and document["runAt"] <= self._told.now())

    def due(self, waiting: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Give the jobs that are due, in the order in which a worker takes them."""
        ready = [document for document in waiting if self.is_due(document)]
        return sorted(ready, key=lambda document: (-document["priority"], document["runAt"]))

    @contextmanager
    def attempt(self, document: dict[str, Any]) -> Iterator[Trial | None]:
        """Claim a job, and settle it when the block that runs its handler ends; None if it is refused.

        An error leaves the block if errors are to be raised; `Retry`, `Snooze` and `Discard` never do.

        Raises:
            UnknownJobError: the registry has no handler for it.
        """
        entry = self._registry.find(document["name"])
        if entry is None:
            known = ", ".join(sorted(self._registry.names())) or "none"
            raise UnknownJobError(f"the registry has no handler for {document['name']!r}; it has: {known}")
        now = self._told.now()
        document.update(
            state=target("claim"), attempts=document["attempts"] + 1, startedAt=now, lease=WORKER, worker=WORKER
        )
        admitted = admit(documents.read(document), entry.type, now)
        if admitted.refused is not None:
            yield None
            self._settle(document, admitted.refused, entry.type.retries)
            return
        job, container, timeout = admitted.job, svcs.Container(self._services), entry.type.timeout
        with bound_contextvars(job=str(job.id), name=job.name, attempt=job.attempts, worker=WORKER):
            context = Context(
                log=get("memshelf.handler"),
                services=container,
                deadline=None if timeout is None else datetime.now(UTC) + timeout,
                seconds=None if timeout is None else timeout.total_seconds(),
                attempt=job.attempts,
                worker=WORKER,
            )
            token = _AT_WORK.set((*_AT_WORK.get(), self))
            try:
                yield Trial(entry.handler, job, context, container)
            except BaseException as error:
                self._settle(document, outcome_of(error), entry.type.retries)
                if self._surfaces(error):
                    raise
            else:
                self._settle(document, Succeeded(), entry.type.retries)
            finally:
                _AT_WORK.reset(token)

    def _surfaces(self, error: BaseException) -> bool:
        if isinstance(error, Signal):
            return False
        return self._errors == "raise" or not isinstance(error, Exception)

    def _settle(self, document: dict[str, Any], outcome: Outcome, retries: RetryPolicy) -> None:
        settlement = settle(outcome, documents.read(document), retries, self._rng)
        document.update(_changes(document, settlement, self._told.now()))


def _changes(document: dict[str, Any], settlement: Settlement, now: datetime) -> dict[str, Any]:
    """Give what a settlement changes in a document, as the worker's update pipeline would."""
    changes: dict[str, Any] = {"state": target(settlement.action)}
    if not settlement.charged:
        changes["attempts"] = max(0, document["attempts"] - 1)
    if settlement.error is not None:
        changes["errors"] = [*document.get("errors", ()), {**settlement.error, "at": now}][-ERRORS_KEPT:]
    if settlement.wait is not None:
        changes["runAt"] = now + settlement.wait
    if changes["state"] in FINAL:
        changes["finishedAt"] = now
    return changes
