"""Set documents aside that no claim and no rescue can ever reach, since a field that those look at is malformed.

The collection's validator turns such documents away; these are older than it, or were written past it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from memshelf.call import Flow, call
from memshelf.flows.claim import LATEST
from memshelf.flows.record import ERRORS_KEPT, final
from memshelf.indexes import CLAIM, LEASES, LISTING
from memshelf.retention import Retention, Retentions
from memshelf.states import STATES, source, target
from memshelf.update import appended, update

NAMED = 20
"""Most documents of one kind that are named in one look; all of the kind are set aside."""
FARTHEST_LEASE_DAYS = 2
"""Days from now after which no lease can end that a worker has made: the setting goes up to one."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to be out of reach."""

    chosen: Mapping[str, Any]
    problem: str
    index: str


@dataclass(frozen=True, slots=True)
class SetAside:
    """What was set aside for one reason."""

    problem: str
    count: int
    ids: tuple[object, ...]
    """The first of them."""


def set_aside(retention: Retention, own: Retentions | None = None) -> Flow[tuple[SetAside, ...]]:
    """Quarantine whatever is out of reach, with what is wrong with it.

    Three kinds of states are looked at by their indexes; of the waiting jobs each is examined, once unless something is
    found, so call it rarely.
    """
    done: list[SetAside] = []
    waiting = _of_waiting()
    strange = yield call("find", _any_of(waiting), {"_id": 1}, hint=CLAIM, limit=1)
    for kind in (*_of_others(), *(waiting if strange else ())):
        found = yield call("find", kind.chosen, {"_id": 1}, hint=kind.index, limit=NAMED)
        if found:
            result = yield call("update_many", kind.chosen, _quarantined(kind.problem, retention, own), hint=kind.index)
            done.append(SetAside(kind.problem, result.modified_count, tuple(each["_id"] for each in found)))
    return tuple(done)


def _of_others() -> tuple[Kind, ...]:
    running = source("rescue")
    return (
        Kind({"state": {"$nin": list(STATES)}}, f"state: must be one of {', '.join(STATES)}", LISTING),
        Kind({**running, **_is_no("leaseUntil", "date")}, "leaseUntil: must be a date, of a job that runs", LEASES),
        Kind({**running, "$expr": _too_far("leaseUntil")}, "leaseUntil: is farther away than any lease", LEASES),
    )


def _of_waiting() -> tuple[Kind, ...]:
    ready = source("claim")
    return (
        Kind({**ready, "_id": {"$not": {"$type": ["objectId", "string"]}}}, "_id: must be an ObjectId or text", CLAIM),
        Kind({**ready, **_is_no("name", "string")}, "name: must be a string", CLAIM),
        Kind({**ready, **_is_no("queue", "string")}, "queue: must be a string", CLAIM),
        Kind({**ready, **_is_garbled("name")}, "name: must be a string in UTF-8", CLAIM),
        Kind({**ready, **_is_garbled("queue")}, "queue: must be a string in UTF-8", CLAIM),
        Kind({**ready, **_is_no("runAt", "date")}, "runAt: must be a date", CLAIM),
        Kind({**ready, "runAt": {"$gt": LATEST}}, "runAt: must be a date between the years 1 and 9999", CLAIM),
    )


def _any_of(kinds: Iterable[Kind]) -> dict[str, Any]:
    """Give the filter for any of the waiting kinds; the state stands in front alone, which halves the time."""
    state = source("claim")
    return {**state, "$or": [{key: kind.chosen[key] for key in kind.chosen if key not in state} for kind in kinds]}


def _is_no(name: str, kind: str) -> dict[str, Any]:
    """Give the filter for another type; that of an array would be the types of its items."""
    return {"$or": [{name: {"$not": {"$type": kind}}}, {name: {"$type": "array"}}]}


def _is_garbled(name: str) -> dict[str, Any]:
    """Give the filter for text that is not UTF-8, which no pattern matches."""
    return {name: {"$type": "string", "$not": {"$regex": "^"}}}


def _too_far(name: str) -> dict[str, Any]:
    latest = {"$dateAdd": {"startDate": "$$NOW", "unit": "day", "amount": FARTHEST_LEASE_DAYS}}
    return {"$and": [{"$eq": [{"$type": f"${name}"}, "date"]}, {"$gt": [f"${name}", latest]}]}


def _quarantined(problem: str, retention: Retention, own: Retentions | None) -> list[dict[str, Any]]:
    error = {"attempt": 0, "kind": "undecodable", "type": "MalformedJob", "message": problem, "traceback": ""}
    state = target("set aside")
    fields = {"errors": appended("errors", error, keep=ERRORS_KEPT), **final(state, retention, own)}
    return update(fields, unset=("leaseUntil", "deadline"))
