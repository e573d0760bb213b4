"""Store new jobs so that a repeated or uncertain insert never makes a second one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    ServerSelectionTimeoutError,
    WriteConcernError,
)

from memshelf.call import Flow, call
from memshelf.errors import DuplicateJobError, QueueingUncertain, StoreUnavailable
from memshelf.options import JobId
from memshelf.unpack import unpacked

DUPLICATE_KEY = 11000
UNANSWERED = (ConnectionFailure, AutoReconnect, ExecutionTimeout, WriteConcernError)
"""Errors after which the server may have done what it was asked, or not."""
Documents: TypeAlias = Sequence[Mapping[str, Any]]
Stored: TypeAlias = Mapping[JobId, Mapping[str, Any]]


def enqueue(documents: Documents, session: Any = None) -> Flow[Stored]:
    """Insert jobs that are not there yet; give those that were, as they are now, by their ids.

    Inside a caller's transaction the driver's errors pass through untouched, since `with_transaction` reads them.

    Raises:
        DuplicateJobError: an id is taken by a different job.
        QueueingUncertain: the server did not confirm; the jobs may be there.
        StoreUnavailable: no server was found; nothing was sent.
    """
    if session is not None and session.in_transaction:
        yield from _insert(documents, session)
        return {}
    ids = [document["_id"] for document in documents]
    try:
        yield from _insert(documents, session)
    except DuplicateKeyError:
        return (yield from _accept_repeats(documents))
    except BulkWriteError as error:
        return (yield from _judge_bulk(documents, error))
    except ServerSelectionTimeoutError as error:
        raise StoreUnavailable(f"MongoDB cannot be reached, nothing was queued: {error}") from error
    except UNANSWERED as error:
        raise QueueingUncertain(ids, type(error).__name__) from error
    return {}


def _insert(documents: Documents, session: Any) -> Flow[None]:
    if len(documents) == 1:
        yield call("insert_one", documents[0], session=session)
    else:
        yield call("insert_many", documents, ordered=False, session=session)


def _judge_bulk(documents: Documents, error: BulkWriteError) -> Flow[Stored]:
    details = error.details or {}
    faults = details.get("writeErrors", [])
    if any(fault.get("code") != DUPLICATE_KEY for fault in faults):
        texts = sorted({str(fault.get("errmsg", "")) for fault in faults})
        raise StoreUnavailable(f"MongoDB refused some of the jobs: {'; '.join(texts)}") from error
    if details.get("writeConcernErrors"):
        raise QueueingUncertain([document["_id"] for document in documents], "WriteConcernError") from error
    repeated = {fault["index"] for fault in faults}
    return (yield from _accept_repeats([document for index, document in enumerate(documents) if index in repeated]))


def _accept_repeats(documents: Documents) -> Flow[Stored]:
    """Accept ids that hold the very same job; refuse the others."""
    asked = {document["_id"]: document for document in documents}
    try:
        found = yield call("find", {"_id": {"$in": list(asked)}}, target="raw")
    except UNANSWERED as error:
        raise QueueingUncertain(list(asked), type(error).__name__) from error
    held = {document["_id"]: document for document in map(unpacked, found)}
    different = [job_id for job_id in asked if job_id not in held or not _same(held[job_id], asked[job_id])]
    if different:
        raise DuplicateJobError(different)
    return held


def _same(held: Mapping[str, Any], asked: Mapping[str, Any]) -> bool:
    return bool(held["name"] == asked["name"] and held.get("data") == asked["data"])
