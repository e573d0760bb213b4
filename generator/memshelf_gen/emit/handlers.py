"""Write `handlers.py`: the protocol that each job's handler has to fit."""

from __future__ import annotations

from memshelf_gen.emit.code import Module, Statement, apart, docstring, module, name
from memshelf_gen.emit.header import header
from memshelf_gen.emit.jobnames import described, handler_class, import_payload, payload_class
from memshelf_gen.emit.templates import fill, under
from memshelf_gen.spec import JobSpec, ProjectSpec

_HEAD = """
from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
"""
_TYPES = """
from collections.abc import Awaitable

from memshelf.context import Context
from memshelf.job import Job
"""
_PROTOCOL = """
class {handler}(Protocol):
    {doc}

    def __call__(self, job: Job[{payload}], context: Context, /) -> Awaitable[None] | None: ...
"""
_COROUTINE = _PROTOCOL.replace("Awaitable[None] | None", "Awaitable[None]")


def handlers(project: ProjectSpec, *, schemas: str) -> Module:
    """Give the module."""
    types = [*fill(_TYPES), *apart([import_payload(job) for job in project.jobs])]
    return module(
        header(f"{schemas}/"),
        [docstring("What the handler of each job has to be.")],
        fill(_HEAD),
        under("if TYPE_CHECKING: ...", types),
        [statement for job in project.jobs for statement in apart(_protocol(job), lines=2)],
    )


def _protocol(job: JobSpec) -> list[Statement]:
    return fill(
        _COROUTINE if job.isolation == "loop" else _PROTOCOL,
        handler=name(handler_class(job)),
        doc=docstring(described(f"Handles {job.names.wire} jobs.", job.description), depth=1),
        payload=name(payload_class(job)),
    )
