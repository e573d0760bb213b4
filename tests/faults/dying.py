"""Run `memshelf` in a process that ends itself by SIGKILL when it has made the jobs of a tick, before it says so."""

from __future__ import annotations

import os
import signal
from typing import Any

PROGRAM = ("-c", "from tests.faults.dying import doom; doom(); from memshelf.cli import main; main()")
"""How to run the command in such a process."""


def doom() -> None:
    """Have this process end between the two writes of a tick."""
    from memshelf.mongo import AsyncStore

    perform = AsyncStore._perform

    async def until_then(store: AsyncStore, asked: Any) -> Any:
        if (asked.target, asked.method) == ("schedules", "bulk_write"):
            os.kill(os.getpid(), signal.SIGKILL)
        return await perform(store, asked)

    AsyncStore._perform = until_then  # type: ignore[assignment,method-assign]
