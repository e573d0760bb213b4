"""A schedule: how it is asked for, how it is stored, and how it is read back."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Required, TypeAlias, TypedDict, cast

from memshelf.durations import DURATION_PATTERN, format_duration
from memshelf.errors import InputError, MalformedSchedule
from memshelf.jobtype import MISFIRES, JobType, Misfire, Scheduled
from memshelf.order import order
from memshelf.payload import Payload
from memshelf.rhythm import ByInterval, Rhythm, by_cron, interval
from memshelf.settings import Settings

Source: TypeAlias = Literal["schema", "run time"]
Document: TypeAlias = Mapping[str, Any]
OF_SCHEMA = "#"
OF_RUN_TIME = ":"
"""What stands between the job's name and the schedule's key in an id."""
LONGEST_KEY = 200
OF_THE_TICK = ("_id", "runAt")
"""What each job of a schedule has for itself."""
RHYTHM = ("cron", "every", "timezone")


class EveryOptions(TypedDict, total=False):
    """Options of `every_x`."""

    key: Required[str]
    """Which schedule of the job this is: the same key again changes it, or nothing if all is the same."""
    timezone: str
    """The IANA name of the zone of a cron text; default: the setting `timezone`."""
    misfire: Misfire
    """What becomes of ticks that were missed: `skip`, `once` (the newest) or `all`; default: `once`."""
    priority: int
    """0 to 9, higher first; default: the schema's."""
    queue: str
    """The queue's name; default: the schema's."""
    meta: dict[str, Any]
    """Anything JSON that travels with each job and that handlers may read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A schedule as it is stored."""

    id: str
    """`send-email#1` for the first one in a schema, `send-email:` and its key for one of run time."""
    name: str
    """The job's name on the wire."""
    source: Source
    cron: str | None
    every: timedelta | None
    timezone: str | None
    """The zone of a cron text."""
    misfire: Misfire
    payload: Mapping[str, Any]
    queue: str
    priority: int
    paused: bool
    next_tick: datetime | None
    """None while it is paused, and when no tick will ever come."""
    last_tick: datetime | None
    """The last tick that made a job."""

    @property
    def rhythm(self) -> str:
        """When it ticks, for people."""
        return f"every {format_duration(self.every)}" if self.every is not None else f"{self.cron} ({self.timezone})"


def of_schema(job: JobType[Any], scheduled: Scheduled, settings: Settings) -> dict[str, Any]:
    """Write a schedule that a job's schema has, without its times.

    Raises:
        PayloadError: the payload is not valid under the schema that this process has.
    """
    every = {"every": scheduled.every} if scheduled.every is not None else {"cron": scheduled.cron}
    zone = {} if scheduled.every is not None else {"timezone": scheduled.timezone}
    frame = _frame(job, scheduled.payload, {}, settings)
    return _written(f"{job.name}{OF_SCHEMA}{scheduled.key}", "schema", {**every, **zone}, scheduled.misfire, frame)


def of_run_time(
    job: JobType[Any],
    rhythm: str | timedelta,
    payload: Payload | Mapping[str, Any],
    options: EveryOptions,
    settings: Settings,
) -> dict[str, Any]:
    """Write a schedule that a program asks for, without its times.

    Raises:
        PayloadError: the payload is not valid under the job's schema.
        WhenError: the rhythm is no cron text and no interval, or there is no such zone.
        InputError: an option is out of range.
    """
    key: object = options.get("key")
    if not isinstance(key, str) or not key or "\0" in key or len(key) > LONGEST_KEY:
        raise InputError(f"key: must be a text of 1 to {LONGEST_KEY} characters, got {str(key)[:LONGEST_KEY]!r}")
    misfire: object = options.get("misfire", "once")
    if misfire not in MISFIRES:
        raise InputError(f"misfire: must be skip, once or all, got {misfire!r}")
    frame = _frame(job, payload, options, settings)
    written = _rhythm(rhythm, options.get("timezone"), settings)
    return _written(f"{job.name}{OF_RUN_TIME}{key}", "run time", written, misfire, frame)


def rhythm_of(document: Document) -> Rhythm:
    """Give when a stored schedule ticks.

    Raises:
        MalformedSchedule: it does not say that, or names a zone that this machine does not know.
    """
    try:
        if "every" in document:
            return ByInterval(timedelta(milliseconds=document["every"]), document["anchor"])
        return by_cron(document["cron"], document["timezone"])
    except (InputError, KeyError, TypeError) as error:
        raise MalformedSchedule(f"schedule {document.get('_id')}: {error}") from error


def read_schedule(document: Document) -> Schedule:
    """Read a stored schedule."""
    every = document.get("every")
    job = document["job"]
    return Schedule(
        id=document["_id"],
        name=document["name"],
        source=document["source"],
        cron=document.get("cron"),
        every=None if every is None else timedelta(milliseconds=every),
        timezone=document.get("timezone"),
        misfire=document["misfire"],
        payload=job["data"],
        queue=job["queue"],
        priority=int(job["priority"]),
        paused=bool(document.get("paused")),
        next_tick=document.get("nextAt"),
        last_tick=document.get("lastAt"),
    )


def first_times(wanted: Document, held: Document | None, now: datetime) -> dict[str, Any]:
    """Give a schedule its times: what it keeps of the one that it replaces, and its first tick.

    A change of the payload moves no tick. An interval that stays has the anchor that it had; a new one begins now.
    """
    held = held or {}
    keeps = bool(held) and all(wanted.get(key) == held.get(key) for key in RHYTHM)
    times: dict[str, Any] = {"paused": bool(held.get("paused")), "lastAt": held.get("lastAt")}
    if "every" in wanted:
        times["anchor"] = held["anchor"] if keeps else now.replace(microsecond=0)
    if times["paused"]:
        return {**wanted, **times}
    tick = held.get("nextAt") if keeps else rhythm_of({**wanted, **times}).after(now)
    return {**wanted, **times, **({} if tick is None else {"nextAt": tick})}


def deployment(schedules: Sequence[Document]) -> str:
    """Give the digest of all schedules that a schema has; `none` without any."""
    return _digest([each["digest"] for each in schedules]) if schedules else "none"


def _rhythm(rhythm: str | timedelta, timezone: str | None, settings: Settings) -> dict[str, Any]:
    if not isinstance(rhythm, str | timedelta):
        raise InputError(f"a rhythm is a cron text, or an interval such as `15 minutes`, got {type(rhythm).__name__}")
    text = " ".join(rhythm.split()) if isinstance(rhythm, str) else ""
    if isinstance(rhythm, timedelta) or text.startswith("every ") or re.fullmatch(DURATION_PATTERN, text):
        if timezone is not None:
            raise InputError("timezone: an interval has none, it is the same in every zone; leave it out")
        return {"every": interval(rhythm if isinstance(rhythm, timedelta) else text)}
    zone = timezone or settings.timezone
    by_cron(text, zone)
    return {"cron": text, "timezone": zone}


def _frame(
    job: JobType[Any], payload: Payload | Mapping[str, Any], options: Mapping[str, Any], settings: Settings
) -> dict[str, Any]:
    asked: Any = {key: options[key] for key in ("queue", "priority", "meta") if key in options}
    written = order(job, payload, asked, datetime.now(UTC), settings)
    return {key: value for key, value in written.items() if key not in OF_THE_TICK}


def _written(
    schedule_id: str, source: Source, rhythm: dict[str, Any], misfire: object, frame: dict[str, Any]
) -> dict[str, Any]:
    if "every" in rhythm:
        rhythm = {"every": cast(timedelta, rhythm["every"]) // timedelta(milliseconds=1)}
    definition = {**rhythm, "misfire": misfire, "job": frame}
    return {"_id": schedule_id, "name": frame["name"], "source": source, **definition, "digest": _digest(definition)}


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:32]
