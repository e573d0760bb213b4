"""The queues of the tests' application."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from typing_extensions import Unpack

from memshelf.handle import AsyncJobHandle, JobHandle
from memshelf.options import ManyOptions, QueueOptions, ScheduleOptions
from memshelf.queues import AsyncQueue, BlockingQueue
from memshelf.when import When

from .catalog import ECHO, FAIL, LETTER, PLAIN, SLOW, catalog

if TYPE_CHECKING:
    from .models import (
        EchoPayload,
        EchoPayloadDict,
        FailPayload,
        FailPayloadDict,
        LetterPayload,
        PlainPayload,
        PlainPayloadDict,
        SlowPayload,
        SlowPayloadDict,
    )


class JobQueue(BlockingQueue):
    """Queues jobs from blocking code."""

    catalog = catalog

    def queue_echo(
        self, payload: EchoPayload | EchoPayloadDict, **options: Unpack[QueueOptions]
    ) -> JobHandle[EchoPayload]:
        """Queue one echo."""
        return self.queue(ECHO, payload, **options)

    def queue_echo_many(
        self, payloads: Iterable[EchoPayload | EchoPayloadDict], **options: Unpack[ManyOptions]
    ) -> list[JobHandle[EchoPayload]]:
        """Queue several of echo."""
        return self.queue_many(ECHO, payloads, **options)

    def schedule_echo(
        self, when: When, payload: EchoPayload | EchoPayloadDict, **options: Unpack[ScheduleOptions]
    ) -> JobHandle[EchoPayload]:
        """Queue one echo for later."""
        return self.schedule(ECHO, when, payload, **options)

    def queue_fail(
        self, payload: FailPayload | FailPayloadDict, **options: Unpack[QueueOptions]
    ) -> JobHandle[FailPayload]:
        """Queue one fail."""
        return self.queue(FAIL, payload, **options)

    def queue_fail_many(
        self, payloads: Iterable[FailPayload | FailPayloadDict], **options: Unpack[ManyOptions]
    ) -> list[JobHandle[FailPayload]]:
        """Queue several of fail."""
        return self.queue_many(FAIL, payloads, **options)

    def schedule_fail(
        self, when: When, payload: FailPayload | FailPayloadDict, **options: Unpack[ScheduleOptions]
    ) -> JobHandle[FailPayload]:
        """Queue one fail for later."""
        return self.schedule(FAIL, when, payload, **options)

    def queue_letter(
        self, payload: LetterPayload | dict[str, Any], **options: Unpack[QueueOptions]
    ) -> JobHandle[LetterPayload]:
        """Queue one letter."""
        return self.queue(LETTER, payload, **options)

    def queue_letter_many(
        self, payloads: Iterable[LetterPayload | dict[str, Any]], **options: Unpack[ManyOptions]
    ) -> list[JobHandle[LetterPayload]]:
        """Queue several of letter."""
        return self.queue_many(LETTER, payloads, **options)

    def schedule_letter(
        self, when: When, payload: LetterPayload | dict[str, Any], **options: Unpack[ScheduleOptions]
    ) -> JobHandle[LetterPayload]:
        """Queue one letter for later."""
        return self.schedule(LETTER, when, payload, **options)

    def queue_plain(
        self, payload: PlainPayload | PlainPayloadDict, **options: Unpack[QueueOptions]
    ) -> JobHandle[PlainPayload]:
        """Queue one plain."""
        return self.queue(PLAIN, payload, **options)

    def queue_plain_many(
        self, payloads: Iterable[PlainPayload | PlainPayloadDict], **options: Unpack[ManyOptions]
    ) -> list[JobHandle[PlainPayload]]:
        """Queue several of plain."""
        return self.queue_many(PLAIN, payloads, **options)

    def schedule_plain(
        self, when: When, payload: PlainPayload | PlainPayloadDict, **options: Unpack[ScheduleOptions]
    ) -> JobHandle[PlainPayload]:
        """Queue one plain for later."""
        return self.schedule(PLAIN, when, payload, **options)

    def queue_slow(
        self, payload: SlowPayload | SlowPayloadDict, **options: Unpack[QueueOptions]
    ) -> JobHandle[SlowPayload]:
        """Queue one slow."""
        return self.queue(SLOW, payload, **options)

    def queue_slow_many(
        self, payloads: Iterable[SlowPayload | SlowPayloadDict], **options: Unpack[ManyOptions]
    ) -> list[JobHandle[SlowPayload]]:
        """Queue several of slow."""
        return self.queue_many(SLOW, payloads, **options)

    def schedule_slow(
        self, when: When, payload: SlowPayload | SlowPayloadDict, **options: Unpack[ScheduleOptions]
    ) -> JobHandle[SlowPayload]:
        """Queue one slow for later."""
        return self.schedule(SLOW, when, payload, **options)


class AsyncJobQueue(AsyncQueue):
    """Queues jobs from asyncio code."""

    catalog = catalog

    async def queue_echo(
        self, payload: EchoPayload | EchoPayloadDict, **options: Unpack[QueueOptions]
    ) -> AsyncJobHandle[EchoPayload]:
        """Queue one echo."""
        return await self.queue(ECHO, payload, **options)

    async def queue_echo_many(
        self, payloads: Iterable[EchoPayload | EchoPayloadDict], **options: Unpack[ManyOptions]
    ) -> list[AsyncJobHandle[EchoPayload]]:
        """Queue several of echo."""
        return await self.queue_many(ECHO, payloads, **options)

    async def schedule_echo(
        self, when: When, payload: EchoPayload | EchoPayloadDict, **options: Unpack[ScheduleOptions]
    ) -> AsyncJobHandle[EchoPayload]:
        """Queue one echo for later."""
        return await self.schedule(ECHO, when, payload, **options)

    async def queue_fail(
        self, payload: FailPayload | FailPayloadDict, **options: Unpack[QueueOptions]
    ) -> AsyncJobHandle[FailPayload]:
        """Queue one fail."""
        return await self.queue(FAIL, payload, **options)

    async def queue_fail_many(
        self, payloads: Iterable[FailPayload | FailPayloadDict], **options: Unpack[ManyOptions]
    ) -> list[AsyncJobHandle[FailPayload]]:
        """Queue several of fail."""
        return await self.queue_many(FAIL, payloads, **options)

    async def schedule_fail(
        self, when: When, payload: FailPayload | FailPayloadDict, **options: Unpack[ScheduleOptions]
    ) -> AsyncJobHandle[FailPayload]:
        """Queue one fail for later."""
        return await self.schedule(FAIL, when, payload, **options)

    async def queue_letter(
        self, payload: LetterPayload | dict[str, Any], **options: Unpack[QueueOptions]
    ) -> AsyncJobHandle[LetterPayload]:
        """Queue one letter."""
        return await self.queue(LETTER, payload, **options)

    async def queue_letter_many(
        self, payloads: Iterable[LetterPayload | dict[str, Any]], **options: Unpack[ManyOptions]
    ) -> list[AsyncJobHandle[LetterPayload]]:
        """Queue several of letter."""
        return await self.queue_many(LETTER, payloads, **options)

    async def schedule_letter(
        self, when: When, payload: LetterPayload | dict[str, Any], **options: Unpack[ScheduleOptions]
    ) -> AsyncJobHandle[LetterPayload]:
        """Queue one letter for later."""
        return await self.schedule(LETTER, when, payload, **options)

    async def queue_plain(
        self, payload: PlainPayload | PlainPayloadDict, **options: Unpack[QueueOptions]
    ) -> AsyncJobHandle[PlainPayload]:
        """Queue one plain."""
        return await self.queue(PLAIN, payload, **options)

    async def queue_plain_many(
        self, payloads: Iterable[PlainPayload | PlainPayloadDict], **options: Unpack[ManyOptions]
    ) -> list[AsyncJobHandle[PlainPayload]]:
        """Queue several of plain."""
        return await self.queue_many(PLAIN, payloads, **options)

    async def schedule_plain(
        self, when: When, payload: PlainPayload | PlainPayloadDict, **options: Unpack[ScheduleOptions]
    ) -> AsyncJobHandle[PlainPayload]:
        """Queue one plain for later."""
        return await self.schedule(PLAIN, when, payload, **options)

    async def queue_slow(
        self, payload: SlowPayload | SlowPayloadDict, **options: Unpack[QueueOptions]
    ) -> AsyncJobHandle[SlowPayload]:
        """Queue one slow."""
        return await self.queue(SLOW, payload, **options)

    async def queue_slow_many(
        self, payloads: Iterable[SlowPayload | SlowPayloadDict], **options: Unpack[ManyOptions]
    ) -> list[AsyncJobHandle[SlowPayload]]:
        """Queue several of slow."""
        return await self.queue_many(SLOW, payloads, **options)

    async def schedule_slow(
        self, when: When, payload: SlowPayload | SlowPayloadDict, **options: Unpack[ScheduleOptions]
    ) -> AsyncJobHandle[SlowPayload]:
        """Queue one slow for later."""
        return await self.schedule(SLOW, when, payload, **options)
