"""Which handler runs which job: the same work in threads, in processes, and none at all in processes."""

from __future__ import annotations

from typing import Any

from memshelf import Registered, Registry
from memshelf.isolation import Isolation
from memshelf.jobtype import BundledSchema, JobType
from memshelf.payload import Payload

ROUNDS = 300_000


class Nothing(Payload):
    """An empty payload."""


def crunch(job: Any, context: Any) -> None:
    """Count for a while."""
    total = 0
    for number in range(ROUNDS):
        total += number * number % 7


def skip(job: Any, context: Any) -> None:
    """Do nothing."""


def _type(name: str, isolation: Isolation) -> JobType[Nothing]:
    schema = BundledSchema(package=__name__.rpartition(".")[0], path="job.json", digest="sha256:of-the-benchmark")
    return JobType(name=name, key=name, payload=lambda: Nothing, schema=schema, isolation=isolation)


registry = Registry(
    (
        Registered(_type("crunch-in-threads", "thread"), crunch),
        Registered(_type("crunch-in-processes", "process"), crunch),
        Registered(_type("skip-in-processes", "process"), skip),
    )
)
