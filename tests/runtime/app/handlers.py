"""The handlers of the tests' application; each writes the id of a job that it finished into the file `APP_JOURNAL`."""

from __future__ import annotations

import asyncio
import os
import time
from typing import Any

from memshelf import Context, Job
from tests.runtime.app.models import EchoPayload, FailPayload, LetterPayload, PlainPayload, SlowPayload


async def echo(job: Job[EchoPayload], context: Context) -> None:
    """Write the job's id."""
    journal(job)


async def fail(job: Job[FailPayload], context: Context) -> None:
    """Raise until there were more attempts than `times`."""
    if context.attempt <= job.payload.times:
        raise RuntimeError(f"attempt {context.attempt} of {job.payload.times} that fail")
    journal(job)


async def letter(job: Job[LetterPayload], context: Context) -> None:
    """Write the job's id."""
    journal(job)


def plain(job: Job[PlainPayload], context: Context) -> None:
    """Sleep in a thread, deaf to every wish to stop."""
    time.sleep(job.payload.seconds)
    journal(job)


async def slow(job: Job[SlowPayload], context: Context) -> None:
    """Sleep in a coroutine."""
    await asyncio.sleep(job.payload.seconds)
    journal(job)


def journal(job: Job[Any]) -> None:
    """Add one line in one write, so that several processes may share the file."""
    path = os.environ.get("APP_JOURNAL")
    if path is None:
        return
    line = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(line, f"{job.id}\n".encode())
    finally:
        os.close(line)
