"""Read a project: from its configuration to its specification, or to every fault in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from memshelf_gen.bundle import bundle, digest
from memshelf_gen.check import check
from memshelf_gen.document import Document
from memshelf_gen.gather import Gathered, gather
from memshelf_gen.jobkeys import JOB
from memshelf_gen.load import read_all
from memshelf_gen.located import located
from memshelf_gen.naming import module_name, name_job
from memshelf_gen.problem import InvalidInput, Problem
from memshelf_gen.references import References
from memshelf_gen.scheduled import check_payloads
from memshelf_gen.schedulekeys import SCHEDULE, key_of
from memshelf_gen.settings import ProjectConfig
from memshelf_gen.sizes import bytes_of
from memshelf_gen.spec import JobSpec, ProjectSpec, RetrySpec, ScheduleSpec, SharedSpec


def read_project(config: ProjectConfig) -> ProjectSpec:
    """Read and check every schema of a project.

    Raises:
        InvalidInput: Something is wrong; carries every fault of every file at once.
    """
    return parse_gathered(gather(config.schema_folder, shown=config.schemas), config)


def parse_gathered(gathered: Gathered, config: ProjectConfig) -> ProjectSpec:
    """Read and check the schemas that were gathered.

    Raises:
        InvalidInput: Something is wrong; carries every fault of every file at once.
    """
    folder = read_all(gathered)
    references = References(folder.documents, unread=folder.unread)
    if problems := [*folder.problems, *check(references, jobs=config.jobs, services=config.services)]:
        raise InvalidInput(problems)
    if problems := [*check_scheduled(references)]:
        raise InvalidInput(problems)
    return parse(references)


def check_scheduled(references: References) -> Iterator[Problem]:
    """Give the faults of all payloads of schedules. The documents must have passed every check."""
    for document in references.documents.values():
        if JOB in document.value and SCHEDULE in document.value[JOB]:
            yield from check_payloads(document, job_of(references, document))


def parse(references: References) -> ProjectSpec:
    """Give the specification, sorted by source. The documents must have passed every check."""
    documents = [references.documents[source] for source in sorted(references.documents)]
    return ProjectSpec(
        jobs=tuple(job_of(references, document) for document in documents if JOB in document.value),
        shared=tuple(_shared(references, document) for document in documents if JOB not in document.value),
        sources={document.source: document.digest for document in documents},
    )


def job_of(references: References, document: Document) -> JobSpec:
    """Give the specification of one job, whose documents must have passed every check."""
    job: dict[str, Any] = document.value[JOB]
    names = name_job(document.source, wire=job.get("name"))
    bundled = bundle(references, document.source).schema
    timeout = job.get("timeout", "15m")
    return JobSpec(
        names=names,
        source=document.source,
        description=document.value.get("description") or document.value.get("title") or f"The job {names.wire}.",
        version=int(job.get("version", 1)),
        queue=job.get("queue", "default"),
        priority=int(job.get("priority", 5)),
        concurrency=int(job["concurrency"]) if "concurrency" in job else None,
        retries=_retries(job.get("retries", {})),
        max_lost=int(job.get("max_lost", 5)),
        timeout=None if timeout == "none" else timeout,
        acknowledge=job.get("acknowledge", "batched"),
        isolation=job.get("isolation"),
        max_payload=bytes_of(job.get("max_payload", "1MB")),
        previous_names=tuple(job.get("previous_names", ())),
        schedule=tuple(_schedule(each, index) for index, each in enumerate(job.get("schedule", ()))),
        schema=located(references, document.source),
        bundle=bundled,
        digest=digest(bundled),
        keep=job.get("keep", {}),
    )


def _retries(written: float | dict[str, Any]) -> RetrySpec:
    """Give the retries that a number or an object stands for; 3.0 is an integer of JSON Schema too."""
    settings: dict[str, Any] = written if isinstance(written, dict) else {"max": written}
    return RetrySpec(**{**settings, "max": int(settings.get("max", 3))})


def _schedule(written: dict[str, Any], index: int) -> ScheduleSpec:
    return ScheduleSpec(
        key=key_of(written, index),
        cron=written.get("cron"),
        every=written.get("every"),
        timezone=written.get("timezone", "UTC"),
        payload=written.get("payload", {}),
        misfire=written.get("misfire", "once"),
    )


def _shared(references: References, document: Document) -> SharedSpec:
    return SharedSpec(
        source=document.source,
        module=module_name(document.source),
        schema=located(references, document.source),
    )
