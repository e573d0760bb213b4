"""A queued job in its producer's hands: what is known of it, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from memshelf import document
from memshelf.document import Record
from memshelf.errors import PayloadError, UnknownJobError
from memshelf.flows import shelf
from memshelf.flows.replay import Revision
from memshelf.job import Job
from memshelf.jobtype import JobType
from memshelf.mongo import AsyncStore, Store
from memshelf.order import judged
from memshelf.payload import Payload
from memshelf.retention import Retention, retention_of
from memshelf.states import State
from memshelf.when import When, resolve

P = TypeVar("P", bound=Payload, covariant=True)


class JobHandle(Job[P]):
    """A job of a blocking queue."""

    def __init__(self, record: Record, read: Callable[[Any], P], store: Store, job: JobType[Any] | None) -> None:
        super().__init__(record, read)
        self._store = store
        self._type = job

    def refresh(self) -> JobHandle[P]:
        """Read the job again; gives itself.

        Raises:
            JobNotFoundError: it is gone.
        """
        self._update(self._store.run(shelf.get(self.id)))
        return self

    def cancel(self) -> State:
        """Cancel the job, or ask its worker to stop it; gives the new state, `running` while the worker is asked.

        Raises:
            JobStateError: it is in a final state.
            JobNotFoundError: it is gone.
        """
        return self._update(self._store.run(shelf.cancel(self.id, _kept(self._store, self._type))))

    def schedule(self, when: When, *, timezone: str | None = None) -> State:
        """Move the job to another time; gives the new state.

        Raises:
            WhenError: the time cannot be read, or lies in the past.
            JobStateError: the job is not waiting.
            JobNotFoundError: it is gone.
        """
        run_at = resolve(when, now=self._store.now(), timezone=timezone or self._store.settings.timezone)
        return self._update(self._store.run(shelf.reschedule(self.id, run_at)))

    def replay(self, payload: Payload | Mapping[str, Any] | None = None) -> State:
        """Make a dead, cancelled or quarantined job ready again; gives the new state.

        Args:
            payload: takes the place of the stored one, which is lost; default: that one.

        Raises:
            PayloadError: the payload is not valid under the job's schema; nothing was written.
            UnknownJobError: a payload is given, and the catalog does not know the job.
            JobStateError: the job is in another state.
            JobNotFoundError: it is gone.
        """
        return self._update(self._store.run(shelf.replay(self.id, _revised(self, self._type, payload))))

    def remove(self) -> State:
        """Delete the job; gives the state in which it was.

        Raises:
            JobStateError: it is running.
            JobNotFoundError: it is gone.
        """
        return self._update(self._store.run(shelf.remove(self.id)))

    def _update(self, found: shelf.Document) -> State:
        self._record = document.read(found)
        self._payload = None
        return self._record.state


class AsyncJobHandle(Job[P]):
    """A job of an asyncio queue."""

    def __init__(self, record: Record, read: Callable[[Any], P], store: AsyncStore, job: JobType[Any] | None) -> None:
        super().__init__(record, read)
        self._store = store
        self._type = job

    async def refresh(self) -> AsyncJobHandle[P]:
        """Read the job again; gives itself.

        Raises:
            JobNotFoundError: it is gone.
        """
        self._update(await self._store.run(shelf.get(self.id)))
        return self

    async def cancel(self) -> State:
        """Cancel the job, or ask its worker to stop it; gives the new state, `running` while the worker is asked.

        Raises:
            JobStateError: it is in a final state.
            JobNotFoundError: it is gone.
        """
        return self._update(await self._store.run(shelf.cancel(self.id, _kept(self._store, self._type))))

    async def schedule(self, when: When, *, timezone: str | None = None) -> State:
        """Move the job to another time; gives the new state.

        Raises:
            WhenError: the time cannot be read, or lies in the past.
            JobStateError: the job is not waiting.
            JobNotFoundError: it is gone.
        """
        run_at = resolve(when, now=await self._store.now(), timezone=timezone or self._store.settings.timezone)
        return self._update(await self._store.run(shelf.reschedule(self.id, run_at)))

    async def replay(self, payload: Payload | Mapping[str, Any] | None = None) -> State:
        """Make a dead, cancelled or quarantined job ready again; as the blocking handle does it."""
        return self._update(await self._store.run(shelf.replay(self.id, _revised(self, self._type, payload))))

    async def remove(self) -> State:
        """Delete the job; gives the state in which it was.

        Raises:
            JobStateError: it is running.
            JobNotFoundError: it is gone.
        """
        return self._update(await self._store.run(shelf.remove(self.id)))

    def _update(self, found: shelf.Document) -> State:
        self._record = document.read(found)
        self._payload = None
        return self._record.state


def _kept(store: Store | AsyncStore, job: JobType[Any] | None) -> Retention:
    return retention_of(store.settings.retention, job)


def _revised(job: Job[Any], kind: JobType[Any] | None, payload: Payload | Mapping[str, Any] | None) -> Revision | None:
    if payload is None:
        return None
    if kind is None:
        raise UnknownJobError(f"the catalog knows no job {job.name!r}, so it cannot judge a payload for it")
    data, problems = judged(kind, payload)
    if problems:
        raise PayloadError(kind.name, problems)
    return Revision(data, kind.version, kind.schema.digest)
