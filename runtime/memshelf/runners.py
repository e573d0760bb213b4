"""Where each handler of a worker runs: in its event loop, in threads beside it, or in its child processes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from functools import partial
from typing import Any

from memshelf import attempt
from memshelf.attempt import Stage
from memshelf.children.child import Orders
from memshelf.children.pool import Pool
from memshelf.children.runner import InChild
from memshelf.executor import AnyHandler, execute, execute_plain
from memshelf.isolation import is_coroutine_handler
from memshelf.outcome import Outcome
from memshelf.registry import Registered, Registry
from memshelf.running import Run, Runner
from memshelf.settings import Settings
from memshelf.threads import Threads

CANCEL_PATIENCE = 5.0
"""Seconds that a cancelled coroutine may take to end."""


class Runners:
    """The runner of each job type of one worker."""

    def __init__(self, registry: Registry, settings: Settings, stage: Stage, threads: Threads) -> None:
        self._in_loop = InLoop(stage)
        self._in_thread, self._in_own_loop = InThread(stage, threads), InOwnLoop(stage, threads)
        self._pool = _pool(registry, settings, stage.worker) if registry.isolates else None
        self._in_child = None if self._pool is None else InChild(stage, self._pool, CANCEL_PATIENCE)
        self._runners = {entry.type.name: self._chosen(entry) for entry in registry}

    @property
    def children(self) -> int:
        """How many child processes there are."""
        return 0 if self._pool is None else len(self._pool)

    async def close(self) -> None:
        """End the child processes."""
        if self._pool is not None:
            await self._pool.close()

    def of(self, entry: Registered[Any] | None) -> Runner:
        """Give the runner of a job type; for a name that nobody knows, which is never run, that of the loop."""
        return self._in_loop if entry is None else self._runners[entry.type.name]

    def _chosen(self, entry: Registered[Any]) -> Runner:
        match entry.isolation:
            case "loop":
                return self._in_loop
            case "thread":
                return self._in_own_loop if is_coroutine_handler(entry.handler) else self._in_thread
            case "process":
                assert self._in_child is not None
                return self._in_child


def _pool(registry: Registry, settings: Settings, worker: str) -> Pool:
    orders = Orders(registry.module, worker, settings.log_format, settings.log_level)
    return Pool(orders, most_jobs=settings.child_jobs, most_memory=settings.child_memory_mb)


class InLoop:
    """Runs coroutine functions in the worker's loop, each in the task of its job; asked to end, they are cancelled."""

    patience = CANCEL_PATIENCE

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def run(self, run: Run) -> Outcome:
        """Judge a job and await its handler."""
        refused = attempt.enter(run, self._stage)
        return await attempt.perform(run, self._stage, execute) if refused is None else refused

    def ask(self, run: Run) -> None:
        """Cancel the job's task."""
        if run.task is not None:
            run.task.cancel()

    def kill(self, run: Run) -> bool:
        """Nothing kills a coroutine that swallows its cancellation."""
        return False


class InThread:
    """Runs plain functions in threads; asked to end, they have only `context.stopping` to look at."""

    patience = 0.0

    def __init__(self, stage: Stage, threads: Threads) -> None:
        self._stage = stage
        self._threads = threads

    async def run(self, run: Run) -> Outcome:
        """Judge a job here, and call its handler in a thread."""
        refused = attempt.enter(run, self._stage)
        return await attempt.perform(run, self._stage, self._execute) if refused is None else refused

    def ask(self, run: Run) -> None:
        """Do nothing: the handler sees it."""

    def kill(self, run: Run) -> bool:
        """Nothing kills a thread."""
        return False

    def _execute(self, handler: AnyHandler, *given: Any) -> asyncio.Future[Outcome]:
        return self._threads.submit(partial(execute_plain, handler, *given))


class InOwnLoop:
    """Runs coroutine functions in threads, each in an event loop of its own, where they are cancelled like others."""

    patience = CANCEL_PATIENCE

    def __init__(self, stage: Stage, threads: Threads) -> None:
        self._stage = stage
        self._threads = threads
        self._cancels: dict[Run, Callable[[], None]] = {}

    async def run(self, run: Run) -> Outcome:
        """Judge a job here, and run its handler in a thread."""
        refused = attempt.enter(run, self._stage)
        if refused is not None:
            return refused
        return await self._threads.submit(lambda: asyncio.run(self._perform(run)))

    def ask(self, run: Run) -> None:
        """Cancel the handler's task in its own loop."""
        cancel = self._cancels.get(run)
        if cancel is not None:
            cancel()

    def kill(self, run: Run) -> bool:
        """Nothing kills a thread."""
        return False

    async def _perform(self, run: Run) -> Outcome:
        """Run the whole attempt, so that services are closed in the loop in which they were opened."""
        loop, task, cancelled = asyncio.get_running_loop(), asyncio.current_task(), False

        def cancel() -> None:
            nonlocal cancelled
            if task is not None and not (cancelled or run.interruption.over):
                cancelled = task.cancel()

        def cancel_from_outside() -> None:
            with contextlib.suppress(RuntimeError):  # The loop is closed: the handler has ended.
                loop.call_soon_threadsafe(cancel)

        self._cancels[run] = cancel_from_outside
        if run.interruption.is_set():  # Perhaps before anybody could cancel.
            cancel_from_outside()
        try:
            return await attempt.perform(run, self._stage, execute)
        finally:
            del self._cancels[run]
