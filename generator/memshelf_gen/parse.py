"""Read a project: from its configuration to its specification, or to every fault in it."""

from __future__ import annotations

import re
from typing import Any

from memshelf_gen.bundle import bundle, digest, without_private
from memshelf_gen.document import Document
from memshelf_gen.load import load
from memshelf_gen.naming import module_name, name_job
from memshelf_gen.problem import InvalidInput
from memshelf_gen.references import References
from memshelf_gen.settings import ProjectConfig
from memshelf_gen.spec import JobSpec, ProjectSpec, RetrySpec, SharedSpec

JOB = "x-job"
_BYTES = re.compile(r"([0-9]+) *(B|KB|MB)")
_UNITS = {"B": 1, "KB": 1_000, "MB": 1_000_000}


def read_project(config: ProjectConfig) -> ProjectSpec:
    """Read and check every schema of a project.

    Raises:
        InvalidInput: Something is wrong; carries every fault of every file at once.
    """
    folder = load(config.schema_folder, shown=config.schemas)
    if folder.problems:
        raise InvalidInput(folder.problems)
    return parse(References(folder.documents, unread=folder.unread))


def parse(references: References) -> ProjectSpec:
    """Give the specification, sorted by source. The documents must have passed every check."""
    documents = [references.documents[source] for source in sorted(references.documents)]
    return ProjectSpec(
        jobs=tuple(_job(references, document) for document in documents if JOB in document.value),
        shared=tuple(_shared(references, document) for document in documents if JOB not in document.value),
    )


def bytes_of(value: int | str) -> int:
    """Give a size such as `64KB` in bytes; KB is 1000 bytes, as in the International System of Units."""
    if isinstance(value, int):
        return value
    found = _BYTES.fullmatch(value)
    if found is None:
        raise ValueError(value)
    return int(found[1]) * _UNITS[found[2]]


def retries_of(value: int | dict[str, Any]) -> RetrySpec:
    """Give the retries that a number or an object stands for."""
    return RetrySpec(**value) if isinstance(value, dict) else RetrySpec(max=value)


def _job(references: References, document: Document) -> JobSpec:
    job: dict[str, Any] = document.value[JOB]
    names = name_job(document.source, wire=job.get("name"))
    bundled = bundle(references, document.source)
    timeout = job.get("timeout", "15m")
    return JobSpec(
        names=names,
        source=document.source,
        description=document.value.get("description") or document.value.get("title") or f"The job {names.wire}.",
        version=job.get("version", 1),
        queue=job.get("queue", "default"),
        priority=job.get("priority", 5),
        concurrency=job.get("concurrency"),
        retries=retries_of(job.get("retries", {})),
        max_lost=job.get("max_lost", 5),
        timeout=None if timeout == "none" else timeout,
        max_payload=bytes_of(job.get("max_payload", "1MB")),
        previous_names=tuple(job.get("previous_names", ())),
        schema=without_private(references, document.source),
        bundle=bundled,
        digest=digest(bundled),
    )


def _shared(references: References, document: Document) -> SharedSpec:
    return SharedSpec(
        source=document.source,
        module=module_name(document.source),
        schema=without_private(references, document.source),
    )
