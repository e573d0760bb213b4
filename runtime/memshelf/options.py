"""The keyword-only options that every queue method takes."""

from __future__ import annotations

from typing import Any, TypeAlias, TypedDict

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.client_session import ClientSession

from memshelf.when import When

JobId: TypeAlias = ObjectId | str


class ManyOptions(TypedDict, total=False):
    """Options of `queue_x_many`; they hold for every job of the call."""

    at: When
    """Not before this time; words are read in `timezone`."""
    timezone: str
    """An IANA name for words such as `tomorrow at noon`; default UTC."""
    priority: int
    """0 to 9, higher first; default: the schema's."""
    queue: str
    """The queue's name; default: the schema's."""
    session: ClientSession | AsyncClientSession
    """The caller's session: the jobs commit or abort with its transaction."""
    meta: dict[str, Any]
    """Anything JSON that travels with the job and that handlers may read; it is not validated by the schema."""


class QueueOptions(ManyOptions, total=False):
    """Options of `queue_x`."""

    id: JobId
    """The job's id; queueing the same job again under the same id changes nothing."""


class ScheduleOptions(TypedDict, total=False):
    """Options of `schedule_x`, which takes its time as the first argument."""

    timezone: str
    priority: int
    queue: str
    session: ClientSession | AsyncClientSession
    meta: dict[str, Any]
    id: JobId
