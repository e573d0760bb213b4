"""The keyword-only options that every queue method takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias, TypedDict

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.client_session import ClientSession

from memshelf.when import When

JobId: TypeAlias = ObjectId | str


class _Options(TypedDict, total=False):
    timezone: str
    """An IANA name for words such as `tomorrow at noon`; default: the setting `timezone`."""
    priority: int
    """0 to 9, higher first; default: the schema's."""
    queue: str
    """The queue's name; default: the schema's."""
    session: ClientSession | AsyncClientSession
    """The caller's session: the jobs commit or abort with its transaction."""
    meta: dict[str, Any]
    """Anything JSON that travels with the job and that handlers may read; no schema describes it."""


class ScheduleOptions(_Options, total=False):
    """Options of `schedule_x`, which takes its time as the first argument."""

    id: JobId
    """The job's id; queueing the same job again under the same id changes nothing."""


class QueueOptions(ScheduleOptions, total=False):
    """Options of `queue_x`."""

    at: When
    """Not before this time; default: now."""


class ManyOptions(_Options, total=False):
    """Options of `queue_x_many`; they hold for every job of the call."""

    at: When
    """Not before this time; default: now."""
    ids: Sequence[JobId]
    """One id for each payload, in order; queueing again under the same ids is safe."""
