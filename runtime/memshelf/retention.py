"""How long jobs are kept that ended: what the settings say, and what a job's schema says in `keep`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, TypeAlias

from memshelf.jobtype import JobType
from memshelf.states import State

Retention: TypeAlias = Mapping[State, timedelta]
"""How long a job in a final state is kept; for ever where there is no entry."""
Retentions: TypeAlias = Mapping[str, Retention]
"""The same by the names of jobs, for those that have a `keep`."""
TICK_KEPT = timedelta(minutes=5)
"""How long the job of a tick is kept at least when it succeeds.

It is what tells a worker that is late that the tick has made its job, until the schedule waits for the next one.
"""
OF_A_TICK = re.compile(r"[#:].*@[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z$", re.DOTALL)
"""What the id of a tick's job ends with."""


def of_a_tick(job_id: object) -> bool:
    """Tell from a job's id whether a schedule has made it."""
    return isinstance(job_id, str) and OF_A_TICK.search(job_id) is not None


def retention_of(default: Retention, job: JobType[Any] | None) -> Retention:
    """Give the retention of a job type; one without a `keep`, or an unknown one, has the settings'."""
    if job is None or not job.keep:
        return default
    ruled: dict[State, timedelta | None] = {**default, **job.keep}
    return {state: how_long for state, how_long in ruled.items() if how_long is not None}


def own_retentions(default: Retention, types: Iterable[JobType[Any]]) -> Retentions:
    """Give the retentions of the job types that have a `keep`, by every name under which their jobs may be stored."""
    return {name: retention_of(default, job) for job in types if job.keep for name in (job.name, *job.previous_names)}
