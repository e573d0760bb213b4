"""Schema-first background jobs on MongoDB: what producers, handler authors and workers import."""

from __future__ import annotations

from memshelf.lazy import lazy

_HOMES = {
    "AsyncJobHandle": "memshelf.handle",
    "AsyncQueue": "memshelf.queues",
    "BlockingQueue": "memshelf.queues",
    "Catalog": "memshelf.jobtype",
    "Context": "memshelf.context",
    "DevServerError": "memshelf.errors",
    "Discard": "memshelf.outcome",
    "DuplicateJobError": "memshelf.errors",
    "EditsRefused": "memshelf.replaying",
    "Event": "memshelf.events",
    "EventName": "memshelf.events",
    "InputError": "memshelf.errors",
    "Job": "memshelf.job",
    "JobFilter": "memshelf.selection",
    "JobHandle": "memshelf.handle",
    "JobNotFoundError": "memshelf.errors",
    "JobStateError": "memshelf.errors",
    "JobType": "memshelf.jobtype",
    "LeaseLost": "memshelf.errors",
    "Listener": "memshelf.events",
    "MISSING": "memshelf.payload",
    "MalformedJob": "memshelf.errors",
    "ManyOptions": "memshelf.options",
    "MemshelfError": "memshelf.errors",
    "ModelDisagrees": "memshelf.errors",
    "Payload": "memshelf.payload",
    "PayloadError": "memshelf.errors",
    "Problem": "memshelf.errors",
    "QueueOptions": "memshelf.options",
    "QueueingUncertain": "memshelf.errors",
    "Registered": "memshelf.registry",
    "Registry": "memshelf.registry",
    "ReplayInterrupted": "memshelf.replaying",
    "Replayed": "memshelf.replaying",
    "Retry": "memshelf.outcome",
    "RetryPolicy": "memshelf.retry",
    "ScheduleOptions": "memshelf.options",
    "SchemaDriftError": "memshelf.errors",
    "Settings": "memshelf.settings",
    "SettingsError": "memshelf.errors",
    "Snooze": "memshelf.outcome",
    "State": "memshelf.states",
    "StoreUnavailable": "memshelf.errors",
    "UnknownJobError": "memshelf.errors",
    "When": "memshelf.when",
    "WhenError": "memshelf.errors",
    "Worker": "memshelf.worker",
}

__all__ = [*_HOMES]  # pyright: ignore[reportUnsupportedDunderAll]
__getattr__, __dir__ = lazy(__name__, _HOMES)
