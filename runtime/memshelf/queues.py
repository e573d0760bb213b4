"""Where producers put jobs: the blocking queue and the asyncio queue that generated queues extend."""

from __future__ import annotations

import functools
import inspect
import secrets
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, ClassVar, Literal, Self, TypeVar

from typing_extensions import Unpack

from memshelf import parts
from memshelf.errors import InputError
from memshelf.jobtype import Catalog, JobType
from memshelf.scheduling import AsyncScheduling, BlockingScheduling

P = TypeVar("P", bound="parts.Payload")


class BlockingQueue(BlockingScheduling):
    """Queues jobs from blocking code; safe to share between threads, and usable after a fork."""

    catalog: ClassVar[Catalog] = Catalog(())

    def __init__(self, *, client: parts.MongoClient[Any] | None = None, settings: parts.Settings | None = None) -> None:
        self._store = parts.Store(settings or parts.Settings.load(), client)
        self._listeners = parts.Listeners()

    def on(self, event: Literal["queued"], listener: parts.Listener) -> None:
        """Have a function called for every job that is queued here, after it was stored.

        Inside a caller's transaction that is before the commit.

        Raises:
            InputError: a coroutine function, which blocking code cannot await.
        """
        if inspect.iscoroutinefunction(listener):
            raise InputError("listener: a blocking queue calls plain functions, not coroutine functions")
        self._listeners.add(event, listener)

    @classmethod
    def connect(cls, url: str | None = None, *, settings: parts.Settings | None = None) -> Self:
        """Open a queue on a server; the connection is made on first use.

        Args:
            url: a MongoDB connection string; default: the settings'.
            settings: default: from the environment variables `MEMSHELF_*`.

        Raises:
            SettingsError: a setting has a bad value.
        """
        return cls(settings=_settings(url, settings))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection, if the queue made it."""
        self._store.close()

    def queue(
        self, job: JobType[P], payload: P | Mapping[str, Any], **options: Unpack[parts.QueueOptions]
    ) -> parts.JobHandle[P]:
        """Queue one job.

        Raises:
            PayloadError: the payload is not valid under the job's schema; nothing was stored.
            WhenError: `at` cannot be read, or lies in the past.
            DuplicateJobError: `id` is taken by a different job.
            QueueingUncertain: the server did not confirm; queue again with the same id.
            StoreUnavailable: no server was found; nothing was stored.
        """
        session = options.get("session")
        if isinstance(session, parts.AsyncClientSession):
            raise InputError("session: a blocking queue takes a ClientSession, not an AsyncClientSession")
        stored = parts.order(job, payload, options, self._store.now(), self._store.settings)
        held = self._store.run(parts.enqueue([stored], session))
        return self._queued(job, held.get(stored["_id"], stored))

    def queue_many(
        self, job: JobType[P], payloads: Iterable[P | Mapping[str, Any]], **options: Unpack[parts.ManyOptions]
    ) -> list[parts.JobHandle[P]]:
        """Queue several jobs, or none if one payload is bad.

        Raises:
            PayloadError: names every bad payload by its index; nothing was stored.
            WhenError, DuplicateJobError, QueueingUncertain, StoreUnavailable: as for `queue`.
        """
        session = options.get("session")
        if isinstance(session, parts.AsyncClientSession):
            raise InputError("session: a blocking queue takes a ClientSession, not an AsyncClientSession")
        stored = parts.order_many(job, payloads, options, self._store.now(), self._store.settings)
        held = self._store.run(parts.enqueue(stored, session)) if stored else {}
        return [self._queued(job, held.get(each["_id"], each)) for each in stored]

    def schedule(
        self,
        job: JobType[P],
        when: parts.When,
        payload: P | Mapping[str, Any],
        **options: Unpack[parts.ScheduleOptions],
    ) -> parts.JobHandle[P]:
        """Queue one job for later.

        Args:
            when: an aware datetime, a timedelta, ISO 8601 text, or words such as `in 30 minutes`.

        Raises:
            WhenError: the time cannot be read, or lies in the past.
            PayloadError, DuplicateJobError, QueueingUncertain, StoreUnavailable: as for `queue`.
        """
        return self.queue(job, payload, at=when, **options)

    def get(self, job_id: parts.JobId) -> parts.JobHandle[Any]:
        """Read a job of any type.

        Raises:
            JobNotFoundError: there is none.
        """
        found = self._store.run(parts.get_job(job_id))
        return self._handle(self.catalog.find(str(found.get("name"))), found)

    def replay(self, job_id: parts.JobId, payload: Any = None) -> parts.JobHandle[Any]:
        """Make one dead, cancelled or quarantined job ready again; `payload` and errors are those of its handle."""
        found = self.get(job_id)
        found.replay(payload)
        return found

    def replay_many(self, chosen: parts.JobFilter, **options: Unpack[parts.ReplayOptions]) -> parts.Replayed:
        """Replay the jobs of a filter, in batches: the dead ones, where it names no state.

        What was replayed stays so, whatever happens; the same call again goes on with the rest. However many call this
        at the same time, a job is replayed once for its end.

        Raises:
            EditsRefused: at least one edited payload is not valid; names all of them, and nothing was written.
            InputError: the filter or an option cannot be used.
            ReplayInterrupted: the server went away; says what is done and what is not.
            StoreUnavailable: no server was found; nothing was done.
        """
        now = self._store.now()
        return self._store.run(
            parts.replaying(chosen, options, catalog=self.catalog, now=now, token=secrets.token_hex(8))
        )

    def _queued(self, job: JobType[P], stored: Mapping[str, Any]) -> parts.JobHandle[P]:
        handle = self._handle(job, stored)
        if self._listeners.hear("queued"):
            self._listeners.tell(parts.Event("queued", handle, handle.id, handle.name))
        return handle

    def _handle(self, job: JobType[P] | None, stored: Mapping[str, Any]) -> parts.JobHandle[P]:
        read: Any = parts.read_unknown if job is None else functools.partial(parts.read_payload, job)
        return parts.JobHandle(parts.read_document(stored), read, self._store, job)


class AsyncQueue(AsyncScheduling):
    """Queues jobs from asyncio code."""

    catalog: ClassVar[Catalog] = Catalog(())

    def __init__(
        self, *, client: parts.AsyncMongoClient[Any] | None = None, settings: parts.Settings | None = None
    ) -> None:
        self._store = parts.AsyncStore(settings or parts.Settings.load(), client)
        self._listeners = parts.Listeners()

    def on(self, event: Literal["queued"], listener: parts.Listener) -> None:
        """Have a function or coroutine function called for every job that is queued here, after it was stored.

        Inside a caller's transaction that is before the commit.
        """
        self._listeners.add(event, listener)

    @classmethod
    def connect(cls, url: str | None = None, *, settings: parts.Settings | None = None) -> Self:
        """Open a queue on a server; the connection is made on first use.

        Args:
            url: a MongoDB connection string; default: the settings'.
            settings: default: from the environment variables `MEMSHELF_*`.

        Raises:
            SettingsError: a setting has a bad value.
        """
        return cls(settings=_settings(url, settings))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connection, if the queue made it."""
        await self._store.close()

    async def queue(
        self, job: JobType[P], payload: P | Mapping[str, Any], **options: Unpack[parts.QueueOptions]
    ) -> parts.AsyncJobHandle[P]:
        """Queue one job; options and errors are those of the blocking queue."""
        session = options.get("session")
        if isinstance(session, parts.ClientSession):
            raise InputError("session: an asyncio queue takes an AsyncClientSession, not a ClientSession")
        stored = parts.order(job, payload, options, await self._store.now(), self._store.settings)
        held = await self._store.run(parts.enqueue([stored], session))
        return self._queued(job, held.get(stored["_id"], stored))

    async def queue_many(
        self, job: JobType[P], payloads: Iterable[P | Mapping[str, Any]], **options: Unpack[parts.ManyOptions]
    ) -> list[parts.AsyncJobHandle[P]]:
        """Queue several jobs, or none if one payload is bad; errors are those of the blocking queue."""
        session = options.get("session")
        if isinstance(session, parts.ClientSession):
            raise InputError("session: an asyncio queue takes an AsyncClientSession, not a ClientSession")
        stored = parts.order_many(job, payloads, options, await self._store.now(), self._store.settings)
        held = await self._store.run(parts.enqueue(stored, session)) if stored else {}
        return [self._queued(job, held.get(each["_id"], each)) for each in stored]

    async def schedule(
        self,
        job: JobType[P],
        when: parts.When,
        payload: P | Mapping[str, Any],
        **options: Unpack[parts.ScheduleOptions],
    ) -> parts.AsyncJobHandle[P]:
        """Queue one job for later; `when` and errors are those of the blocking queue."""
        return await self.queue(job, payload, at=when, **options)

    async def get(self, job_id: parts.JobId) -> parts.AsyncJobHandle[Any]:
        """Read a job of any type.

        Raises:
            JobNotFoundError: there is none.
        """
        found = await self._store.run(parts.get_job(job_id))
        return self._handle(self.catalog.find(str(found.get("name"))), found)

    async def replay(self, job_id: parts.JobId, payload: Any = None) -> parts.AsyncJobHandle[Any]:
        """Make one dead, cancelled or quarantined job ready again; `payload` and errors are those of its handle."""
        found = await self.get(job_id)
        await found.replay(payload)
        return found

    async def replay_many(self, chosen: parts.JobFilter, **options: Unpack[parts.ReplayOptions]) -> parts.Replayed:
        """Replay the jobs of a filter, in batches; options and errors are those of the blocking queue."""
        now = await self._store.now()
        return await self._store.run(
            parts.replaying(chosen, options, catalog=self.catalog, now=now, token=secrets.token_hex(8))
        )

    def _queued(self, job: JobType[P], stored: Mapping[str, Any]) -> parts.AsyncJobHandle[P]:
        handle = self._handle(job, stored)
        if self._listeners.hear("queued"):
            self._listeners.tell(parts.Event("queued", handle, handle.id, handle.name))
        return handle

    def _handle(self, job: JobType[P] | None, stored: Mapping[str, Any]) -> parts.AsyncJobHandle[P]:
        read: Any = parts.read_unknown if job is None else functools.partial(parts.read_payload, job)
        return parts.AsyncJobHandle(parts.read_document(stored), read, self._store, job)


def _settings(url: str | None, settings: parts.Settings | None) -> parts.Settings:
    if url is None:
        return settings or parts.Settings.load()
    return parts.Settings.load(**{**(settings.model_dump() if settings else {}), "mongo_url": url})
