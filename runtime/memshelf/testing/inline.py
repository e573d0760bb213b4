"""A queue that runs each job's handler at once, in the test that queues it."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, overload

import svcs

from memshelf.call import Flow
from memshelf.errors import InputError
from memshelf.isolation import is_coroutine_handler
from memshelf.queues import AsyncQueue, BlockingQueue
from memshelf.registry import Registry
from memshelf.settings import Settings
from memshelf.testing.bench import Bench, Errors, Trial
from memshelf.testing.clock import MovableClock
from memshelf.testing.fakes import Services, register
from memshelf.testing.recording import AsyncRecordingStore, Ledger, Queued, RecordingStore, entry, with_store

Q = TypeVar("Q", bound=BlockingQueue | AsyncQueue)
R = TypeVar("R")


def inline_queue(
    kind: type[Q],
    registry: Registry,
    *,
    services: Services | None = None,
    errors: Errors = "raise",
    settings: Settings | None = None,
    clock: MovableClock | None = None,
) -> Q:
    """Make a queue that needs no server and runs a job's handler before the queue method returns.

    What the handler did is on the handle: `succeeded`; `ready` again after Retry and Snooze, with the time in `run_at`;
    `dead` after Discard. A job for later stays `ready`, as does a retry: move the clock and call `run_due`. A job that
    a handler queues here runs when that handler has ended. A handler that asks for `kind` gets this queue.

    A blocking queue runs plain functions in the calling thread, and coroutine functions in a loop of their own; an
    asyncio queue runs coroutine functions in its loop, and plain functions in a thread. Timeouts, concurrency,
    isolation and queue names have no effect; a worker on a real server (`drain`) has them all.

    Args:
        kind: the generated class, `JobQueue` or `AsyncJobQueue`.
        registry: the generated `registry`.
        services: what handlers get, in place of what the registry registers for the same types.
        errors: `raise` has a handler's error leave the queue method, after it was noted on the job; with `record` the
            job alone tells of it, as after a real worker.
        settings: default: from the environment; no connection is made.
        clock: by which jobs are due; default: the real time.
    """
    ledger, told, offered = Ledger(), clock or MovableClock(), svcs.Registry()
    bench = Bench(registry, offered, told, errors)
    queue = with_store(
        kind,
        settings,
        lambda chosen: InlineStore(chosen, told, ledger, bench),
        lambda chosen: AsyncInlineStore(chosen, told, ledger, bench),
    )
    if registry.services is not None:
        registry.services(offered)
    offered.register_value(kind, queue)
    register(offered, services)
    return queue


@overload
def run_due(queue: BlockingQueue) -> list[Queued]: ...
@overload
def run_due(queue: AsyncQueue) -> Awaitable[list[Queued]]: ...
def run_due(queue: BlockingQueue | AsyncQueue) -> list[Queued] | Awaitable[list[Queued]]:
    """Run the jobs of an inline queue that wait and are due by its clock, each once, in a worker's order.

    Returns:
        Those that ran, as they are now; to be awaited if the queue is an asyncio queue.

    Raises:
        InputError: the queue is not from `inline_queue`.
        Exception: the first error of a handler, unless the queue records errors; what comes after it stays due.
    """
    store = queue._store
    if not isinstance(store, InlineStore | AsyncInlineStore):
        raise InputError(f"queue: must come from inline_queue, got another {type(queue).__name__}")
    return store.run_due()


class InlineStore(RecordingStore):
    """The ledger of a blocking queue, whose fresh jobs are run."""

    def __init__(self, settings: Settings, told: MovableClock, ledger: Ledger, bench: Bench) -> None:
        super().__init__(settings, told, ledger)
        self._bench = bench

    def run(self, flow: Flow[R]) -> R:
        """Perform a flow of queueing, then run what is due of what it brought."""
        result = super().run(flow)
        if not self._bench.busy:
            self._run_all(self.ledger.take())
        return result

    def run_due(self) -> list[Queued]:
        """Run every job that is due, once, and then what these queued."""
        self.ledger.take()
        return [entry(document) for document in self._run_all(self._bench.due(self.ledger.documents.values()))]

    def _run_all(self, waiting: list[dict[str, Any]]) -> list[dict[str, Any]]:
        ran = []
        while waiting:
            for document in waiting:
                if self._bench.is_due(document):
                    ran.append(document)
                    with self._bench.attempt(document) as trial:
                        if trial is not None:
                            perform(trial)
            waiting = self.ledger.take()
        return ran


class AsyncInlineStore(AsyncRecordingStore):
    """The ledger of an asyncio queue, whose fresh jobs are run."""

    def __init__(self, settings: Settings, told: MovableClock, ledger: Ledger, bench: Bench) -> None:
        super().__init__(settings, told, ledger)
        self._bench = bench

    async def run(self, flow: Flow[R]) -> R:
        """Perform a flow of queueing, then run what is due of what it brought."""
        result = await super().run(flow)
        if not self._bench.busy:
            await self._run_all(self.ledger.take())
        return result

    async def run_due(self) -> list[Queued]:
        """Run every job that is due, once, and then what these queued."""
        self.ledger.take()
        return [entry(document) for document in await self._run_all(self._bench.due(self.ledger.documents.values()))]

    async def _run_all(self, waiting: list[dict[str, Any]]) -> list[dict[str, Any]]:
        ran = []
        while waiting:
            for document in waiting:
                if self._bench.is_due(document):
                    ran.append(document)
                    with self._bench.attempt(document) as trial:
                        if trial is not None:
                            await perform_async(trial)
            waiting = self.ledger.take()
        return ran


def perform(trial: Trial) -> None:
    """Call a handler in this thread, and finish what it began in a loop of its own if it is a coroutine."""
    answer: Awaitable[None] | None = None
    try:
        answer = trial.handler(trial.job, trial.context)
    finally:
        if answer is None:
            trial.container.close()
    if answer is not None:
        _run_in_loop(_finish(answer, trial))


async def perform_async(trial: Trial) -> None:
    """Call a handler in this loop if it is a coroutine function, and in a thread otherwise."""
    if is_coroutine_handler(trial.handler):
        await _finish(trial.handler(trial.job, trial.context), trial)
    else:
        await asyncio.to_thread(perform, trial)


async def _finish(answer: Awaitable[None] | None, trial: Trial) -> None:
    try:
        if answer is not None:
            await answer
    finally:
        await trial.container.aclose()


def _run_in_loop(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end; beside a loop that runs in this thread already, in another thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(work)
        return
    with ThreadPoolExecutor(1) as thread:
        thread.submit(contextvars.copy_context().run, asyncio.run, work).result()
