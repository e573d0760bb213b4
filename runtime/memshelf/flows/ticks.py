"""Make jobs of ticks, one for each whatever the number of workers.

A job of a tick has an id that only depends on the schedule and the tick, so that two workers make one job. What guards
against a third one that comes late, when the job has been run and removed, is that jobs are made by the server itself,
out of the schedule's document, and only while that document still waits for this very tick: a worker that was stopped
in between finds it moved on. The document moves on by a write with the same guard.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pymongo import UpdateOne

from memshelf.call import Flow, call
from memshelf.due import Due, tick_id
from memshelf.timetable import Document

LIMIT = 100
"""Schedules that are looked at together."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Step:
    """One schedule as it was read, and what is due on it."""

    id: str
    tick: datetime
    """The tick for which its document waits."""
    digest: str
    due: Due


def next_schedules(names: Sequence[str], limit: int = LIMIT) -> Flow[list[Document]]:
    """Read the schedules of some jobs that tick next, the soonest first, each with the server's time as `now`."""
    documents: list[Document] = yield call(
        "aggregate",
        [
            {"$match": {"nextAt": {"$gt": _EPOCH}, "name": {"$in": list(names)}}},
            {"$sort": {"nextAt": 1}},
            {"$limit": limit},
            {"$project": {"job": 0}},
            {"$set": {"now": "$$NOW"}},
        ],
        target="schedules",
    )
    return documents


def make_jobs(collection: str, steps: Sequence[Step]) -> Flow[None]:
    """Have the server make the jobs of some ticks that are due by its clock; those that are there stay as they are.

    Args:
        collection: the jobs'.
        steps: one at most for each schedule.
    """
    asked = [
        {"of": step.id, "was": step.tick, "digest": step.digest, "id": tick_id(step.id, tick), "runAt": tick}
        for step in steps
        for tick in step.due.ticks
    ]
    same = [
        {"$eq": ["$$asked.of", "$_id"]},
        {"$eq": ["$$asked.was", "$nextAt"]},
        {"$eq": ["$$asked.digest", "$digest"]},
        {"$lte": ["$$asked.runAt", "$$NOW"]},
    ]
    if asked:
        yield call(
            "aggregate",
            [
                {"$match": {"_id": {"$in": [step.id for step in steps]}}},
                {"$set": {"tick": {"$filter": {"input": {"$literal": asked}, "as": "asked", "cond": {"$and": same}}}}},
                {"$unwind": "$tick"},
                {"$replaceWith": {"$mergeObjects": ["$job", {"_id": "$tick.id", "runAt": "$tick.runAt"}]}},
                {"$merge": {"into": collection, "whenMatched": "keepExisting", "whenNotMatched": "insert"}},
            ],
            target="schedules",
        )


def move_on(steps: Sequence[Step]) -> Flow[None]:
    """Have the documents of schedules wait for their next ticks, unless somebody was faster or they were changed."""
    writes = []
    for step in steps:
        change: dict[str, Any] = {"$unset": {"nextAt": ""}} if step.due.next is None else {}
        made = {"lastAt": step.due.ticks[-1]} if step.due.ticks else {}
        moved = {} if step.due.next is None else {"nextAt": step.due.next}
        writes.append(UpdateOne(_waits_for(step), {**change, **({"$set": {**moved, **made}} if moved or made else {})}))
    yield call("bulk_write", writes, ordered=False, target="schedules")


def _waits_for(step: Step) -> dict[str, Any]:
    return {"_id": step.id, "nextAt": step.tick, "digest": step.digest}
