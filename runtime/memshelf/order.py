"""From a payload and its options to the document that will be stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from bson import ObjectId

from memshelf.errors import InputError, PayloadError, Problem
from memshelf.jobtype import JobType
from memshelf.options import JobId, ManyOptions, QueueOptions
from memshelf.payload import Payload, wire
from memshelf.plain import NotPlain, plain
from memshelf.settings import Settings
from memshelf.when import resolve

P = TypeVar("P", bound=Payload)
META_LIMIT = 100_000
"""Bytes of `meta`."""


def order(
    job: JobType[P], payload: P | Mapping[str, Any], options: QueueOptions, now: datetime, settings: Settings
) -> dict[str, Any]:
    """Write one job.

    Raises:
        PayloadError: the payload is not valid under the job's schema.
        InputError: an option is out of range.
        WhenError: `at` cannot be read, or lies in the past.
    """
    data, problems = judged(job, payload, None)
    if problems:
        raise PayloadError(job.name, problems)
    return {"_id": _job_id(options.get("id")), **_frame(job, options, now, settings), "data": data}


def order_many(
    job: JobType[P],
    payloads: Iterable[P | Mapping[str, Any]],
    options: ManyOptions,
    now: datetime,
    settings: Settings,
) -> list[dict[str, Any]]:
    """Write several jobs, or none: every bad payload is reported with its index.

    Raises:
        PayloadError: at least one payload is not valid.
        InputError: an option is out of range, or `ids` does not fit.
        WhenError: `at` cannot be read, or lies in the past.
    """
    verdicts = [judged(job, payload, index) for index, payload in enumerate(payloads)]
    problems = [problem for _, found in verdicts for problem in found]
    if problems:
        raise PayloadError(job.name, problems)
    ids: list[JobId | None] = list(options.get("ids", ())) or [None] * len(verdicts)
    if len(ids) != len(verdicts):
        raise InputError(f"ids: must have one id for each of the {len(verdicts)} payloads, got {len(ids)}")
    frame = _frame(job, options, now, settings)
    return [{"_id": _job_id(job_id), **frame, "data": data} for job_id, (data, _) in zip(ids, verdicts, strict=True)]


def judged(job: JobType[P], payload: P | Mapping[str, Any], index: int | None = None) -> tuple[Any, list[Problem]]:
    """Give the payload as plain JSON, and what is wrong with it."""
    written = wire(payload) if isinstance(payload, Payload) else payload
    try:
        data = plain(written, max_bytes=job.max_payload)
    except NotPlain as error:
        return None, [Problem(error.path, error.message, index)]
    return data, job.schema.judge.problems(data, index=index)


def _frame(job: JobType[P], options: QueueOptions | ManyOptions, now: datetime, settings: Settings) -> dict[str, Any]:
    priority: object = options.get("priority", job.priority)
    if isinstance(priority, bool) or not isinstance(priority, int) or not 0 <= priority <= 9:
        raise InputError(f"priority: must be a whole number from 0 to 9, got {priority!r}")
    queue: object = options.get("queue", job.queue)
    if not isinstance(queue, str) or not queue or "\0" in queue:
        raise InputError(f"queue: must be a name, got {queue!r}")
    at = options.get("at")
    frame: dict[str, Any] = {
        "name": job.name,
        "state": "ready",
        "queue": queue,
        "priority": priority,
        "runAt": now if at is None else resolve(at, now=now, timezone=options.get("timezone", settings.timezone)),
        "version": job.version,
        "schema": job.schema.digest,
        "attempts": 0,
        "lost": 0,
        "maxAttempts": job.retries.max + 1,
        "maxLost": job.max_lost,
    }
    if "meta" in options:
        try:
            frame["meta"] = plain(options["meta"], max_bytes=META_LIMIT)
        except NotPlain as error:
            raise InputError(f"meta: {error.path}: {error.message}") from None
    return frame


def _job_id(given: object) -> JobId:
    if given is None:
        return ObjectId()
    if not isinstance(given, ObjectId | str) or given == "":
        raise InputError(f"id: must be an ObjectId or a text that is not empty, got {type(given).__name__}")
    return given
