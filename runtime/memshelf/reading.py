"""From stored data to a typed payload, judged on the way."""

from __future__ import annotations

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
    return read(job.payload(), value)


def read_unknown(data: Any) -> Any:
    """Refuse: no type in the catalog says what the payload is."""
    raise UnknownJobError("the payload of a job that the catalog does not know cannot be read as a model")
