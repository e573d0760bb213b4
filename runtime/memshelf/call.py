"""One call to MongoDB as data, and the flows that are made of such calls.

A flow is a generator: it yields calls and is sent their replies, or is thrown their errors. It holds no connection, no
clock, no randomness and no log, so the same flow serves the blocking and the asyncio driver, and a test can answer it
without a database.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, TypeVar

R = TypeVar("R")

Target: TypeAlias = Literal["jobs", "raw", "quick", "workers", "schedules", "database"]
"""Where a call goes: the jobs under majority writes and primary reads; the same as raw BSON; the jobs under w:1
writes; the workers' notes under w:1; the schedules under majority writes; the database itself."""


@dataclass(frozen=True, slots=True)
class Call:
    """One method call on a collection or database; a `find` or `aggregate` replies with the list of its documents."""

    method: str
    args: tuple[Any, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    target: Target = "jobs"


Flow: TypeAlias = Generator[Call, Any, R]


def call(method: str, *args: Any, target: Target = "jobs", **options: Any) -> Call:
    """Write a call the way it would be made."""
    return Call(method, args, options, target)
