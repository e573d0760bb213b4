"""What a handler is given beside its job: a log, the deadline, and the services that it asks for."""

from __future__ import annotations

import threading
import time
from datetime import datetime
from typing import Protocol, TypeVar

import structlog
import svcs

T = TypeVar("T")


class Flag(Protocol):
    """Something that was asked for, or not."""

    def is_set(self) -> bool:
        """Whether it was."""
        ...


class Context:
    """The surroundings of one attempt."""

    def __init__(
        self,
        *,
        log: structlog.typing.FilteringBoundLogger,
        services: svcs.Container | svcs.Registry,
        deadline: datetime | None = None,
        seconds: float | None = None,
        attempt: int = 1,
        worker: str = "",
        stop: Flag | None = None,
    ) -> None:
        self.log = log
        """A structlog logger, bound to the job."""
        self.deadline = deadline
        """When the attempt times out, by the server's clock; None if never. To count by, take `remaining`."""
        self.attempt = attempt
        """Which attempt this is, from 1."""
        self.worker = worker
        """The worker's name."""
        self._end = None if seconds is None else time.monotonic() + seconds
        self._services = services
        self._stop: Flag = stop or threading.Event()

    @property
    def container(self) -> svcs.Container | None:
        """Where the services of this attempt are; None if it has asked for none."""
        return self._services if isinstance(self._services, svcs.Container) else None

    def get(self, service: type[T]) -> T:
        """Give a service that the application registered.

        Raises:
            svcs.exceptions.ServiceNotFoundError: nobody registered it.
        """
        found: T = self._opened().get(service)
        return found

    async def aget(self, service: type[T]) -> T:
        """Give a service whose factory is a coroutine function."""
        found: T = await self._opened().aget(service)
        return found

    @property
    def stopping(self) -> bool:
        """Whether the handler should end soon: cancelled, timed out, out of its lease, or the worker stops.

        Coroutines are cancelled as well; a plain function has only this to look at.
        """
        return self._stop.is_set()

    @property
    def remaining(self) -> float | None:
        """Seconds until the attempt times out, never below 0; None if it never does.

        They pass on a clock of which nobody sets the time.
        """
        return None if self._end is None else max(0.0, self._end - time.monotonic())

    def _opened(self) -> svcs.Container:
        if isinstance(self._services, svcs.Registry):
            self._services = svcs.Container(self._services)
        return self._services
