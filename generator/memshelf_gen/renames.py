"""Tell which jobs are old ones under another name, and which might be."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from memshelf_gen.manifest import Manifest
from memshelf_gen.naming import wire_name
from memshelf_gen.spec import JobSpec, ProjectSpec

NEAR = 0.8
"""How much of two schemas has to be the same, so that one may be the other under a new name."""

_MANY = 400
"""How many pairs are compared: whoever moves so many schemas at once needs no hint, and it takes milliseconds each."""

_WORDS = {"$id", "$schema", "$comment", "title", "description", "examples"}


def renamed(project: ProjectSpec, former: Manifest, left: Iterable[str]) -> dict[str, str]:
    """Give the former key of each job whose schema has another path now.

    A job is an old one if the record has its name on the wire, or one of its previous names, for a schema that is
    gone. Where the record has neither, the keys of handlers that are `left` without a schema may still show it.
    """
    keys = {job.names.key for job in project.jobs}
    gone = {wire: key for key, wire in former.jobs.items() if key not in keys}
    leftover = {wire_name(key): key for key in left if key not in keys}
    found = {}
    for job in project.jobs:
        if job.names.key not in former.jobs and job.names.wire in gone:
            found[job.names.key] = gone[job.names.wire]
            continue
        origin = next((each[name] for name in job.previous_names for each in (gone, leftover) if name in each), None)
        if origin is not None:
            found[job.names.key] = origin
    return found


def suggestions(project: ProjectSpec, former: Manifest, bundles: Mapping[str, str], *, schemas: str) -> tuple[str, ...]:
    """Say which new job looks like one that is gone, and what to write if it is.

    `bundles` are the bundled schemas of the last generation, by key.
    """
    known = {*renamed(project, former, ()).values(), *(job.names.key for job in project.jobs)}
    gone = {key: _lines(bundles[key]) for key in former.jobs if key not in known and key in bundles}
    new = [job for job in project.jobs if job.names.key not in former.jobs and not job.previous_names]
    hints = []
    for job in new if len(gone) * len(new) <= _MANY else ():
        likeness, key = max(((_likeness(gone[key], job), key) for key in gone), default=(0.0, ""))
        if likeness >= NEAR:
            same = "is the same as" if likeness == 1.0 else "looks like"
            hints.append(
                f"{schemas}/{job.source} {same} the schema {key}, which is gone: if it is that job under a new name, "
                f"write x-job.previous_names: [{former.jobs[key]}]; its handler moves along, and jobs in the queue "
                "are run"
            )
    return tuple(hints)


def _likeness(former: list[str], job: JobSpec) -> float:
    return difflib.SequenceMatcher(None, former, _lines(json.dumps(job.bundle)), autojunk=False).ratio()


def _lines(bundle: str) -> list[str]:
    try:
        return json.dumps(_bare(json.loads(bundle)), indent=1, sort_keys=True).splitlines()
    except (ValueError, RecursionError):
        return []


def _bare(value: Any) -> Any:
    """Leave out what a schema only says to people."""
    match value:
        case dict():
            return {
                key: _bare(each) for key, each in value.items() if key not in _WORDS or not isinstance(each, str | list)
            }
        case list():
            return [_bare(each) for each in value]
        case _:
            return value
