"""The stored schedules in a program's hands: list, pause, resume and remove them, blocking or with asyncio."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from pymongo.errors import PyMongoError

from memshelf.call import Flow
from memshelf.errors import StoreUnavailable
from memshelf.flows import schedules as flows
from memshelf.jobtype import Catalog, wire_names
from memshelf.mongo import AsyncStore, Store
from memshelf.reasons import reason
from memshelf.timetable import Document, Schedule, read_schedule

R = TypeVar("R")


class Schedules:
    """The schedules of a blocking queue, those of schemas included.

    Every method raises StoreUnavailable when the server does not answer; calling it again is safe.
    """

    def __init__(self, store: Store, catalog: Catalog | None) -> None:
        self._store = store
        self._catalog = catalog

    def list(self, job: str | None = None) -> list[Schedule]:
        """Read all schedules, or those of one job, sorted by their ids."""
        return [read_schedule(each) for each in self._run(flows.listing(names(self._catalog, job)))]

    def get(self, schedule_id: str) -> Schedule:
        """Read one schedule.

        Raises:
            ScheduleNotFoundError: there is none.
        """
        return read_schedule(self._run(flows.get(schedule_id)))

    def put(self, wanted: Document) -> Schedule:
        """Store a schedule that was written by `of_run_time`, and have the workers look at it."""
        return read_schedule(self._run(_put(wanted, self._store.now())))

    def pause(self, schedule_id: str) -> Schedule:
        """Have it make no job until it is resumed, also when its schema changes or workers start again.

        Raises:
            ScheduleNotFoundError: there is none.
        """
        return read_schedule(self._run(flows.pause(schedule_id)))

    def resume(self, schedule_id: str) -> Schedule:
        """Have it tick again; the ticks of the pause make no job, whatever its misfire rule.

        Raises:
            ScheduleNotFoundError: there is none.
        """
        return read_schedule(self._run(_resume(schedule_id, self._store.now())))

    def remove(self, schedule_id: str) -> Schedule:
        """Delete it and give what it was; jobs that it has made stay.

        Raises:
            ScheduleNotFoundError: there is none.
            InputError: a schema has it: take it out there, or pause it.
        """
        return read_schedule(self._run(flows.remove(schedule_id, known=in_a_schema(self._catalog, schedule_id))))

    def _run(self, flow: Flow[R]) -> R:
        try:
            return self._store.run(flow)
        except PyMongoError as error:
            raise _unavailable(error) from error


class AsyncSchedules:
    """The schedules of an asyncio queue; what they do and raise is what those of the blocking queue do."""

    def __init__(self, store: AsyncStore, catalog: Catalog | None) -> None:
        self._store = store
        self._catalog = catalog

    async def list(self, job: str | None = None) -> list[Schedule]:
        """Read all schedules, or those of one job, sorted by their ids."""
        return [read_schedule(each) for each in await self._run(flows.listing(names(self._catalog, job)))]

    async def get(self, schedule_id: str) -> Schedule:
        """Read one schedule."""
        return read_schedule(await self._run(flows.get(schedule_id)))

    async def put(self, wanted: Document) -> Schedule:
        """Store a schedule that was written by `of_run_time`, and have the workers look at it."""
        return read_schedule(await self._run(_put(wanted, await self._store.now())))

    async def pause(self, schedule_id: str) -> Schedule:
        """Have it make no job until it is resumed."""
        return read_schedule(await self._run(flows.pause(schedule_id)))

    async def resume(self, schedule_id: str) -> Schedule:
        """Have it tick again."""
        return read_schedule(await self._run(_resume(schedule_id, await self._store.now())))

    async def remove(self, schedule_id: str) -> Schedule:
        """Delete it and give what it was."""
        return read_schedule(await self._run(flows.remove(schedule_id, known=in_a_schema(self._catalog, schedule_id))))

    async def _run(self, flow: Flow[R]) -> R:
        try:
            return await self._store.run(flow)
        except PyMongoError as error:
            raise _unavailable(error) from error


def names(catalog: Catalog | None, job: str | None) -> list[str] | None:
    """Give the names under which a job's schedules are stored; None for all jobs."""
    return None if job is None else wire_names(job, catalog)


def in_a_schema(catalog: Catalog | None, schedule_id: str) -> bool:
    """Whether a schema that is known here has a schedule; without a catalog, any may."""
    if catalog is None:
        return True
    return any(f"{job.name}#{each.key}" == schedule_id for job in catalog for each in job.schedule)


def _put(wanted: Document, now: datetime) -> Flow[Document]:
    stored = yield from flows.put(wanted, now)
    yield from flows.tell_workers()
    return stored


def _resume(schedule_id: str, now: datetime) -> Flow[Document]:
    stored = yield from flows.resume(schedule_id, now)
    yield from flows.tell_workers()
    return stored


def _unavailable(error: PyMongoError) -> StoreUnavailable:
    return StoreUnavailable(f"MongoDB did not answer, the schedules may or may not be changed: {reason(error)}")
