"""What happens to jobs, told to listeners."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, TypeAlias, get_args

from memshelf.job import Job
from memshelf.logs import get

EventName: TypeAlias = Literal[
    "queued",
    "started",
    "succeeded",
    "failed",
    "retrying",
    "snoozed",
    "dead",
    "cancelled",
    "handed back",
    "postponed",
    "quarantined",
    "lease lost",
    "rescued",
]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to one job; told after it was recorded."""

    name: EventName
    job: Job[Any] | None
    """The job as the worker knows it; None for jobs that were rescued from others."""
    job_id: Any
    job_name: str
    error: str = ""
    """The error's class and text, where there was one."""
    wait: timedelta | None = None
    """How long until the job is due again, where that is known."""


Listener: TypeAlias = Callable[[Event], Awaitable[None] | None]


class Listeners:
    """Who wants to hear of which events; a listener that fails is logged and harms nobody."""

    def __init__(self) -> None:
        self._by_name: dict[EventName, list[Listener]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, name: EventName, listener: Listener) -> None:
        """Call a listener for every event of a name.

        Raises:
            ValueError: there is no such event.
        """
        if name not in get_args(EventName):
            raise ValueError(f"no event is called {name!r}; events: {', '.join(get_args(EventName))}")
        self._by_name.setdefault(name, []).append(listener)

    def hear(self, name: EventName) -> bool:
        """Whether anybody listens to the events of a name."""
        return name in self._by_name

    def tell(self, event: Event) -> None:
        """Call the listeners; coroutine functions run as tasks of the running loop."""
        for listener in self._by_name.get(event.name, ()):
            try:
                answer = listener(event)
            except Exception as error:
                _complain(event, error)
                continue
            if inspect.isawaitable(answer):
                task = asyncio.ensure_future(self._wait(event, answer))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def settle(self, patience: float) -> None:
        """Wait for listeners that are still at work; those that take longer than so many seconds are cancelled."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=patience)
        for task in late:
            task.cancel()
        if late:
            get("memshelf.events").error("listener.unfinished", listeners=len(late))

    @staticmethod
    async def _wait(event: Event, answer: Awaitable[None]) -> None:
        try:
            await answer
        except Exception as error:
            _complain(event, error)


def _complain(event: Event, error: Exception) -> None:
    get("memshelf.events").error(
        "listener.failed", listens_to=event.name, job=str(event.job_id), error=type(error).__name__
    )
