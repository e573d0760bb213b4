"""Which handler runs which job, as the generated registry says."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import svcs

from memshelf.context import Context
from memshelf.errors import InputError
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

    @property
    def isolates(self) -> bool:
        """Whether a handler runs in child processes."""
        return any(entry.isolation == "process" for entry in self)

    @property
    def module(self) -> str:
        """The module in which a child process finds this registry.

        Raises:
            InputError: it is not where the generator writes it.
        """
        packages = sorted({entry.type.schema.package for entry in self if entry.isolation == "process"})
        for name in (f"{package}.registry" for package in packages):
            if getattr(sys.modules.get(name), "registry", None) is self:
                return name
        looked = " or ".join(f"{package}.registry.registry" for package in packages)
        raise InputError(
            f"isolation: process needs a registry that a child process can import: this one is not {looked}, where "
            "memshelf-gen writes it"
        )

    def find(self, name: str) -> Registered[Any] | None:
        """Give the handler for a name on the wire, previous names included, or None."""
        job = self.catalog.find(name)
        return None if job is None else self._entries[job.name]

    def names(self) -> tuple[str, ...]:
        """All names on the wire that this registry runs, previous names included."""
        return tuple(name for entry in self for name in (entry.type.name, *entry.type.previous_names))
