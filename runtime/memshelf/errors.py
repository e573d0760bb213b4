"""The errors of memshelf, one tree.

MemshelfError
├── InputError (ValueError)     the caller gave something that cannot be used; nothing was stored
│   ├── PayloadError            a payload is not valid under its job's schema
│   ├── EditsRefused            edited payloads are not valid under their jobs' schemas; no job was replayed
│   ├── WhenError               a time or a duration that cannot be read, or lies in the past
│   ├── SettingsError           an environment variable or setting has a bad value
│   ├── SchemaDriftError        the schema folder is not what the generated code was made of
│   └── UnknownJobError         no job type of that name in the catalog
├── JobStateError               the job is in a state that does not allow the action
├── JobNotFoundError            no job with that id
├── ReplayInterrupted           the server went away while many jobs were replayed; says what is done and what is not
├── ScheduleNotFoundError       no schedule with that id
├── DuplicateJobError           a job with that id exists already, with other contents
├── MalformedSchedule           a stored document cannot be a schedule
├── MalformedJob             a stored document cannot be a job; somebody wrote past the queue
├── QueueingUncertain           the server did not say whether the jobs were stored; queue again with the same ids
├── StoreUnavailable            MongoDB cannot be reached or refuses to work
├── LeaseLost                   this worker no longer owns the job
├── ModelDisagrees              the schema accepts a payload that its generated model refuses: a fault of memshelf
└── DevServerError              the development server cannot be found or started
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class MemshelfError(Exception):
    """The root of every error that memshelf raises."""


class InputError(MemshelfError, ValueError):
    """The caller gave something that cannot be used; nothing was stored."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a payload."""

    path: str
    """Where, as `$.lines[2].amount`; `$` is the payload itself."""
    message: str
    """What is wrong and what would be right, without the offending value."""
    index: int | None = None
    """Which payload, when several were queued together; counted from 0."""

    def __str__(self) -> str:
        place = self.path if self.index is None else f"payload {self.index}, {self.path}"
        return f"{place}: {self.message}"


class PayloadError(InputError):
    """A payload is not valid under its job's schema."""

    def __init__(self, job: str, problems: Sequence[Problem]) -> None:
        self.job = job
        self.problems = tuple(problems)
        count = f"{len(self.problems)} problem{'s' if len(self.problems) != 1 else ''}"
        lines = "".join(f"\n  {problem}" for problem in self.problems)
        super().__init__(f"{job}: the payload is not valid under the job's schema, {count}{lines}")


class WhenError(InputError):
    """A time or a duration that cannot be read, or lies in the past."""


class SettingsError(InputError):
    """An environment variable or setting has a bad value."""


class SchemaDriftError(InputError):
    """The schema folder is not what the generated code was made of, and MEMSHELF_SCHEMA_DRIFT says to refuse that."""


class UnknownJobError(InputError):
    """No job type of that name in the catalog."""


class JobStateError(MemshelfError):
    """The job is in a state that does not allow the action."""

    def __init__(self, job_id: object, state: str, action: str, allowed: Sequence[str]) -> None:
        self.job_id = job_id
        self.state = state
        self.action = action
        self.allowed = tuple(allowed)
        super().__init__(f"job {job_id}: cannot {action} a job that is {state}; it must be {' or '.join(allowed)}")


class JobNotFoundError(MemshelfError):
    """No job with that id."""

    def __init__(self, job_id: object) -> None:
        self.job_id = job_id
        super().__init__(f"job {job_id}: not found; it may have been removed, or its retention has passed")


class ScheduleNotFoundError(MemshelfError):
    """No schedule with that id."""

    def __init__(self, schedule_id: object) -> None:
        self.schedule_id = schedule_id
        super().__init__(f"schedule {schedule_id}: not found; `memshelf schedules list` shows the ids of all")


class MalformedSchedule(MemshelfError):
    """A stored document cannot be a schedule, or names a time zone that this machine does not know."""


class MalformedJob(MemshelfError):
    """A stored document cannot be a job; says which field is wrong and what it should be."""


class DuplicateJobError(MemshelfError):
    """A job with that id exists already, with other contents."""

    def __init__(self, job_ids: Sequence[object]) -> None:
        self.job_ids = tuple(job_ids)
        listed = ", ".join(map(str, self.job_ids[:10]))
        super().__init__(f"a different job with this id exists already: {listed}; leave `id` out, or choose another")


class QueueingUncertain(MemshelfError):
    """The server did not say whether the jobs were stored; queueing again with the same ids is safe."""

    def __init__(self, job_ids: Sequence[object], cause: str) -> None:
        self.job_ids = tuple(job_ids)
        listed = ", ".join(map(str, self.job_ids[:10])) + (", …" if len(self.job_ids) > 10 else "")
        super().__init__(
            f"it is not known whether the job was stored ({cause}); queue it again with id={listed}: "
            "that cannot make a second one"
        )


class StoreUnavailable(MemshelfError):
    """MongoDB cannot be reached or refuses to work."""


class LeaseLost(MemshelfError):
    """This worker no longer owns the job; whatever it would write is refused."""


class ModelDisagrees(MemshelfError):
    """The schema accepts a payload that its generated model refuses: a fault of memshelf, please report it."""


class DevServerError(MemshelfError):
    """The development server cannot be found or started."""
