"""Make jobs ready again that ended: each at most once for the end that was seen, with its history kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from memshelf.call import Flow, call
from memshelf.flows.narrow import narrowed
from memshelf.flows.record import LAST_LEASE
from memshelf.indexes import IDS
from memshelf.options import JobId
from memshelf.states import source, target
from memshelf.update import NOW, Expression, appended, update

REPLAYS_KEPT = 20
"""Most entries of `replays`, the newest."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A job that ended, as it was seen: what happens to it since then makes it another."""

    id: JobId
    finished_at: Any


@dataclass(frozen=True, slots=True)
class Revision:
    """A payload that takes the place of the stored one, and the schema under which it is valid."""

    data: dict[str, Any]
    version: int
    schema: str


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of one job of a batch."""

    ended: Ended
    run_at: datetime | None
    """Not before this time; None: at once."""
    revision: Revision | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a batch."""

    ready: frozenset[JobId]
    refused: Mapping[JobId, str]
    """What the server says of those that it does not take."""


def ended(chosen: Mapping[str, Any], limit: int = 0) -> Flow[list[Ended]]:
    """Read which jobs of a filter can be replayed, oldest first; a limit of 0 is none."""
    parts = yield from narrowed({**source("replay"), **chosen})
    able = {**(parts[0] if len(parts) == 1 else chosen), "_id": {"$type": ["objectId", "string"]}}
    documents = yield call("find", able, {"finishedAt": 1}, sort=[("_id", 1)], limit=limit)
    return [Ended(document["_id"], document.get("finishedAt")) for document in documents]


def whole(batch: Sequence[Ended]) -> Flow[dict[JobId, Mapping[str, Any]]]:
    """Read those jobs of a batch that are still as they were seen."""
    seen = {each.id: each.finished_at for each in batch}
    chosen = {"_id": {"$in": list(seen)}, **source("replay")}
    documents = yield call("find", chosen, hint=IDS, target="raw")
    return {each["_id"]: each for each in documents if each.get("finishedAt") == seen[each["_id"]]}


def replay_batch(steps: Sequence[Step], token: str) -> Flow[Written]:
    """Make a batch of jobs ready again, save those that changed since they were seen.

    Repeating the flow after a lost reply is safe: what it wrote is recognised by the token.

    Args:
        steps: one for each job.
        token: the same for all batches of one call of an operator, and of no other.
    """
    statements = [
        UpdateOne(_as_seen(each.ended), ready_again(each.run_at, each.revision, token), hint=IDS) for each in steps
    ]
    refused: dict[JobId, str] = {}
    try:
        result = yield call("bulk_write", statements, ordered=False)
        modified = result.modified_count
    except BulkWriteError as error:
        details = error.details or {}
        if details.get("writeConcernErrors"):
            raise
        refused = {steps[fault["index"]].ended.id: _said(fault) for fault in details.get("writeErrors", ())}
        modified = details.get("nModified", 0)
    ids = [each.ended.id for each in steps]
    if modified == len(ids):
        return Written(frozenset(ids), {})
    documents = yield call("find", {"_id": {"$in": ids}, "replays.token": token}, {"_id": 1}, hint=IDS)
    return Written(frozenset(each["_id"] for each in documents), refused)


def ready_again(run_at: datetime | None, revision: Revision | None, token: str | None) -> list[dict[str, Any]]:
    """Build the write: counters start afresh, and what they were is kept in `replays` beside the errors."""
    was = {"state": "$state", "attempts": "$attempts", "lost": "$lost"}
    entry = {} if token is None else {"token": token}
    fields: dict[str, object] = {
        "state": target("replay"),
        "runAt": NOW if run_at is None else Expression({"$max": ["$$NOW", {"$literal": run_at}]}),
        "attempts": 0,
        "lost": 0,
        "interrupted": 0,
        "replays": appended("replays", entry, keep=REPLAYS_KEPT, known=was),
    }
    if revision is not None:
        fields |= {"data": revision.data, "version": revision.version, "schema": revision.schema}
    return update(
        fields,
        unset=("expireAt", "finishedAt", "startedAt", "result", "lease", LAST_LEASE, "leaseUntil", "cancelRequested"),
    )


def _as_seen(each: Ended) -> dict[str, Any]:
    return {"_id": each.id, **source("replay"), "finishedAt": each.finished_at}


def _said(fault: Mapping[str, Any]) -> str:
    return f"the server does not take it: {fault.get('errmsg', 'no reason was given')}"
