"""Threads for plain-function handlers: daemons of our own, so that one that never ends cannot hold up the process."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import Any, TypeVar

R = TypeVar("R")
Work = tuple[Callable[[], None], contextvars.Context]


class Threads:
    """A pool that grows with what runs at once and reuses what is idle; made in the loop that it serves."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._work: SimpleQueue[Work | None] = SimpleQueue()
        self._ended: deque[Callable[[], None]] = deque()
        self._announced = False
        self._idle = 0
        self._count = 0
        self._guard = threading.Lock()

    def submit(self, function: Callable[[], R]) -> asyncio.Future[R]:
        """Run a function in a thread; the future is done when the function is, even if nobody awaits it."""
        future: asyncio.Future[R] = self._loop.create_future()

        def work() -> None:
            try:
                result = function()
            except BaseException as error:  # Carried to the awaiting task, whatever it is.
                self._tell(partial(_fail, future, error))
            else:
                self._tell(partial(_finish, future, result))

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

    def _tell(self, ending: Callable[[], None]) -> None:
        """Have the loop hear of an end; many that come together wake it once."""
        self._ended.append(ending)
        if not self._announced:
            self._announced = True
            with contextlib.suppress(RuntimeError):  # The loop is closed: the worker left, this thread went on.
                self._loop.call_soon_threadsafe(self._hear)

    def _hear(self) -> None:
        self._announced = False  # First: whoever ends from now on announces it again.
        while self._ended:
            self._ended.popleft()()


def _finish(future: asyncio.Future[R], result: R) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[Any], error: BaseException) -> None:
    if future.done():
        return
    if isinstance(error, StopIteration):
        error = RuntimeError("the handler raised StopIteration")
    future.set_exception(error)
