"""How long jobs are kept that ended: what the settings say, and what a job's schema says in `keep`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, TypeAlias

from memshelf.jobtype import JobType
from memshelf.states import State

Retention: TypeAlias = Mapping[State, timedelta]
"""How long a job in a final state is kept; for ever where there is no entry."""
Retentions: TypeAlias = Mapping[str, Retention]
"""The same by the names of jobs, for those that have a `keep`."""


def retention_of(default: Retention, job: JobType[Any] | None) -> Retention:
    """Give the retention of a job type; one without a `keep`, or an unknown one, has the settings'."""
    if job is None or not job.keep:
        return default
    ruled: dict[State, timedelta | None] = {**default, **job.keep}
    return {state: how_long for state, how_long in ruled.items() if how_long is not None}


def own_retentions(default: Retention, types: Iterable[JobType[Any]]) -> Retentions:
    """Give the retentions of the job types that have a `keep`, by every name under which their jobs may be stored."""
    return {name: retention_of(default, job) for job in types if job.keep for name in (job.name, *job.previous_names)}
