"""Write `queues.py`: the blocking and the asyncio queue, with four typed methods for each job."""

from __future__ import annotations

from memshelf_gen.emit.code import Module, Statement, apart, docstring, module, name
from memshelf_gen.emit.header import header
from memshelf_gen.emit.jobnames import described, dict_class, import_dict, import_payload, payload_class
from memshelf_gen.emit.templates import fill, under
from memshelf_gen.spec import JobSpec, ProjectSpec

_HEAD = """
from __future__ import annotations

from typing import TYPE_CHECKING

from memshelf.queues import AsyncQueue, BlockingQueue

from . import catalog as jobs
"""
_TYPES = """
from collections.abc import Iterable
from datetime import timedelta
from typing import Unpack

from memshelf.handle import AsyncJobHandle, JobHandle
from memshelf.options import ManyOptions, QueueOptions, ScheduleOptions
from memshelf.timetable import EveryOptions, Schedule
from memshelf.when import When
"""
_METHODS = """
def {queue_one}(
    self, payload: {model} | {typed_dict}, **options: Unpack[QueueOptions]
) -> JobHandle[{model}]:
    {queue_one_doc}
    return self.queue(jobs.{job}, payload, **options)

def {queue_many}(
    self, payloads: Iterable[{model} | {typed_dict}], **options: Unpack[ManyOptions]
) -> list[JobHandle[{model}]]:
    {queue_many_doc}
    return self.queue_many(jobs.{job}, payloads, **options)

def {schedule}(
    self, when: When, payload: {model} | {typed_dict}, **options: Unpack[ScheduleOptions]
) -> JobHandle[{model}]:
    {schedule_doc}
    return self.schedule(jobs.{job}, when, payload, **options)

def {every}(
    self, rhythm: str | timedelta, payload: {model} | {typed_dict}, **options: Unpack[EveryOptions]
) -> Schedule:
    {every_doc}
    return self.every(jobs.{job}, rhythm, payload, **options)
"""
_ASYNC_METHODS = (
    _METHODS.replace("def ", "async def ")
    .replace("JobHandle[", "AsyncJobHandle[")
    .replace("return self", "return await self")
)


def queues(project: ProjectSpec, *, schemas: str) -> Module:
    """Give the module."""
    types = [each(job) for each in (import_dict, import_payload) for job in project.jobs]
    blocking = [method for job in project.jobs for method in _methods(_METHODS, job)]
    awaiting = [method for job in project.jobs for method in _methods(_ASYNC_METHODS, job)]
    return module(
        header(f"{schemas}/"),
        [docstring("The queues of this application: a blocking one and one for asyncio.")],
        fill(_HEAD),
        under("if TYPE_CHECKING: ...", [*fill(_TYPES), *apart(types)]),
        _queue(
            "class JobQueue(BlockingQueue): ...", "Queues the jobs of this application from blocking code.", blocking
        ),
        _queue(
            "class AsyncJobQueue(AsyncQueue): ...", "Queues the jobs of this application from asyncio code.", awaiting
        ),
    )


def _queue(template: str, text: str, methods: list[Statement]) -> list[Statement]:
    return under(template, [docstring(text, depth=1), *apart(fill("catalog = jobs.catalog")), *methods])


def _methods(template: str, job: JobSpec) -> list[Statement]:
    stem, wire = job.names.method, job.names.wire
    return fill(
        template,
        queue_one=name(f"queue_{stem}"),
        queue_many=name(f"queue_{stem}_many"),
        schedule=name(f"schedule_{stem}"),
        every=name(f"every_{stem}"),
        queue_one_doc=docstring(described(f"Queue a {wire} job.", job.description), depth=2),
        queue_many_doc=docstring(
            described(f"Queue several {wire} jobs, or none if one is not valid.", job.description), depth=2
        ),
        schedule_doc=docstring(described(f"Queue a {wire} job for later.", job.description), depth=2),
        every_doc=docstring(described(f"Queue a {wire} job at every tick of a schedule.", job.description), depth=2),
        model=name(payload_class(job)),
        typed_dict=name(dict_class(job)),
        job=name(job.names.constant),
    )
