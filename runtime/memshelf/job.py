"""One job as people see it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, TypeVar

from memshelf.document import Attempt, Record
from memshelf.options import JobId
from memshelf.payload import Payload
from memshelf.states import State

P = TypeVar("P", bound=Payload, covariant=True)


class Job(Generic[P]):
    """What was known of a job when it was last read."""

    def __init__(self, record: Record, read: Callable[[Any], P]) -> None:
        self._record = record
        self._read = read
        self._payload: P | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name} {self.id} {self.state}>"

    @property
    def id(self) -> JobId:
        """The job's id."""
        return self._record.id

    @property
    def name(self) -> str:
        """The job's name on the wire."""
        return self._record.name

    @property
    def payload(self) -> P:
        """The typed payload.

        Raises:
            PayloadError: what is stored is not valid, as in a quarantined job.
        """
        if self._payload is None:
            self._payload = self._read(self._record.data)
        return self._payload

    @property
    def state(self) -> State:
        """ready, running, succeeded, dead, cancelled or quarantined."""
        return self._record.state

    @property
    def status(self) -> State:
        """Another word for `state`."""
        return self._record.state

    @property
    def attempts(self) -> int:
        """How many attempts were charged, a running one included."""
        return self._record.attempts

    @property
    def lost(self) -> int:
        """How many attempts ended without an outcome."""
        return self._record.lost

    @property
    def queue(self) -> str:
        """The queue's name."""
        return self._record.queue

    @property
    def priority(self) -> int:
        """0 to 9, higher first."""
        return self._record.priority

    @property
    def run_at(self) -> datetime:
        """Not before this time; aware, UTC."""
        return self._record.run_at

    @property
    def started_at(self) -> datetime | None:
        """When the newest attempt began; aware, UTC."""
        return self._record.started_at

    @property
    def last_run_at(self) -> datetime | None:
        """Another word for `started_at`."""
        return self._record.started_at

    @property
    def finished_at(self) -> datetime | None:
        """When the job reached its final state; aware, UTC."""
        return self._record.finished_at

    @property
    def errors(self) -> tuple[Attempt, ...]:
        """How earlier attempts went wrong, oldest first."""
        return self._record.errors

    @property
    def version(self) -> int:
        """The version of the schema under which the job was queued."""
        return self._record.version

    @property
    def meta(self) -> dict[str, Any]:
        """What the producer sent along outside the payload."""
        return self._record.meta
