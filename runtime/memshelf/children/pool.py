"""The child processes of one worker: started when the first job comes, used again, and replaced in time."""

from __future__ import annotations

import asyncio

from memshelf.children.child import Child, Lost, Orders
from memshelf.logs import get

START = 60.0
"""Seconds that a process may take to import its registry."""
CLOSING = 5.0
"""Seconds that a process may take to close its services."""
MEGABYTE = 1_000_000


class Pool:
    """Gives each job a process of its own for as long as it runs; there are no more processes than jobs at once."""

    def __init__(self, orders: Orders, *, most_jobs: int, most_memory: int) -> None:
        """Make an empty pool.

        Args:
            orders: what every process is told.
            most_jobs: how many jobs a process runs before it is replaced.
            most_memory: how many megabytes it may hold after a job before it is replaced; 0 for any number.
        """
        self._orders = orders
        self._most_jobs = most_jobs
        self._most_memory = most_memory * MEGABYTE
        self._children: set[Child] = set()
        self._idle: list[Child] = []
        self._retiring: set[asyncio.Task[None]] = set()
        self._log = get("memshelf.worker").bind(worker=orders.worker)

    def __len__(self) -> int:
        """Tell how many processes there are."""
        return len(self._children)

    @property
    def idle(self) -> bool:
        """Whether a process waits for a job."""
        return any(child.alive for child in self._idle)

    async def take(self) -> Child:
        """Give an idle process, or start one.

        Raises:
            Lost: none could be started; the text says why.
        """
        while self._idle:
            child = self._idle.pop()
            if child.alive:
                return child
        return await self._start()

    def give_back(self, child: Child) -> None:
        """Take a process back after a job; one that is worn out ends."""
        if not child.alive:
            return
        if child.jobs < self._most_jobs and (not self._most_memory or child.memory <= self._most_memory):
            self._idle.append(child)
            return
        self._log.info("child.recycled", pid=child.pid, jobs=child.jobs, memory=child.memory)
        retiring = asyncio.create_task(child.end(CLOSING))
        self._retiring.add(retiring)
        retiring.add_done_callback(self._retiring.discard)

    async def close(self) -> None:
        """End every process."""
        await asyncio.gather(*(child.end(CLOSING) for child in tuple(self._children)), *self._retiring)
        self._idle.clear()

    async def _start(self) -> Child:
        try:
            child = await Child.start(self._orders)
        except OSError as error:
            raise Lost(f"the system gives none: {error.strerror}") from error
        self._children.add(child)
        child.on_end(self._ended)
        try:
            async with asyncio.timeout(START):
                await child.wait_until_ready()
        except TimeoutError:
            child.kill()
            raise Lost(f"it was not ready after {START:g} seconds") from None
        except BaseException:
            child.kill()
            raise
        self._log.info("child.started", pid=child.pid)
        return child

    def _ended(self, child: Child) -> None:
        self._children.discard(child)
        if child in self._idle:
            self._idle.remove(child)
