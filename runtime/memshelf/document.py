"""The stored document: how a job is written for the database and read back from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from bson import DBRef, ObjectId

from memshelf.errors import MalformedJob
from memshelf.options import JobId
from memshelf.states import STATES, State
from memshelf.unpack import unpacked


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one attempt ended badly."""

    at: datetime | None
    attempt: int
    kind: str
    """`error`, `timeout`, `lost`, `retry`, `discard`, `invalid`, `undecodable` or `postponed`."""
    type: str
    """The exception's class, where there was one."""
    message: str
    traceback: str
    """Frames without their variables."""
    place: str = ""
    """Where an exception was raised: `jobs/email.py:31 in handle`."""


class Record(NamedTuple):
    """What is stored of one job.

    A tuple, since one is made for every job that runs: a frozen dataclass takes ten times as long to make.
    """

    id: JobId
    name: str
    state: State
    data: Any
    queue: str
    priority: int
    run_at: datetime
    version: int
    digest: str
    attempts: int
    lost: int
    max_attempts: int | None
    max_lost: int | None
    lease: str | None
    started_at: datetime | None
    finished_at: datetime | None
    deadline: datetime | None
    worker: str | None
    errors: tuple[Attempt, ...]
    interrupted: int
    meta: dict[str, Any]


def read(document: Mapping[str, Any]) -> Record:
    """Read a stored document; fields of the runtime's that are absent take their defaults.

    Raises:
        MalformedJob: a required field is missing or of the wrong type.
    """
    document = unpacked(document)
    job_id = document.get("_id")
    if not isinstance(job_id, ObjectId | str):
        raise MalformedJob("_id: must be an ObjectId or a string")
    state = _text(document, "state")
    if state not in STATES:
        raise MalformedJob(f"state: must be one of {', '.join(STATES)}")
    run_at = _time(document, "runAt")
    if run_at is None:
        raise MalformedJob("runAt: must be a date")
    held = document.get("errors")
    return Record(
        id=job_id,
        name=_text(document, "name"),
        state=state,
        data=document.get("data"),
        queue=_text(document, "queue"),
        priority=_count(document, "priority", 0),
        run_at=run_at,
        version=_count(document, "version", 1),
        digest=_optional_text(document, "schema") or "",
        attempts=_count(document, "attempts", 0),
        lost=_count(document, "lost", 0),
        max_attempts=None if document.get("maxAttempts") is None else _count(document, "maxAttempts", 0),
        max_lost=None if document.get("maxLost") is None else _count(document, "maxLost", 0),
        lease=_optional_text(document, "lease"),
        started_at=_time(document, "startedAt"),
        finished_at=_time(document, "finishedAt"),
        deadline=_time(document, "deadline"),
        worker=_optional_text(document, "worker"),
        errors=tuple(_attempt(entry) for entry in held if isinstance(entry, Mapping)) if isinstance(held, list) else (),
        interrupted=_count(document, "interrupted", 0),
        meta=_meta(document.get("meta")),
    )


def _text(document: Mapping[str, Any], key: str) -> str:
    value = document.get(key)
    if type(value) is str or isinstance(value, str):
        return value
    raise MalformedJob(f"{key}: must be a string")


def _optional_text(document: Mapping[str, Any], key: str) -> str | None:
    return None if document.get(key) is None else _text(document, key)


def _count(document: Mapping[str, Any], key: str, absent: int) -> int:
    value = document.get(key, absent)
    if type(value) is int:
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        raise MalformedJob(f"{key}: must be a whole number")
    return int(value)


def _time(document: Mapping[str, Any], key: str) -> datetime | None:
    value = document.get(key)
    if value is None:
        return None
    if not isinstance(value, datetime):
        raise MalformedJob(f"{key}: must be a date between the years 1 and 9999")
    return _aware(value)


def _aware(time: datetime) -> datetime:
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)


def _meta(value: object) -> dict[str, Any]:
    if value is None:
        return {}
    document = value.as_doc() if isinstance(value, DBRef) else value
    return dict(document) if isinstance(document, Mapping) else {}


def _attempt(entry: Mapping[str, Any]) -> Attempt:
    at = entry.get("at")
    number = entry.get("attempt")
    return Attempt(
        at=_aware(at) if isinstance(at, datetime) else None,
        attempt=number if isinstance(number, int) else 0,
        kind=str(entry.get("kind", "error")),
        type=str(entry.get("type", "")),
        message=str(entry.get("message", "")),
        traceback=str(entry.get("traceback", "")),
        place=str(entry.get("place", "")),
    )


def salvage(document: Mapping[str, Any]) -> Record:
    """Read of a malformed document what is needed to set it aside."""
    lease = document.get("lease")
    return Record(
        id=document["_id"],
        name=str(document.get("name")),
        state="running",
        data=None,
        queue=str(document.get("queue")),
        priority=0,
        run_at=datetime.now(UTC),
        version=1,
        digest="",
        attempts=0,
        lost=0,
        max_attempts=None,
        max_lost=None,
        lease=lease if isinstance(lease, str) else None,
        started_at=None,
        finished_at=None,
        deadline=None,
        worker=None,
        errors=(),
        interrupted=0,
        meta={},
    )
