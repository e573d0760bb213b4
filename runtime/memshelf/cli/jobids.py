"""Job ids as people type them: 24 hexadecimal digits are an ObjectId, unless a job has that text as its id."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from bson import ObjectId

from memshelf.errors import JobNotFoundError
from memshelf.options import JobId

R = TypeVar("R")


def job_id(text: str) -> JobId:
    """Read an id."""
    return ObjectId(text) if ObjectId.is_valid(text) else text


def with_job_id(text: str, act: Callable[[JobId], R]) -> R:
    """Do something with the job of an id, whichever of both kinds the id is.

    Raises:
        JobNotFoundError: there is no job of either.
    """
    read = job_id(text)
    try:
        return act(read)
    except JobNotFoundError:
        if read == text:
            raise
        return act(text)
