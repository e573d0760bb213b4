"""Judge the payloads of schedules by their job's own schema, as the runtime will."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from memshelf_gen.document import Document, Steps
from memshelf_gen.jobkeys import JOB
from memshelf_gen.judging import judge
from memshelf_gen.problem import Problem
from memshelf_gen.schedulekeys import SCHEDULE
from memshelf_gen.spec import JobSpec

SMALLEST, LARGEST = -(2**63), 2**63 - 1
"""The integers that a payload can carry."""


def check_payloads(document: Document, job: JobSpec) -> Iterator[Problem]:
    """Give every fault of the payloads of a job's schedules; the document must have passed every other check."""
    if not job.schedule:
        return
    judged = judge(job.bundle)
    for index, each in enumerate(job.schedule):
        at: Steps = (JOB, SCHEDULE, index, "payload")
        if (size := len(json.dumps(each.payload, ensure_ascii=False).encode())) > job.max_payload:
            yield document.problem(at, f"has {size} bytes, and x-job.max_payload allows {job.max_payload}")
        for steps in _too_large(each.payload):
            yield document.problem((*at, *steps), f"must be an integer from {SMALLEST} to {LARGEST}")
        for error in judged.iter_errors(each.payload):
            steps = tuple(step if isinstance(step, int) else str(step) for step in error.instance_path)
            text = f"is not valid under this job's schema: {error.message}"
            yield document.problem((*at, *steps), text)


def _too_large(value: Any) -> Iterator[Steps]:
    match value:
        case dict() | list():
            for step, each in value.items() if isinstance(value, dict) else enumerate(value):
                yield from ((step, *below) for below in _too_large(each))
        case int() if not SMALLEST <= value <= LARGEST:
            yield ()
