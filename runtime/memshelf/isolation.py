"""Where a job's handler runs: in the worker's event loop, in a thread of it, or in a child process."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Literal, TypeAlias

from memshelf.errors import InputError

Isolation: TypeAlias = Literal["loop", "thread", "process"]


def isolation_of(job: str, wish: Isolation | None, handler: Callable[..., Any]) -> Isolation:
    """Give where a handler runs; without a wish, coroutine functions in the loop and plain functions in threads.

    Raises:
        InputError: a plain function is to run in the loop, where it would stop every other job.
    """
    if is_coroutine_handler(handler):
        return wish or "loop"
    if wish == "loop":
        named = f"{getattr(handler, '__module__', '?')}.{getattr(handler, '__qualname__', type(handler).__name__)}"
        raise InputError(
            f"{job}: x-job.isolation: loop needs a handler that is `async def`, and {named} is a plain function, which "
            "would stop every other job while it runs; make it `async def`, or choose thread or process"
        )
    return wish or "thread"


def is_coroutine_handler(handler: Callable[..., Any]) -> bool:
    """Tell whether a handler is a coroutine function."""
    return inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(type(handler).__call__)
