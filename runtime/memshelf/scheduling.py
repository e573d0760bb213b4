"""What queues can do with schedules: put one, and look after all of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar, TypeVar

from typing_extensions import Unpack

from memshelf import parts
from memshelf.jobtype import Catalog, JobType

P = TypeVar("P", bound="parts.Payload")


class BlockingScheduling:
    """The part of a blocking queue that is about schedules."""

    catalog: ClassVar[Catalog]
    _store: parts.Store

    def every(
        self,
        job: JobType[P],
        rhythm: str | timedelta,
        payload: P | Mapping[str, Any],
        **options: Unpack[parts.EveryOptions],
    ) -> parts.Schedule:
        """Queue one job at every tick of a schedule; the same call again changes nothing.

        Args:
            rhythm: a cron text such as `0 9 * * mon-fri`, or an interval such as `15 minutes`.

        Raises:
            PayloadError: the payload is not valid under the job's schema; nothing was stored.
            WhenError: the rhythm or the time zone cannot be read.
            InputError: an option is out of range.
            StoreUnavailable: the server did not answer; call again.
        """
        wanted = parts.of_run_time(job, rhythm, payload, options, self._store.settings)
        return self.schedules.put(wanted)

    @property
    def schedules(self) -> parts.Schedules:
        """All schedules, to look at, pause, resume and remove."""
        return parts.Schedules(self._store, self.catalog)


class AsyncScheduling:
    """The part of an asyncio queue that is about schedules."""

    catalog: ClassVar[Catalog]
    _store: parts.AsyncStore

    async def every(
        self,
        job: JobType[P],
        rhythm: str | timedelta,
        payload: P | Mapping[str, Any],
        **options: Unpack[parts.EveryOptions],
    ) -> parts.Schedule:
        """Queue one job at every tick of a schedule; `rhythm` and errors are those of the blocking queue."""
        wanted = parts.of_run_time(job, rhythm, payload, options, self._store.settings)
        return await self.schedules.put(wanted)

    @property
    def schedules(self) -> parts.AsyncSchedules:
        """All schedules, to look at, pause, resume and remove."""
        return parts.AsyncSchedules(self._store, self.catalog)
