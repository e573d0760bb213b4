"""Run one handler to its end, and say how the attempt ended, whether by itself or interrupted."""

from __future__ import annotations

import asyncio
import inspect
import traceback
from collections.abc import Awaitable, Callable
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

Reason: TypeAlias = Literal["cancelled", "lease lost", "shutdown", "timeout"]
AnyHandler: TypeAlias = Callable[[Job[Any], Context], Awaitable[None] | None]

SUCCEEDED = Succeeded()


class Interruption:
    """Why a handler is to end early: the first reason counts, and none that comes after its end."""

    __slots__ = ("over", "reason")

    def __init__(self) -> None:
        self.reason: Reason | None = None
        self.over = False
        """Whether the handler has ended."""

    def is_set(self) -> bool:
        """Whether the handler is to end; threads may ask."""
        return self.reason is not None

    def begin(self, reason: Reason) -> bool:
        """Take a reason; tell whether it is the first, and the handler still at work."""
        if self.over or self.reason is not None:
            return False
        self.reason = reason
        return True


async def execute(handler: AnyHandler, job: Job[Any], context: Context) -> Outcome:
    """Run a handler that is a coroutine function in the caller's task.

    Whoever wants it to end cancels the task, once.
    """
    try:
        answer = handler(job, context)
        if answer is not None:
            await answer
    except asyncio.CancelledError:
        return Failed(Fault("CancelledError", "the handler cancelled itself"))
    except BaseException as error:  # The one place where a handler's failure becomes a value.
        return outcome_of(error)
    return SUCCEEDED


def execute_plain(handler: AnyHandler, job: Job[Any], context: Context) -> Outcome:
    """Run a handler that is a plain function, in a thread where no event loop runs."""
    try:
        answer = handler(job, context)
        if inspect.iscoroutine(answer):
            asyncio.run(answer)
    except BaseException as error:  # The same for plain functions.
        return outcome_of(error)
    return SUCCEEDED


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


def interrupted(reason: Reason, limit: timedelta | None, own: Outcome | None) -> Outcome:
    """Say how an interrupted attempt ended; one that succeeded in the meantime keeps its own outcome if it may.

    Args:
        reason: why it was interrupted.
        limit: how long it could take.
        own: how the handler ended after all; None for one that goes on.
    """
    match reason:
        case "timeout":
            return Failed(Fault("TimeoutError", f"not finished within its timeout of {limit}"), "timeout")
        case "cancelled":
            return Stopped()
        case "shutdown" | "lease lost":
            return own if isinstance(own, Succeeded) else HandedBack()


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
