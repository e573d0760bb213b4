"""Which handler runs which job, as the generated registry says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import svcs

from memshelf.context import Context
from memshelf.isolation import Isolation, isolation_of
from memshelf.job import Job
from memshelf.jobtype import Catalog, JobType
from memshelf.payload import Payload

P = TypeVar("P", bound=Payload)


@dataclass(frozen=True, slots=True)
class Registered(Generic[P]):
    """A job type with the handler that runs it.

    Raises:
        InputError: the handler cannot run where the job's `isolation` says.
    """

    type: JobType[P]
    handler: Callable[[Job[P], Context], Awaitable[None] | None]
    isolation: Isolation = field(init=False)
    """Where the handler runs."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "isolation", isolation_of(self.type.name, self.type.isolation, self.handler))


class Registry:
    """Every handler of one application, and the services that handlers may ask for."""

    def __init__(
        self, entries: Iterable[Registered[Any]], *, services: Callable[[svcs.Registry], None] | None = None
    ) -> None:
        self._entries = {entry.type.name: entry for entry in entries}
        self.catalog = Catalog(entry.type for entry in self._entries.values())
        self.services = services

    def __iter__(self) -> Iterator[Registered[Any]]:
        return iter(self._entries.values())

    def find(self, name: str) -> Registered[Any] | None:
        """Give the handler for a name on the wire, previous names included, or None."""
        job = self.catalog.find(name)
        return None if job is None else self._entries[job.name]

    def names(self) -> tuple[str, ...]:
        """All names on the wire that this registry runs, previous names included."""
        return tuple(name for entry in self for name in (entry.type.name, *entry.type.previous_names))
