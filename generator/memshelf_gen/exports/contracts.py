"""Give every job's schema as a file of its own, for producers in any language, and an index of these files."""

from __future__ import annotations

import json
from dataclasses import replace

from memshelf_gen.emit.schemas import schema
from memshelf_gen.spec import JobSpec, Json, ProjectSpec

INDEX = "index.json"
FORMAT = "memshelf job schemas"
"""What an index says of itself, so that another tool's index.json is never taken for one."""


def contracts(project: ProjectSpec, *, id_base: str) -> dict[str, str]:
    """Give the text of each exported file by its name, the index last."""
    files = {file_of(job): contract(job, id_base=id_base) for job in project.jobs}
    return {**dict(sorted(files.items())), INDEX: _index(project, id_base=id_base)}


def contract(job: JobSpec, *, id_base: str) -> str:
    """Give one job's schema, self-contained and with an `$id`."""
    return schema(replace(job, bundle=_with_address(job, id_base)))


def address(job: JobSpec, *, id_base: str) -> str:
    """Give the `$id` of a job's exported schema: its author's, or else one made of the job's name on the wire."""
    own = job.schema.get("$id")
    return own if isinstance(own, str) and not own.startswith("#") else f"{id_base}{job.names.wire}"


def file_of(job: JobSpec) -> str:
    """Give the name of a job's exported file."""
    return f"{job.names.wire}.schema.json"


def read_index(text: str) -> frozenset[str] | None:
    """Give the files that an index of ours lists; None for a file that is no index of ours."""
    try:
        loaded = json.loads(text)
    except ValueError:
        return None
    if not isinstance(loaded, dict) or loaded.get("format") != FORMAT:
        return None
    jobs = loaded.get("jobs")
    names = [each.get("file") for each in jobs if isinstance(each, dict)] if isinstance(jobs, list) else []
    return frozenset(name for name in names if isinstance(name, str) and name.endswith(".json") and "/" not in name)


def _index(project: ProjectSpec, *, id_base: str) -> str:
    jobs = [
        {
            "name": job.names.wire,
            "previousNames": list(job.previous_names),
            "description": job.description,
            "version": job.version,
            "queue": job.queue,
            "priority": job.priority,
            "maxPayload": job.max_payload,
            "digest": job.digest,
            "id": address(job, id_base=id_base),
            "file": file_of(job),
        }
        for job in sorted(project.jobs, key=lambda job: job.names.wire)
    ]
    return json.dumps({"format": FORMAT, "jobs": jobs}, indent=2, ensure_ascii=True) + "\n"


def _with_address(job: JobSpec, id_base: str) -> Json:
    """Give the bundle with its `$id` in front."""
    head: Json = {"$schema": job.bundle["$schema"], "$id": address(job, id_base=id_base)}
    return {**head, **{key: value for key, value in job.bundle.items() if key not in head}}
