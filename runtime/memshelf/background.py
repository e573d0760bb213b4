"""Tasks in the background, and their end."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any

CANCELLED_AGAIN = 0.5
"""Seconds after which a background task that goes on is cancelled once more."""


async def end(tasks: Collection[asyncio.Task[Any]]) -> None:
    """Cancel tasks until they have ended.

    Before Python 3.12 `asyncio.wait_for`, which the driver uses, may swallow a cancellation.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=CANCELLED_AGAIN)
