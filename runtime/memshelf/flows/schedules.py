"""What people and programs do to stored schedules: put, look at, pause, resume and remove them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pymongo.errors import DuplicateKeyError

from memshelf.call import Flow, call
from memshelf.errors import InputError, ScheduleNotFoundError
from memshelf.timetable import Document, Source, first_times, rhythm_of
from memshelf.update import NOW, update

SOURCES: tuple[Source, ...] = ("schema", "run time")
CHANGED = "schedulesChanged"
"""The field of the workers' notes by which they are told to look at the schedules."""


def put(wanted: Document, now: datetime) -> Flow[Document]:
    """Store a schedule, change the one that has its id, or leave it alone if it is the same; give what is stored."""
    while True:
        found = yield from _find(wanted["_id"])
        if found is not None and found["digest"] == wanted["digest"]:
            return found
        written = first_times(wanted, found, now)
        if found is None:
            yield call("create_index", "nextAt", target="schedules")
            try:
                yield call("insert_one", written, target="schedules")
            except DuplicateKeyError:
                continue
        else:
            done = yield call("replace_one", _as_read(found), written, target="schedules")
            if done.matched_count == 0:
                continue
        return written


def get(schedule_id: str) -> Flow[Document]:
    """Read one schedule.

    Raises:
        ScheduleNotFoundError: there is none.
    """
    found = yield from _find(schedule_id)
    if found is None:
        raise ScheduleNotFoundError(schedule_id)
    return found


def listing(names: Sequence[str] | None = None) -> Flow[list[Document]]:
    """Read all schedules, or those of some jobs, sorted by their ids."""
    chosen: dict[str, Any] = {"source": {"$in": list(SOURCES)}}
    if names is not None:
        chosen["name"] = {"$in": list(names)}
    documents: list[Document] = yield call("find", chosen, sort=[("_id", 1)], target="schedules")
    return documents


def pause(schedule_id: str) -> Flow[Document]:
    """Have a schedule make no job from now on, until it is resumed; give what is stored.

    Raises:
        ScheduleNotFoundError: there is none.
    """
    change = {"$set": {"paused": True}, "$unset": {"nextAt": ""}}
    yield call("update_one", {"_id": schedule_id, "source": {"$in": list(SOURCES)}}, change, target="schedules")
    return (yield from get(schedule_id))


def resume(schedule_id: str, now: datetime) -> Flow[Document]:
    """Have a paused schedule tick again, from its first tick after now on; give what is stored.

    Raises:
        ScheduleNotFoundError: there is none.
        MalformedSchedule: it does not say when it ticks.
    """
    while True:
        found = yield from get(schedule_id)
        if not found.get("paused"):
            return found
        tick = rhythm_of(found).after(now)
        change = {"$set": {"paused": False, **({} if tick is None else {"nextAt": tick})}}
        yield call("update_one", _as_read(found), change, target="schedules")


def remove(schedule_id: str, *, known: bool) -> Flow[Document]:
    """Delete a schedule, and give what it was; jobs that it has made stay.

    Args:
        schedule_id: the id.
        known: whether it may be in a schema that is in use.

    Raises:
        ScheduleNotFoundError: there is none.
        InputError: a schema has it, and the next worker would bring it back.
    """
    found = yield from get(schedule_id)
    if found["source"] == "schema" and known:
        raise InputError(f"schedule {schedule_id}: the job's schema has it; take it out there, or pause it")
    yield call("delete_one", {"_id": schedule_id}, target="schedules")
    return found


def tell_workers() -> Flow[None]:
    """Have all workers look at the schedules with their next heartbeat; a worker that knows of none does not look."""
    yield call("update_many", {}, update({CHANGED: NOW}), target="workers")


def _find(schedule_id: str) -> Flow[Document | None]:
    documents = yield call("find", {"_id": schedule_id, "source": {"$in": list(SOURCES)}}, limit=1, target="schedules")
    return documents[0] if documents else None


def _as_read(found: Document) -> dict[str, Any]:
    """Give the filter of a document that nobody has changed since it was read."""
    return {key: found.get(key) for key in ("_id", "digest", "nextAt", "paused")}
