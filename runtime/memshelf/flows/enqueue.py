"""Store new jobs so that a repeated or uncertain insert never makes a second one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

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

DUPLICATE_KEY = 11000
Documents = Sequence[Mapping[str, Any]]


def enqueue(documents: Documents, session: Any = None) -> Flow[None]:
    """Insert jobs that are not there yet.

    Inside a caller's transaction the driver's errors pass through untouched, since `with_transaction` reads them.

    Raises:
        DuplicateJobError: an id is taken by a different job.
        QueueingUncertain: the server did not confirm; the jobs may be there.
        StoreUnavailable: no server was found; nothing was sent.
    """
    if session is not None and session.in_transaction:
        yield from _insert(documents, session)
        return
    ids = [document["_id"] for document in documents]
    try:
        yield from _insert(documents, session)
    except DuplicateKeyError:
        yield from _accept_repeats(documents)
    except BulkWriteError as error:
        yield from _judge_bulk(documents, error)
    except ServerSelectionTimeoutError as error:
        raise StoreUnavailable(f"MongoDB cannot be reached, nothing was queued: {error}") from error
    except (ConnectionFailure, AutoReconnect, ExecutionTimeout, WriteConcernError) as error:
        raise QueueingUncertain(ids, type(error).__name__) from error


def _insert(documents: Documents, session: Any) -> Flow[None]:
    if len(documents) == 1:
        yield call("insert_one", documents[0], session=session)
    else:
        yield call("insert_many", documents, ordered=False, session=session)


def _judge_bulk(documents: Documents, error: BulkWriteError) -> Flow[None]:
    details = error.details or {}
    faults = details.get("writeErrors", [])
    if any(fault.get("code") != DUPLICATE_KEY for fault in faults):
        texts = sorted({str(fault.get("errmsg", "")) for fault in faults})
        raise StoreUnavailable(f"MongoDB refused some of the jobs: {'; '.join(texts)}") from error
    if details.get("writeConcernErrors"):
        raise QueueingUncertain([document["_id"] for document in documents], "WriteConcernError") from error
    repeated = {fault["index"] for fault in faults}
    yield from _accept_repeats([document for index, document in enumerate(documents) if index in repeated])


def _accept_repeats(documents: Documents) -> Flow[None]:
    """Accept ids that hold the very same job; refuse the others."""
    asked = {document["_id"]: document for document in documents}
    held = yield call("find", {"_id": {"$in": list(asked)}}, {"name": 1, "data": 1})
    same = {document["_id"] for document in held if _same(document, asked[document["_id"]])}
    different = [job_id for job_id in asked if job_id not in same]
    if different:
        raise DuplicateJobError(different)


def _same(held: Mapping[str, Any], asked: Mapping[str, Any]) -> bool:
    return bool(held["name"] == asked["name"] and held.get("data") == asked["data"])
