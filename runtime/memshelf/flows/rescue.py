"""Give back jobs whose lease ended without an outcome."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from memshelf.call import Flow, call
from memshelf.flows.record import ERRORS_KEPT, final, ready_unless_cancelled
from memshelf.garbled import as_stored, equal
from memshelf.indexes import IDS, LEASES
from memshelf.options import JobId
from memshelf.retention import Retention, Retentions
from memshelf.states import Action, source, target
from memshelf.unpack import unpacked
from memshelf.update import after, appended, plus, update

SWEEP = 500
"""Most expired leases that one sweep looks at."""
DEFAULT_MAX_LOST = 5


@dataclass(frozen=True, slots=True)
class Expired:
    """A lease that has ended, exactly as it was seen."""

    id: JobId
    name: str
    lease: str | None
    lease_until: datetime | None
    lost: int
    max_lost: int
    attempts: int
    worker: str | None


@dataclass(frozen=True, slots=True)
class Rescued:
    """What became of one expired lease."""

    expired: Expired
    action: Action


def expired_leases(now: datetime) -> Flow[tuple[Expired, ...]]:
    """Read the leases that have ended by the server's time."""
    documents = yield call(
        "find",
        {**source("rescue"), "leaseUntil": {"$lt": now}},
        {
            "name": 1,
            "lease": 1,
            "leaseUntil": 1,
            "lost": 1,
            "maxLost": 1,
            "attempts": 1,
            "worker": 1,
        },
        sort=[("leaseUntil", 1)],
        hint=LEASES,
        limit=SWEEP,
        target="raw",
    )
    return tuple(_expired(each) for each in documents)


def _expired(stored: Any) -> Expired:
    document = unpacked(stored)
    return Expired(
        id=as_stored(stored, "_id", document["_id"]),
        name=str(document.get("name")),
        lease=as_stored(stored, "lease", document.get("lease")),
        lease_until=document.get("leaseUntil"),
        lost=_number(document.get("lost"), 0),
        max_lost=_number(document.get("maxLost"), DEFAULT_MAX_LOST),
        attempts=_number(document.get("attempts"), 0),
        worker=document.get("worker"),
    )


def rescue(
    seen: Iterable[Expired], retention: Retention, delay: timedelta, own: Retentions | None = None
) -> Flow[tuple[Rescued, ...]]:
    """Take jobs from leases that ended, each only if its lease is still the one that was seen.

    Args:
        seen: leases seen expired in two sweeps.
        retention: how long final states are kept.
        delay: how long a rescued job waits.
        own: other retentions, by the names of jobs.
    """
    rescued: list[Rescued] = []
    for each in seen:
        action = _action(each)
        result = yield call(
            "update_one",
            {**equal({"_id": each.id, "lease": each.lease, "leaseUntil": each.lease_until}), **source(action)},
            _take(each, action, (own or {}).get(each.name, retention), delay),
            hint=IDS,
        )
        if result.modified_count:
            rescued.append(Rescued(each, action))
    return tuple(rescued)


def _action(expired: Expired) -> Action:
    """Choose the move; one back into the line ends in `cancelled` where that was requested, even since the look."""
    return "lose" if expired.lost + 1 > expired.max_lost else "rescue"


def _take(expired: Expired, action: Action, retention: Retention, delay: timedelta) -> list[dict[str, Any]]:
    state = target(action)
    error = {
        "attempt": expired.attempts,
        "kind": "lost",
        "type": "LeaseLost",
        "message": "the worker's lease ended without an outcome: it crashed, hung or lost its connection",
        "traceback": "",
        "lease": expired.lease,
        "worker": expired.worker,
    }
    fields: dict[str, object] = {
        "lost": plus("lost", 1),
        "errors": appended("errors", error, keep=ERRORS_KEPT),
    }
    if state == "ready":
        fields |= {"runAt": after(delay), **ready_unless_cancelled(retention)}
    else:
        fields |= final(state, retention)
    return update(fields, unset=("leaseUntil", "deadline", "lease"))


def _number(value: object, absent: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else absent
