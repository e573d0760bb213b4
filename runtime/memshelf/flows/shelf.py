"""What people do to stored jobs: look at them, cancel, move, replay and remove them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from memshelf.call import Flow, call
from memshelf.errors import JobNotFoundError, JobStateError
from memshelf.flows.narrow import narrowed
from memshelf.flows.record import final
from memshelf.flows.replay import Revision, ready_again
from memshelf.indexes import IDS, LISTING
from memshelf.options import JobId
from memshelf.retention import Retention, Retentions
from memshelf.states import MOVES, Action, State, source, target
from memshelf.update import Expression, operand, update

Document = Mapping[str, Any]


def get(job_id: JobId) -> Flow[Document]:
    """Read one job.

    Raises:
        JobNotFoundError: there is none.
    """
    documents = yield call("find", {"_id": job_id}, limit=1, target="raw")
    if not documents:
        raise JobNotFoundError(job_id)
    found: Document = documents[0]
    return found


def listing(chosen: Mapping[str, Any], limit: int, skip: int = 0) -> Flow[list[Document]]:
    """Read jobs, newest first."""
    parts = yield from narrowed(chosen)
    found: Mapping[str, Any] = parts[0] if parts else {"_id": {"$in": []}}
    if len(parts) > 1:
        ids = []
        for part in parts:
            newest = yield call("find", dict(part), {"_id": 1}, sort=[("_id", -1)], limit=limit + skip)
            ids += [each["_id"] for each in newest]
        found = {"_id": {"$in": ids}}
    documents: list[Document] = yield call(
        "find", dict(found), sort=[("_id", -1)], limit=limit, skip=skip, target="raw"
    )
    return documents


def cancel(job_id: JobId, retention: Retention, session: Any = None, own: Retentions | None = None) -> Flow[Document]:
    """Cancel a waiting job, or ask the worker of a running one to stop it.

    Args:
        job_id: which job.
        retention: how long it is kept.
        session: the caller's.
        own: where it is not known of which name the job is: other retentions, by name.

    Raises:
        JobNotFoundError: there is no such job.
        JobStateError: it is in a final state.
    """
    sources = (*MOVES["cancel"].sources, *MOVES["request cancellation of"].sources)
    document = yield from _change(job_id, {"state": {"$in": list(sources)}}, _cancel(retention, own), session)
    return document if document is not None else (yield from _refuse(job_id, "cancel", sources))


def reschedule(job_id: JobId, run_at: datetime, session: Any = None) -> Flow[Document]:
    """Move a waiting job to another time.

    Raises:
        JobNotFoundError: there is no such job.
        JobStateError: it is not waiting.
    """
    return (yield from _move(job_id, "reschedule", update({"runAt": run_at}), session))


def replay(job_id: JobId, revision: Revision | None = None, session: Any = None) -> Flow[Document]:
    """Make a dead, cancelled or quarantined job ready again, with fresh counters and its history kept.

    Raises:
        JobNotFoundError: there is no such job.
        JobStateError: it is in another state.
    """
    return (yield from _move(job_id, "replay", ready_again(None, revision, None), session))


def remove(job_id: JobId, session: Any = None) -> Flow[Document]:
    """Delete a job that is not running, and give what it was.

    Raises:
        JobNotFoundError: there is no such job.
        JobStateError: it is running.
    """
    document = yield call("find_one_and_delete", {"_id": job_id, **source("remove")}, session=session, target="raw")
    if document is None:
        return (yield from _refuse(job_id, "remove", MOVES["remove"].sources))
    removed: Document = document
    return removed


def counts() -> Flow[dict[str, dict[State, int]]]:
    """Count jobs by name and state."""
    groups = yield call(
        "aggregate",
        [
            {"$sort": {"state": 1, "name": 1}},
            {"$group": {"_id": {"state": "$state", "name": "$name"}, "count": {"$sum": 1}}},
        ],
        hint=LISTING,
    )
    found: dict[str, dict[State, int]] = {}
    for group in sorted(groups, key=lambda each: (str(each["_id"].get("name")), str(each["_id"].get("state")))):
        found.setdefault(str(group["_id"].get("name")), {})[group["_id"].get("state")] = group["count"]
    return found


def _move(job_id: JobId, action: Action, change: list[dict[str, Any]], session: Any) -> Flow[Document]:
    document = yield from _change(job_id, source(action), change, session)
    return document if document is not None else (yield from _refuse(job_id, action, MOVES[action].sources))


def _change(
    job_id: JobId, sources: Mapping[str, Any], change: list[dict[str, Any]], session: Any
) -> Flow[Document | None]:
    document: Document | None = yield call(
        "find_one_and_update",
        {"_id": job_id, **sources},
        change,
        hint=IDS,
        return_document=True,
        session=session,
        target="raw",
    )
    return document


def _refuse(job_id: JobId, action: str, allowed: Sequence[State]) -> Flow[Document]:
    document = yield from get(job_id)
    raise JobStateError(job_id, str(document.get("state")), action, allowed)


def _cancel(retention: Retention, own: Retentions | None) -> list[dict[str, Any]]:
    """Build the one write of both moves: between two writes the job could begin or end to run, and escape them."""
    waiting = {"$in": ["$state", list(MOVES["cancel"].sources)]}
    ended = final(target("cancel"), retention, own)
    fields = {name: Expression({"$cond": [waiting, operand(ended[name]), f"${name}"]}) for name in ended}
    asked = Expression({"$cond": [waiting, "$cancelRequested", True]})
    return update({**fields, "cancelRequested": asked})
