"""Schema-first background jobs on MongoDB: what producers, handler authors and workers import."""

from memshelf.context import Context
from memshelf.errors import (
    DevServerError,
    DuplicateJobError,
    InputError,
    JobNotFoundError,
    JobStateError,
    LeaseLost,
    MalformedJob,
    MalformedSchedule,
    MemshelfError,
    ModelDisagrees,
    PayloadError,
    Problem,
    QueueingUncertain,
    ScheduleNotFoundError,
    SchemaDriftError,
    SettingsError,
    StoreUnavailable,
    UnknownJobError,
    WhenError,
)
from memshelf.events import Event, EventName, Listener
from memshelf.handle import AsyncJobHandle, JobHandle
from memshelf.job import Job
from memshelf.jobtype import Catalog, JobType
from memshelf.options import ManyOptions, QueueOptions, ScheduleOptions
from memshelf.outcome import Discard, Retry, Snooze
from memshelf.payload import MISSING, Payload
from memshelf.queues import AsyncQueue, BlockingQueue
from memshelf.registry import Registered, Registry
from memshelf.replaying import EditsRefused, Replayed, ReplayInterrupted
from memshelf.retry import RetryPolicy
from memshelf.selection import JobFilter
from memshelf.settings import Settings
from memshelf.states import State
from memshelf.timetable import EveryOptions, Schedule
from memshelf.when import When
from memshelf.worker import Worker

__all__ = [
    "MISSING",
    "AsyncJobHandle",
    "AsyncQueue",
    "BlockingQueue",
    "Catalog",
    "Context",
    "DevServerError",
    "Discard",
    "DuplicateJobError",
    "EditsRefused",
    "Event",
    "EventName",
    "EveryOptions",
    "InputError",
    "Job",
    "JobFilter",
    "JobHandle",
    "JobNotFoundError",
    "JobStateError",
    "JobType",
    "LeaseLost",
    "Listener",
    "MalformedJob",
    "MalformedSchedule",
    "ManyOptions",
    "MemshelfError",
    "ModelDisagrees",
    "Payload",
    "PayloadError",
    "Problem",
    "QueueOptions",
    "QueueingUncertain",
    "Registered",
    "Registry",
    "ReplayInterrupted",
    "Replayed",
    "Retry",
    "RetryPolicy",
    "Schedule",
    "ScheduleNotFoundError",
    "ScheduleOptions",
    "SchemaDriftError",
    "Settings",
    "SettingsError",
    "Snooze",
    "State",
    "StoreUnavailable",
    "UnknownJobError",
    "When",
    "WhenError",
    "Worker",
]
