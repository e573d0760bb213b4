"""One claimed job in this process, from its document to its settlement."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

import svcs
from pymongo.errors import PyMongoError
from structlog.contextvars import bind_contextvars

from memshelf import document
from memshelf.context import Context
from memshelf.document import Record
from memshelf.errors import MalformedJob, ModelDisagrees, PayloadError, Problem
from memshelf.executor import AnyHandler, Interruption, interrupted
from memshelf.flows import record
from memshelf.job import Job
from memshelf.jobtype import JobType
from memshelf.logs import get
from memshelf.mongo import AsyncStore
from memshelf.outcome import Outcome, Postponed, Rejected
from memshelf.reading import read_payload
from memshelf.running import Run

CLOSING = 10.0
"""Seconds that the closing of services may take."""
_LOG = get("memshelf.handler")
PATIENCE_WITH_OTHERS = timedelta(hours=1)
"""How long an invalid payload of another schema's digest may wait for a worker that knows that schema."""


Execute: TypeAlias = Callable[[AnyHandler, Job[Any], Context], Awaitable[Outcome]]
"""How a handler is called."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What the attempts of one worker have in common."""

    worker: str
    services: svcs.Registry
    store: AsyncStore
    hold: Callable[[Run, bool], None]
    """Keeps a job's lease, with its deadline as the end or without."""
    limit: Callable[[Run], None]
    """Told when an attempt's time begins."""
    began: Callable[[Run], None]
    """Told when a job was judged and its handler is about to be called."""

    def now(self) -> datetime:
        """Give the server's time."""
        return self.store.clock.now()


@dataclass(frozen=True, slots=True)
class Admitted:
    """A claimed job whose payload is valid, ready to run; or the outcome that it has without running."""

    job: Job[Any]
    refused: Outcome | None


def admit(record: Record, job_type: JobType[Any], now: datetime) -> Admitted:
    """Judge a claimed job before its handler sees it."""
    job = Job(record, lambda data: read_payload(job_type, data))
    if record.version > job_type.version:
        return Admitted(job, Postponed(f"version {record.version} is newer than this worker's {job_type.version}"))
    try:
        _ = job.payload
    except PayloadError as error:
        return Admitted(job, _refusal(record, job_type, error, now))
    except ModelDisagrees as error:
        return Admitted(job, Rejected([Problem("$", str(error))], "model-disagrees"))
    return Admitted(job, None)


def _refusal(record: Record, job_type: JobType[Any], error: PayloadError, now: datetime) -> Outcome:
    """A rolling deployment may bring the right schema: wait for it, but not for ever."""
    other = record.digest not in ("", job_type.schema.digest)
    if other and now - _first_postponed(record, now) < PATIENCE_WITH_OTHERS:
        return Postponed("the payload is not valid under this worker's schema, and was queued under another")
    return Rejected(error.problems)


def _first_postponed(record: Record, now: datetime) -> datetime:
    last = record.errors[-1] if record.errors else None
    return last.at if last is not None and last.kind == "postponed" and last.at is not None else now


def enter(run: Run, stage: Stage) -> Outcome | None:
    """Judge a claimed job and begin its attempt; gives the outcome of one that is refused."""
    admitted = admit(run.record, run.registered.type, stage.now())
    run.job = admitted.job
    if admitted.refused is None:
        stage.limit(run)
        stage.began(run)
    return admitted.refused


async def restart(run: Run, store: AsyncStore) -> None:
    """Count the time of a job that had to wait from now on."""
    with contextlib.suppress(PyMongoError):  # Then the lease ends a little earlier; the attempt may still fit.
        await store.run(record.restart(run.record.id, run.token, run.timeout))


async def perform(run: Run, stage: Stage, execute: Execute) -> Outcome:
    """Run a job's handler, in a task of its own, with its context; the services that it asked for are closed then."""
    entry, interruption = run.registered, run.interruption
    context = surround(run.job, entry.type, stage.worker, stage.services, interruption, stage.now())
    outcome = await execute(entry.handler, run.job, context)
    interruption.over = True
    if context.container is not None:
        await close(context.container)
    return outcome if interruption.reason is None else interrupted(interruption.reason, entry.type.timeout, outcome)


def surround(
    job: Job[Any],
    job_type: JobType[Any],
    worker: str,
    services: svcs.Registry,
    interruption: Interruption,
    now: datetime,
) -> Context:
    """Make the context of an attempt that begins now, which is the server's time, and bind the log to it."""
    timeout = job_type.timeout
    bind_contextvars(job=str(job.id), name=job.name, attempt=job.attempts, worker=worker)
    return Context(
        log=_LOG,
        services=services,
        deadline=None if timeout is None else now + timeout,
        seconds=None if timeout is None else timeout.total_seconds(),
        attempt=job.attempts,
        worker=worker,
        stop=interruption,
    )


async def close(services: svcs.Container | svcs.Registry) -> None:
    """Close services; one whose closing does not end is left behind, and holds up neither the job nor the worker."""
    closing = asyncio.ensure_future(services.aclose())
    _, pending = await asyncio.wait({closing}, timeout=CLOSING)
    if pending:
        closing.cancel()
        get("memshelf.worker").error("services.unclosed", after=f"{CLOSING:g}s")


def read_record(stored: Mapping[str, Any]) -> tuple[Record, str | None]:
    """Read a claimed document; for one that cannot be a job, give what can be said of it, and what is wrong."""
    try:
        return document.read(stored), None
    except MalformedJob as error:
        return document.salvage(stored), str(error)
