"""What is read of a whole collection: the server, the workers' notes, what is due, which indexes there are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from memshelf.call import Flow, call
from memshelf.flows.claim import names_waiting, next_due, queues_in_use
from memshelf.flows.narrow import in_pairs

Document = Mapping[str, Any]


def hello() -> Flow[Document]:
    """Ask the server who it is and what its time is."""
    reply: Document = yield call("command", "hello", target="database")
    return reply


def version() -> Flow[str]:
    """Ask the server its version."""
    reply = yield call("command", "buildInfo", target="database")
    return str(reply["version"])


def workers() -> Flow[list[Document]]:
    """Read the notes that workers leave with every heartbeat."""
    notes: list[Document] = yield call("find", {}, sort=[("_id", 1)], target="workers")
    return notes


def oldest_due(now: datetime) -> Flow[datetime | None]:
    """Read since when the waiting job that was due first is due, or None if none is."""
    queues = yield from queues_in_use()
    names = yield from names_waiting(queues)
    found: list[datetime] = []
    for some, those in in_pairs(queues, names):
        found += yield from next_due(some, those)
    return min((each for each in found if each <= now), default=None)


def index_names() -> Flow[frozenset[str]]:
    """Read the names of the indexes of the jobs; none if there is no such collection."""
    known: Mapping[str, Any] = yield call("index_information")
    return frozenset(known)


def validator_in_force() -> Flow[Document | None]:
    """Read the validator of the collection of the jobs; None if there is none."""
    options: Document = yield call("options")
    return options.get("validator")


def count(chosen: Mapping[str, Any]) -> Flow[int]:
    """Count the jobs of a filter."""
    number: int = yield call("count_documents", dict(chosen))
    return number
