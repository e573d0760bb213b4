"""Take due jobs under a lease: one at a time after a wake-up, in batches while there are more."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from pymongo.errors import PyMongoError

from memshelf.call import Flow, call
from memshelf.garbled import SIGN
from memshelf.indexes import CLAIM, DUE, IDS, LEASES
from memshelf.lowwater import ORDER, Mark
from memshelf.options import JobId
from memshelf.states import source, target
from memshelf.update import NOW, Expression, after, plus, update

PAIRS = 150
"""Most (queue, name) pairs in one query; past 200 MongoDB sorts in memory."""

OF_OURS: dict[str, Any] = {"_id": {"$type": ["objectId", "string"]}}
"""Other ids are no job's, and some of them no key of Python's; the slow sweep sets those documents aside."""
EARLIEST = datetime(1, 1, 1, tzinfo=UTC)
LATEST = datetime(9999, 12, 31, tzinfo=UTC)
"""So late is no job; asked for all the same, since it leaves out what is no time."""

DUE_ON_THE_SERVER: dict[str, Any] = {"$expr": {"$lte": ["$runAt", "$$NOW"]}}
"""What a claim's write repeats, since the time in the query is only this machine's idea of the server's."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One name on the wire that the worker runs, with what a rescuer will need to know of it."""

    name: str
    free: int
    """How many more of it may run here now."""
    max_attempts: int
    max_lost: int
    timeout: timedelta | None
    job: str | None = None
    """The job whose slots these are, where several names share them; None for a job with one name."""
    room: int | None = None
    """How many more jobs may run in child processes, if it runs there; all that do share it."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which terms this worker claims: whose lease, for how long, from which queues, by which clock."""

    worker: str
    token: str
    """Fresh for every claim, never reused."""
    lease: timedelta
    queues: tuple[str, ...]
    now: datetime
    start: Mark | None = None
    """Where to look first; None means the top."""


class ClaimUnread(Exception):
    """The claim's write may have won jobs, but what it won could not be read; read the token again first."""

    def __init__(self, token: str, ids: Sequence[JobId]) -> None:
        self.token = token
        self.ids = tuple(ids)
        super().__init__(token)


@dataclass(frozen=True, slots=True)
class Claimed:
    """The raw documents that were won, how many were tried for, and how many candidates there were."""

    documents: tuple[Any, ...]
    tried: int
    seen: int = 0


def claim_one(terms: Terms, wanted: Sequence[Wanted]) -> Flow[Claimed]:
    """Take the first due job in one round trip.

    Raises:
        ClaimUnread: the reply was lost; the job may have been won.
    """
    try:
        document = yield call(
            "find_one_and_update",
            {**_due(terms, wanted), **DUE_ON_THE_SERVER},
            _lease_update(terms, wanted),
            sort=list(ORDER) if terms.start is None else terms.start.order,
            hint=CLAIM,
            return_document=True,
            target="raw",
        )
    except PyMongoError as error:
        raise ClaimUnread(terms.token, ()) from error
    return Claimed((), 0) if document is None else Claimed((document,), 1, 1)


def candidates(terms: Terms, wanted: Sequence[Wanted], *, limit: int, skip: int) -> Flow[list[Mapping[str, Any]]]:
    """Read the keys of due jobs in order, without taking them."""
    found: list[Mapping[str, Any]] = yield call(
        "find",
        _due(terms, wanted),
        {"_id": 1, "name": 1, "priority": 1, "runAt": 1},
        sort=list(ORDER) if terms.start is None else terms.start.order,
        hint=CLAIM,
        skip=skip,
        limit=limit,
        batch_size=limit,
    )
    return found


def take(terms: Terms, wanted: Sequence[Wanted], ids: Sequence[JobId]) -> Flow[None]:
    """Take candidates that are still to be had; which ones those were, only a read can tell."""
    with contextlib.suppress(PyMongoError):  # The write may have won all the same: only the read can tell.
        yield call("update_many", _guard(ids), _lease_update(terms, wanted), hint=IDS)


def within_free_slots(found: Iterable[Mapping[str, Any]], wanted: Sequence[Wanted], limit: int) -> list[JobId]:
    """Give the ids of the first candidates whose jobs have free slots; ids that may be garbled are left out."""
    jobs = {each.name: each.job or each.name for each in wanted}
    free = Counter({jobs[each.name]: each.free for each in wanted})
    rooms = {each.name: each.room for each in wanted if each.room is not None}
    room = min(rooms.values(), default=0)
    ids: list[JobId] = []
    for candidate in found:
        job = jobs.get(str(candidate["name"]), "")  # An array of names is found as well; it is no name.
        job_id = candidate["_id"]
        if free[job] > 0 and len(ids) < limit and not (isinstance(job_id, str) and SIGN in job_id):
            if rooms and candidate["name"] in rooms:
                if not room:
                    continue
                room -= 1
            free[job] -= 1
            ids.append(job_id)
    return ids


def read_claimed(token: str, ids: Sequence[JobId]) -> Flow[tuple[Any, ...]]:
    """Read what a token holds, on the primary.

    Raises:
        ClaimUnread: the read failed.
    """
    chosen: dict[str, Any] = {"_id": {"$in": list(ids)}} if ids else {}
    try:
        documents = yield call(
            "find",
            {**source("succeed"), "lease": token, **chosen},
            hint=IDS if ids else LEASES,
            limit=len(ids),
            batch_size=len(ids),
            target="raw",
        )
    except PyMongoError as error:
        raise ClaimUnread(token, ids) from error
    return tuple(documents)


def next_due(queues: Sequence[str], names: Sequence[str]) -> Flow[tuple[datetime, ...]]:
    """Read when the earliest two waiting jobs of these names are due, or the only one."""
    documents = yield call(
        "find",
        {
            "state": "ready",
            **OF_OURS,
            "queue": {"$in": list(queues)},
            "name": {"$in": list(names)},
            "runAt": {"$lte": LATEST},
        },
        {"_id": 0, "runAt": 1},
        sort=[("runAt", 1)],
        hint=DUE,
        limit=2,
    )
    times = (document["runAt"] for document in documents)
    return tuple(time if isinstance(time, datetime) else EARLIEST for time in times)  # Foreign: a list of times, say.


def queues_in_use() -> Flow[tuple[str, ...]]:
    """Read which queues hold waiting jobs."""
    names = yield call("distinct", "queue", {"state": "ready"})
    return _texts(names)


def names_waiting(queues: Sequence[str]) -> Flow[tuple[str, ...]]:
    """Read which names wait, in these queues or, without any, in all."""
    chosen: dict[str, Any] = {"state": "ready"}
    if queues:
        chosen["queue"] = {"$in": list(queues)}
    names = yield call("distinct", "name", chosen)
    return _texts(names)


def _texts(values: Iterable[object]) -> tuple[str, ...]:
    """Give what is exactly text, in order; JavaScript code, which is a `str` to pymongo, is not."""
    return tuple(sorted(value for value in values if type(value) is str))


def _due(terms: Terms, wanted: Iterable[Wanted]) -> dict[str, Any]:
    due = {
        **source("claim"),
        **OF_OURS,
        "queue": {"$in": list(terms.queues)},
        "name": {"$in": [each.name for each in wanted]},
        "runAt": {"$lte": terms.now},
    }
    return due if terms.start is None else terms.start.narrow(due)


def _guard(ids: Sequence[JobId]) -> dict[str, Any]:
    return {"_id": {"$in": list(ids)}, **source("claim"), **DUE_ON_THE_SERVER}


def _lease_update(terms: Terms, wanted: Sequence[Wanted]) -> list[dict[str, Any]]:
    return update(
        {
            "state": target("claim"),
            "lease": terms.token,
            "leaseUntil": after(terms.lease),
            "worker": terms.worker,
            "startedAt": NOW,
            "attempts": plus("attempts", 1),
            "lost": plus("lost", 0),
            **_limits(tuple((each.name, each.max_attempts, each.max_lost, each.timeout) for each in wanted)),
        },
        unset=("cancelRequested", "progress"),
    )


@lru_cache(maxsize=32)
def _limits(kinds: tuple[tuple[str, int, int, timedelta | None], ...]) -> Mapping[str, Expression]:
    """Give the fields that a rescuer will need; a worker asks for the same few sets of names all its life."""
    deadlines = {name: None if timeout is None else after(timeout).value for name, _, _, timeout in kinds}
    return {
        "maxAttempts": _kept_or("maxAttempts", _by_name({name: attempts for name, attempts, _, _ in kinds})),
        "maxLost": _kept_or("maxLost", _by_name({name: lost for name, _, lost, _ in kinds})),
        "deadline": Expression(_by_name(deadlines)),
    }


def _kept_or(name: str, default: Any) -> Expression:
    return Expression({"$cond": [{"$isNumber": f"${name}"}, f"${name}", default]})


def _by_name(values: Mapping[str, Any]) -> Any:
    """Give the expression that chooses a value by the job's name; equal values share one branch."""
    groups: dict[str, tuple[Any, list[str]]] = {}
    for name, chosen in values.items():
        groups.setdefault(repr(chosen), (chosen, []))[1].append(name)
    ordered = sorted(groups.values(), key=lambda group: len(group[1]))
    default = ordered[-1][0]
    branches = [{"case": {"$in": ["$name", {"$literal": names}]}, "then": chosen} for chosen, names in ordered[:-1]]
    return {"$switch": {"branches": branches, "default": default}} if branches else default
