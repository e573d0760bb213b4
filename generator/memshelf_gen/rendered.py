"""What memshelf alone makes of a project's schemas, and the text as which it is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from memshelf_gen.spec import JobSpec, Names, ProjectSpec, RetrySpec, ScheduleSpec, SharedSpec


@dataclass(frozen=True, slots=True)
class Rendered:
    """A project and its files, without those of emitters and without the record."""

    project: ProjectSpec
    files: Mapping[str, str]
    """The text of each file by its path below the generated package."""


def to_text(rendered: Rendered) -> str:
    """Give the text of which `from_text` makes the same again."""
    project = rendered.project
    return json.dumps(
        {
            "jobs": [
                {
                    **_shallow(job),
                    "names": asdict(job.names),
                    "retries": asdict(job.retries),
                    "schedule": [_shallow(each) for each in job.schedule],
                }
                for job in project.jobs
            ],
            "shared": [_shallow(shared) for shared in project.shared],
            "sources": dict(project.sources),
            "files": dict(rendered.files),
        }
    )


def from_text(text: str) -> Rendered:
    """Read what `to_text` wrote."""
    kept = json.loads(text)
    project = ProjectSpec(
        jobs=tuple(_job(job) for job in kept["jobs"]),
        shared=tuple(SharedSpec(**shared) for shared in kept["shared"]),
        sources=kept["sources"],
    )
    return Rendered(project, kept["files"])


def _shallow(spec: JobSpec | SharedSpec | ScheduleSpec) -> dict[str, Any]:
    """Give the fields; schemas may be deep, and are JSON as they are."""
    return {each.name: getattr(spec, each.name) for each in fields(spec)}


def _job(kept: dict[str, Any]) -> JobSpec:
    made = {
        "names": Names(**kept["names"]),
        "retries": RetrySpec(**kept["retries"]),
        "schedule": tuple(ScheduleSpec(**each) for each in kept["schedule"]),
    }
    return JobSpec(**{**kept, **made, "previous_names": tuple(kept["previous_names"])})
