"""A job and a context made by hand, to call a handler as a function."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self, TypeAlias, TypeVar, cast

import structlog
import svcs
from bson import ObjectId
from structlog.testing import LogCapture
from structlog.typing import EventDict, FilteringBoundLogger

from memshelf.context import Context
from memshelf.document import Attempt, Record
from memshelf.job import Job
from memshelf.options import JobId
from memshelf.payload import Payload, wire
from memshelf.testing.clock import MovableClock

P = TypeVar("P", bound=Payload)
Services: TypeAlias = Mapping[type[Any], object] | Callable[[svcs.Registry], None]
"""Ready-made services by the type under which handlers ask for them, or a function that registers factories."""


def fake_job(
    payload: P,
    *,
    id: JobId | None = None,
    name: str = "fake",
    attempts: int = 1,
    lost: int = 0,
    errors: Sequence[Attempt] = (),
    meta: Mapping[str, Any] | None = None,
    queue: str = "default",
    priority: int = 5,
    version: int = 1,
    run_at: datetime | None = None,
) -> Job[P]:
    """Make a running job around a payload, as a handler gets it.

    The payload is taken as it is: only queues and workers judge payloads by the schema.

    Args:
        payload: the model.
        id: default: a fresh ObjectId.
        name: the job's name on the wire.
        attempts: how many attempts were charged, this one included.
        lost: how many attempts ended without an outcome.
        errors: how earlier attempts went wrong, oldest first.
        meta: what the producer sent along.
        queue: the queue's name.
        priority: 0 to 9.
        version: the version of the schema under which the job was queued.
        run_at: when the job was due; default: now.
    """
    now = datetime.now(UTC)
    record = Record(
        id=ObjectId() if id is None else id,
        name=name,
        state="running",
        data=wire(payload),
        queue=queue,
        priority=priority,
        run_at=now if run_at is None else run_at,
        version=version,
        digest="",
        attempts=attempts,
        lost=lost,
        max_attempts=None,
        max_lost=None,
        lease="fake",
        started_at=now,
        finished_at=None,
        deadline=None,
        worker="fake",
        errors=tuple(errors),
        interrupted=0,
        meta=dict(meta or {}),
    )
    return Job(record, lambda data: payload)


class FakeContext(Context):
    """A context that keeps what was logged and is interrupted by the test; a `with` block closes its services."""

    def __init__(
        self, services: Services | None, *, deadline: datetime | None, attempt: int, clock: MovableClock | None
    ) -> None:
        capture = LogCapture()
        registry = svcs.Registry()
        register(registry, services)
        self._container = svcs.Container(registry)
        self._clock = clock
        self._flag = threading.Event()
        super().__init__(
            log=cast(
                FilteringBoundLogger,
                structlog.wrap_logger(
                    None, processors=[capture], wrapper_class=structlog.make_filtering_bound_logger(0)
                ),
            ),
            services=self._container,
            deadline=deadline,
            seconds=None if deadline is None else (deadline - datetime.now(UTC)).total_seconds(),
            attempt=attempt,
            worker="fake",
            stop=self._flag,
        )
        self.logged: list[EventDict] = capture.entries
        """The events that the handler logged, each with its fields, `event` and `log_level`."""

    def interrupt(self) -> None:
        """Have `stopping` say yes from now on, as when the job is cancelled or its worker stops."""
        self._flag.set()

    @property
    def remaining(self) -> float | None:
        """Seconds until the deadline by the test's clock, never below 0; None if there is no deadline."""
        if self.deadline is None or self._clock is None:
            return super().remaining
        return max(0.0, (self.deadline - self._clock.now()).total_seconds())

    def close(self) -> None:
        """Close the services that were asked for, as a worker does after each attempt."""
        self._container.close()

    async def aclose(self) -> None:
        """Close the services that were asked for, those with coroutine cleanups included."""
        await self._container.aclose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


def fake_context(
    services: Services | None = None,
    *,
    deadline: datetime | timedelta | None = None,
    attempt: int = 1,
    clock: MovableClock | None = None,
) -> FakeContext:
    """Make a context, as a handler gets it; nothing is written to the log.

    Args:
        services: what `context.get` gives: `{Mailer: mailer}`, or a function like the application's own.
        deadline: when the attempt times out, or how long from now; None for never.
        attempt: which attempt this is, from 1.
        clock: what `remaining` counts by; default: seconds that really pass.
    """
    now = datetime.now(UTC) if clock is None else clock.now()
    until = now + deadline if isinstance(deadline, timedelta) else deadline
    return FakeContext(services, deadline=until, attempt=attempt, clock=clock)


def register(registry: svcs.Registry, services: Services | None) -> None:
    """Register a test's services, in place of those of the same types that are there."""
    if services is None:
        return
    if isinstance(services, Mapping):
        for kind, service in services.items():
            registry.register_value(kind, service)
    else:
        services(registry)
