"""How the shelf is: the server, the jobs by state and name, what waits too long, the workers, and a verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo.errors import PyMongoError

from memshelf.call import Flow
from memshelf.durations import format_duration
from memshelf.errors import StoreUnavailable
from memshelf.flows import shelf, survey
from memshelf.indexes import DUE, LISTING, PURPOSE
from memshelf.jobtype import Catalog
from memshelf.mongo import AsyncStore, Store
from memshelf.reasons import reason, shorten
from memshelf.states import State

LATE = timedelta(minutes=5)
"""How long a due job may wait before that is unhealthy."""
BLOCKED = timedelta(seconds=5)
"""How long a worker's event loop may stand still before that is unhealthy."""
MISSED_BEATS = 3
"""How many heartbeats a worker may miss before its note counts as stale."""


@dataclass(frozen=True, slots=True)
class WorkerNote:
    """What a worker said of itself at its last heartbeat."""

    name: str
    host: str
    pid: int
    running: int
    capacity: int
    leftovers: int
    """Handlers in threads that were given up and still run."""
    children: int
    """Child processes."""
    done: int
    """Attempts that it has ended."""
    blocked: timedelta
    """How long its event loop has stood still: a handler blocks it."""
    wake: str
    """`change stream` or `polling`."""
    memory: int
    """Resident bytes."""
    uptime: timedelta
    seen_ago: timedelta
    stale: bool
    """Whether it was not seen for three heartbeats: killed, cut off, or blocked."""
    job_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Health:
    """What was read, and what it means."""

    reachable: bool
    version: str = ""
    replica_set: str | None = None
    counts: Mapping[str, Mapping[State, int]] | None = None
    """How many jobs there are, by name and state; None if they could not be counted."""
    oldest_due: timedelta | None = None
    """How long the job that was due first has waited; None if none is due."""
    workers: tuple[WorkerNote, ...] = ()
    unknown_names: tuple[str, ...] = ()
    """Names of waiting jobs that the catalog does not have; empty if no catalog was at hand."""
    missing_indexes: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    """Why it is unhealthy; empty if it is healthy."""
    remarks: tuple[str, ...] = ()
    """What is worth knowing and no reason to call anybody."""

    @property
    def healthy(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.reasons

    @property
    def alive(self) -> tuple[WorkerNote, ...]:
        """The workers that were seen within the last heartbeats."""
        return tuple(worker for worker in self.workers if not worker.stale)


def read_health(store: Store, *, catalog: Catalog | None = None, late: timedelta = LATE) -> Health:
    """Read the health; a server that does not answer is an answer too."""
    try:
        return store.run(health(store.settings.heartbeat_every, catalog=catalog, late=late))
    except (PyMongoError, StoreUnavailable) as error:
        return unreachable(error)


async def read_health_async(store: AsyncStore, *, catalog: Catalog | None = None, late: timedelta = LATE) -> Health:
    """Read the health in asyncio code; a server that does not answer is an answer too."""
    try:
        return await store.run(health(store.settings.heartbeat_every, catalog=catalog, late=late))
    except (PyMongoError, StoreUnavailable) as error:
        return unreachable(error)


def health(heartbeat_every: timedelta, *, catalog: Catalog | None = None, late: timedelta = LATE) -> Flow[Health]:
    """Read what there is to know and judge it; time is the server's."""
    hello = yield from survey.hello()
    now = _aware(hello["localTime"])
    version = yield from survey.version()
    indexes = yield from survey.index_names()
    notes = yield from survey.workers()
    # Without their indexes both would read the whole collection, which may be large.
    counts = (yield from shelf.counts()) if LISTING in indexes or not indexes else None
    due = (yield from survey.oldest_due(now)) if DUE in indexes else None
    workers = tuple(_worker(note, now, heartbeat_every) for note in notes)
    waiting = {name: by_state["ready"] for name, by_state in (counts or {}).items() if by_state.get("ready")}
    read = Health(
        reachable=True,
        version=version,
        replica_set=hello.get("setName"),
        counts=counts,
        oldest_due=None if due is None else now - _aware(due),
        workers=workers,
        unknown_names=tuple(name for name in waiting if catalog is not None and catalog.find(name) is None),
        missing_indexes=tuple(name for name in PURPOSE if indexes and name not in indexes),
    )
    return judged(read, waiting, late)


def unreachable(error: PyMongoError | StoreUnavailable) -> Health:
    """Give the health of a server that does not answer, or refuses to."""
    why = reason(error) if isinstance(error, PyMongoError) else shorten(str(error))
    return Health(reachable=False, reasons=(f"MongoDB does not answer: {why}",))


def judged(read: Health, waiting: Mapping[str, int], late: timedelta) -> Health:
    """Give what was read together with the verdict."""
    reasons: list[str] = []
    remarks: list[str] = []
    if read.missing_indexes:
        names = ", ".join(read.missing_indexes)
        reasons.append(f"indexes are missing: {names}; start a worker or run `memshelf db indexes --create`")
    if not read.alive:
        text = "no worker was seen within the last heartbeats"
        (reasons if read.oldest_due is not None else remarks).append(
            f"{text}, and jobs are due" if read.oldest_due is not None else text
        )
    if read.oldest_due is not None and read.oldest_due > late:
        reasons.append(
            f"the oldest due job has waited {format_duration(read.oldest_due)}, longer than {format_duration(late)}"
        )
    known = {name for worker in read.alive for name in worker.job_names}
    for name, number in waiting.items():
        if read.alive and name not in known:
            reasons.append(f"no worker runs {name!r}, {number} waiting")
        elif name in read.unknown_names:
            (remarks if name in known else reasons).append(f"the catalog has no job {name!r}, {number} waiting")
    reasons += [
        f"worker {worker.name} has stood still for {worker.blocked.total_seconds():.0f}s: a handler blocks its loop"
        for worker in read.alive
        if worker.blocked > BLOCKED
    ]
    remarks += [
        f"worker {worker.name} was last seen {format_duration(worker.seen_ago)} ago"
        for worker in read.workers
        if worker.stale
    ]
    remarks += [
        f"worker {worker.name} has {worker.leftovers} handlers in threads that did not stop"
        for worker in read.workers
        if worker.leftovers
    ]
    if read.replica_set is None:
        remarks.append("the server is not in a replica set: workers poll, and nothing survives the loss of its disk")
    return replace(read, reasons=tuple(reasons), remarks=tuple(remarks))


def _worker(note: Mapping[str, Any], now: datetime, heartbeat_every: timedelta) -> WorkerNote:
    """Read a note; one of another version may lack anything."""
    seen_ago = max(timedelta(), now - _aware(note.get("seenAt", now)))
    return WorkerNote(
        name=str(note["_id"]),
        host=str(note.get("host", "")),
        pid=int(note.get("pid", 0)),
        running=int(note.get("running", 0)),
        capacity=int(note.get("capacity", 0)),
        leftovers=int(note.get("leftovers", 0)),
        children=int(note.get("children", 0)),
        done=int(note.get("done", 0)),
        blocked=timedelta(seconds=float(note.get("blocked", 0))),
        wake=str(note.get("wake", "")),
        memory=int(note.get("memory", 0)),
        uptime=max(timedelta(), now - _aware(note.get("startedAt", now))),
        seen_ago=seen_ago,
        stale=seen_ago > MISSED_BEATS * heartbeat_every,
        job_names=tuple(map(str, note.get("names", ()))),
    )


def _aware(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)
