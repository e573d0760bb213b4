"""Several worker processes under one: started, restarted when they crash, and stopped together."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from memshelf.cli.child import Child
from memshelf.cli.exits import BAD_INPUT, FAILED, LEFT_BEHIND
from memshelf.logs import get

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
LONG_LIFE = 10.0
"""Seconds after which a child counts as having worked: its crash is met with the first pause again."""

Next: TypeAlias = Literal["restart", "rest", "give up"]


def follow(code: int, *, stopping: bool, drain: bool) -> Next:
    """Decide what follows when a child has ended."""
    if stopping or (drain and code in (0, LEFT_BEHIND)):
        return "rest"
    if code == BAD_INPUT:
        return "give up"  # What it was told cannot be used; the next one would be told the same.
    return "restart"


def summary(codes: Sequence[int]) -> int:
    """Give the exit code of the whole from those of its children."""
    if all(code == 0 for code in codes):
        return 0
    worst = set(codes) - {0}
    return worst.pop() if worst <= {BAD_INPUT} or worst <= {LEFT_BEHIND} else FAILED


@dataclass(frozen=True, slots=True)
class Supervised:
    """How it went."""

    exit_code: int
    restarts: int


class Supervisor:
    """Keeps a number of children running until it is told to stop."""

    def __init__(self, arguments: Sequence[str], *, processes: int, drain: bool, patience: float) -> None:
        self._arguments = tuple(arguments)
        self._processes = processes
        self._drain = drain
        self._patience = patience
        self._children: set[Child] = set()
        self._restarts = 0
        self._log = get("memshelf.supervisor")

    async def run(self) -> Supervised:
        """Run the children until all have ended."""
        self._stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        keepers = [asyncio.create_task(self._keep()) for _ in range(self._processes)]
        enforcer = asyncio.create_task(self._enforce())
        try:
            codes = await asyncio.gather(*keepers)
        finally:
            enforcer.cancel()
            await asyncio.gather(*(child.end(0) for child in set(self._children)))
        return Supervised(summary(codes), self._restarts)

    def stop(self) -> None:
        """Stop all children; a second call ends them at once."""
        hurried = self._stopping.is_set()
        self._stopping.set()
        for child in self._children:
            if hurried:
                child.hurry()
            else:
                child.stop()

    async def _keep(self) -> int:
        """Keep one child running; give the exit code of the last."""
        loop = asyncio.get_running_loop()
        pause = FIRST_PAUSE
        while True:
            begun = loop.time()
            code = await self._run_one()
            match follow(code, stopping=self._stopping.is_set(), drain=self._drain):
                case "rest":
                    return code
                case "give up":
                    self.stop()
                    return code
                case "restart":
                    pause = FIRST_PAUSE if loop.time() - begun > LONG_LIFE else pause
                    self._log.warning("supervisor.restarting", code=code, again_in=f"{pause:g}s")
                    if await self._stopped_within(pause):
                        return code
                    self._restarts += 1
                    pause = min(LONGEST_PAUSE, pause * 2)

    async def _run_one(self) -> int:
        child = await Child.start(self._arguments)
        self._children.add(child)
        self._log.info("supervisor.started", child=child.pid)
        if self._stopping.is_set():
            child.stop()
        try:
            return await child.wait()
        finally:
            self._children.discard(child)

    async def _stopped_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return False
        return True

    async def _enforce(self) -> None:
        """Kill what has not ended in time."""
        await self._stopping.wait()
        await asyncio.sleep(self._patience)
        self._log.error("supervisor.killing", children=[child.pid for child in self._children])
        await asyncio.gather(*(child.end(0) for child in set(self._children)))
