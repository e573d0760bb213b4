"""What is known of a job before any is queued."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any, Generic, Literal, TypeAlias, TypeVar, get_args

from memshelf.errors import UnknownJobError
from memshelf.isolation import Isolation
from memshelf.judge import Judge
from memshelf.retry import RetryPolicy
from memshelf.states import State

P = TypeVar("P")
Misfire: TypeAlias = Literal["skip", "once", "all"]
"""What becomes of the ticks of a schedule that were missed: no job, one for the newest, or one for each."""
MISFIRES: tuple[Misfire, ...] = get_args(Misfire)


@dataclass(frozen=True, slots=True)
class BundledSchema:
    """A job's JSON Schema, shipped beside the generated code and read on first use."""

    package: str
    path: str
    digest: str

    def load(self) -> dict[str, Any]:
        """Read the schema's document."""
        from importlib.resources import files

        loaded: dict[str, Any] = json.loads(files(self.package).joinpath(self.path).read_text(encoding="utf-8"))
        return loaded

    @property
    def judge(self) -> Judge:
        """The compiled judge of this schema; compiled once in a process."""
        return _judge(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """A schedule that a job's schema has; either `cron` or `every` is given."""

    key: str
    """Which one of the schema: its `key`, or its number in the list, from 1."""
    cron: str | None = None
    every: timedelta | None = None
    timezone: str = "UTC"
    payload: Mapping[str, Any] = field(default_factory=dict, hash=False)
    misfire: Misfire = "once"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobType(Generic[P]):
    """One kind of job, as its schema describes it."""

    name: str
    """The name on the wire."""
    key: str
    """The schema's path without its suffix: `billing/invoice`."""
    payload: Callable[[], type[P]]
    """Gives the model class; imports it on first use."""
    schema: BundledSchema
    description: str = ""
    version: int = 1
    queue: str = "default"
    priority: int = 5
    concurrency: int | None = None
    retries: RetryPolicy = field(default_factory=RetryPolicy)
    max_lost: int = 5
    timeout: timedelta | None = timedelta(minutes=15)
    isolation: Isolation | None = None
    """Where its handler runs; None: in the loop if it is a coroutine function, in a thread otherwise."""
    acknowledge: Literal["batched", "each"] = "batched"
    """Whether outcomes are written together, or each at once, before another job takes its slot."""
    max_payload: int = 1_000_000
    previous_names: tuple[str, ...] = ()
    keep: Mapping[State, timedelta | None] = field(default_factory=dict, hash=False)
    """How long jobs are kept that ended in a state; None is for ever, no entry what the settings say."""
    schedule: tuple[Scheduled, ...] = ()


class Catalog:
    """The job types of one application, found by the name on the wire, a previous name, or the schema's path."""

    def __init__(self, types: Iterable[JobType[Any]]) -> None:
        self._types = tuple(types)
        self._by_name: dict[str, JobType[Any]] = {}
        for job in self._types:
            for name in (job.name, job.key, *job.previous_names):
                self._by_name.setdefault(name, job)

    def __iter__(self) -> Iterator[JobType[Any]]:
        return iter(self._types)

    def __len__(self) -> int:
        return len(self._types)

    def __getitem__(self, name: str) -> JobType[Any]:
        found = self.find(name)
        if found is None:
            known = ", ".join(sorted(job.name for job in self._types)) or "none"
            raise UnknownJobError(f"no job is called {name!r}; known jobs: {known}")
        return found

    def find(self, name: str) -> JobType[Any] | None:
        """Give the job type of that name, or None."""
        return self._by_name.get(name)


def wire_names(name: str, catalog: Catalog | None) -> list[str]:
    """Give the names under which jobs of a name may be stored; a name that no catalog knows stands for itself."""
    job = None if catalog is None else catalog.find(name)
    return [name] if job is None else [job.name, *job.previous_names]


@cache
def _judge(schema: BundledSchema) -> Judge:
    return Judge(schema.load())
