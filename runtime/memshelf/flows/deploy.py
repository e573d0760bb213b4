"""Bring the schedules that schemas have into the database, without a fight between deployments.

For each job one document says which deployment's schedules are in force: their digest. A worker whose digest is
another one takes over at once if the database has never seen it, since it is newer. If it has been in force before, it
is either an older worker that was started again or a deployment that was taken back: it waits until no worker of the
present one is alive.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pymongo.errors import DuplicateKeyError

from memshelf.call import Flow, call
from memshelf.flows.schedules import put
from memshelf.timetable import OF_SCHEMA, Document

DEPLOYMENT = "deployment"
REMEMBERED = 50
"""Digests of earlier deployments that are kept for each job."""


def deployments(names: Sequence[str]) -> Flow[dict[str, Document]]:
    """Read which deployments are in force, by the jobs' names."""
    found = yield call("find", {"name": {"$in": list(names)}, "source": DEPLOYMENT}, target="schedules")
    return {document["name"]: document for document in found}


def alive(name: str, digest: str, since: datetime) -> Flow[bool]:
    """Tell whether a worker of a deployment was seen since a time."""
    chosen = {"schedules": stand(name, digest), "seenAt": {"$gte": since}}
    return bool((yield call("find", chosen, {"_id": 1}, limit=1, target="workers")))


def stand(name: str, digest: str) -> str:
    """Write which deployment a worker stands for, as its note says it."""
    return f"{name} {digest}"


def take_over(name: str, digest: str, held: Document | None) -> Flow[bool]:
    """Put a deployment into force in place of the one that was read; tell whether nobody was faster."""
    earlier = "none" if held is None else held["digest"]
    if held is None:
        first = {"_id": name + OF_SCHEMA, "name": name, "source": DEPLOYMENT, "digest": digest, "earlier": [earlier]}
        try:
            yield call("insert_one", first, target="schedules")
        except DuplicateKeyError:
            return False
        return True
    change = {"$set": {"digest": digest}, "$push": {"earlier": {"$each": [earlier], "$slice": -REMEMBERED}}}
    done = yield call("update_one", {"_id": held["_id"], "digest": earlier}, change, target="schedules")
    return bool(done.matched_count)


def settle_schedules(name: str, wanted: Sequence[Document], now: datetime) -> Flow[None]:
    """Store the schedules that a job's schema has, and remove those that it has no more."""
    held = yield call("find", {"name": name, "source": "schema"}, {"digest": 1}, target="schedules")
    digests: Mapping[Any, Any] = {document["_id"]: document["digest"] for document in held}
    for document in wanted:
        if digests.get(document["_id"]) != document["digest"]:
            yield from put(document, now)
    gone = sorted(digests.keys() - {document["_id"] for document in wanted})
    if gone:
        yield call("delete_many", {"_id": {"$in": gone}, "source": "schema"}, target="schedules")


def seen_since(now: datetime, heartbeat_every: timedelta, missed: int) -> datetime:
    """Give since when a worker that is alive has left its note."""
    return now - heartbeat_every * missed - timedelta(seconds=1)
