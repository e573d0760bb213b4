"""Run one handler to its end, its deadline or its interruption, and say how the attempt ended."""

from __future__ import annotations

import asyncio
import inspect
import threading
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, TypeAlias

from memshelf.context import Context
from memshelf.job import Job
from memshelf.outcome import (
    Discard,
    Discarded,
    Failed,
    Fault,
    HandedBack,
    Outcome,
    Retry,
    Snooze,
    Snoozed,
    Stopped,
    Succeeded,
)
from memshelf.threads import Threads

CANCEL_PATIENCE = 5.0
"""Seconds that a cancelled coroutine may take to end."""

Reason: TypeAlias = Literal["cancelled", "lease lost", "shutdown", "timeout"]
AnyHandler: TypeAlias = Callable[[Job[Any], Context], Awaitable[None] | None]


@dataclass(frozen=True, slots=True)
class Ending:
    """How an attempt ended, and what of it is still at work because it cannot be stopped."""

    outcome: Outcome
    leftover: asyncio.Future[Outcome] | None = None


class Interruption:
    """The way to end a handler early; the first reason counts."""

    def __init__(self) -> None:
        self.flag = threading.Event()
        self.reason: asyncio.Future[Reason] = asyncio.get_running_loop().create_future()

    def interrupt(self, reason: Reason) -> None:
        """End the handler as soon as it allows."""
        self.flag.set()
        if not self.reason.done():
            self.reason.set_result(reason)


async def execute(
    handler: AnyHandler,
    job: Job[Any],
    context: Context,
    *,
    limit: timedelta | None,
    interruption: Interruption,
    threads: Threads,
) -> Ending:
    """Run a handler: coroutine functions in this loop, plain functions in a thread."""
    seconds = None if limit is None else limit.total_seconds()
    work = _start(handler, job, context, threads)
    waiting: set[asyncio.Future[Any]] = {work, interruption.reason}
    await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    if work.done():
        return Ending(_result(work))
    if not interruption.reason.done():
        interruption.interrupt("timeout")
    reason = interruption.reason.result()
    if isinstance(work, asyncio.Task):
        work.cancel()
        await asyncio.wait({work}, timeout=CANCEL_PATIENCE)
    finished = work.done() and not work.cancelled()
    return Ending(_interrupted(reason, limit, work if finished else None), None if work.done() else work)


def _start(handler: AnyHandler, job: Job[Any], context: Context, threads: Threads) -> asyncio.Future[Outcome]:
    if is_coroutine_handler(handler):
        return asyncio.create_task(_attempt(handler, job, context), name=f"memshelf-job-{job.id}")
    return threads.submit(lambda: _attempt_plain(handler, job, context))


def is_coroutine_handler(handler: AnyHandler) -> bool:
    """Tell whether a handler runs in the event loop."""
    return inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(type(handler).__call__)


async def _attempt(handler: AnyHandler, job: Job[Any], context: Context) -> Outcome:
    try:
        answer = handler(job, context)
        if answer is not None:
            await answer
    except asyncio.CancelledError:
        raise
    except BaseException as error:  # The one place where a handler's failure becomes a value.
        return outcome_of(error)
    return Succeeded()


def _attempt_plain(handler: AnyHandler, job: Job[Any], context: Context) -> Outcome:
    try:
        answer = handler(job, context)
        if inspect.iscoroutine(answer):
            asyncio.run(answer)
    except BaseException as error:  # The same, in a thread.
        return outcome_of(error)
    return Succeeded()


def outcome_of(error: BaseException) -> Outcome:
    """Say what a handler meant by raising."""
    match error:
        case Retry():
            return Failed(Fault("Retry", error.reason or str(error)), "retry", error.after)
        case Snooze():
            return Snoozed(error.wait)
        case Discard():
            return Discarded(error.reason)
        case _:
            return Failed(fault(error))


def _result(work: asyncio.Future[Outcome]) -> Outcome:
    if work.cancelled():
        return Failed(Fault("CancelledError", "the handler cancelled itself"))
    return work.result()


def _interrupted(reason: Reason, limit: timedelta | None, work: asyncio.Future[Outcome] | None) -> Outcome:
    """Say how an interrupted attempt ended; one that finished in the meantime keeps its own outcome if it may."""
    match reason:
        case "timeout":
            return Failed(Fault("TimeoutError", f"not finished within its timeout of {limit}"), "timeout")
        case "cancelled":
            return Stopped()
        case "shutdown" | "lease lost":
            return HandedBack() if work is None or not isinstance(work.result(), Succeeded) else Succeeded()


def fault(error: BaseException) -> Fault:
    """Keep of an exception its class, its text and its frames, without any variable's value."""
    told = traceback.TracebackException.from_exception(error, capture_locals=False)
    frames = [frame for frame in told.stack if frame.filename != __file__]
    told.stack = traceback.StackSummary.from_list(frames)
    return Fault(type(error).__qualname__, _text(error), "".join(told.format()), _place(told.stack))


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # Its own `__str__` fails; that must not hide the error itself.
        return "the error's text cannot be told"


def _place(stack: traceback.StackSummary) -> str:
    if not stack:
        return "an unknown place"
    path = Path(stack[-1].filename)
    return f"{path.parent.name}/{path.name}:{stack[-1].lineno} in {stack[-1].name}"
