"""Threads for plain-function handlers: daemons of our own, so that one that never ends cannot hold up the process."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeVar

R = TypeVar("R")
Work = tuple[Callable[[], None], contextvars.Context]


class Threads:
    """A pool that grows with what runs at once and reuses what is idle."""

    def __init__(self) -> None:
        self._work: SimpleQueue[Work | None] = SimpleQueue()
        self._idle = 0
        self._count = 0
        self._guard = threading.Lock()

    def submit(self, function: Callable[[], R]) -> asyncio.Future[R]:
        """Run a function in a thread; the future is done when the function is, even if nobody awaits it."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[R] = loop.create_future()

        def work() -> None:
            try:
                result = function()
            except BaseException as error:  # Carried to the awaiting task, whatever it is.
                _tell(loop, _fail, future, error)
            else:
                _tell(loop, _finish, future, result)

        with self._guard:
            if self._idle:
                self._idle -= 1
            else:
                self._count += 1
                threading.Thread(target=self._serve, name=f"memshelf-{self._count}", daemon=True).start()
        self._work.put((work, contextvars.copy_context()))
        return future

    def close(self) -> None:
        """Let idle threads end; busy ones end after their work."""
        for _ in range(self._count):
            self._work.put(None)

    def _serve(self) -> None:
        while (item := self._work.get()) is not None:
            work, context = item
            context.run(work)
            with self._guard:
                self._idle += 1


def _tell(loop: asyncio.AbstractEventLoop, done: Callable[..., None], *args: Any) -> None:
    with contextlib.suppress(RuntimeError):  # The loop is closed: the worker left, this thread could not be stopped.
        loop.call_soon_threadsafe(done, *args)


def _finish(future: asyncio.Future[R], result: R) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[Any], error: BaseException) -> None:
    if future.done():
        return
    if isinstance(error, StopIteration):
        error = RuntimeError("the handler raised StopIteration")
    future.set_exception(error)
