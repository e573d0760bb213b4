"""From stored data to a typed payload, judged on the way."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from memshelf.errors import PayloadError, Problem, UnknownJobError
from memshelf.jobtype import JobType
from memshelf.payload import Payload, read
from memshelf.plain import NotPlain, plain

P = TypeVar("P", bound=Payload)


def read_payload(job: JobType[P], data: Any) -> P:
    """Judge stored data and give it as the job's model.

    Raises:
        PayloadError: it is not valid under the job's schema.
        ModelDisagrees: the schema accepts it and the model does not: a fault of memshelf.
    """
    try:
        value = plain(data, max_bytes=job.max_payload)
    except NotPlain as error:
        raise PayloadError(job.name, [Problem(error.path, error.message)]) from None
    problems = job.schema.judge.problems(value)
    if problems:
        raise PayloadError(job.name, problems)
    found: P = read(_model(job.payload), value)
    return found


@cache
def _model(payload: Callable[[], type[Any]]) -> type[Any]:
    """Give the class that a job type imports on first use."""
    return payload()


def read_unknown(data: Any) -> Any:
    """Refuse: no type in the catalog says what the payload is."""
    raise UnknownJobError("the payload of a job that the catalog does not know cannot be read as a model")
