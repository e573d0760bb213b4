"""Write the first text of a handler's file; after that the file is its people's."""

from __future__ import annotations

from memshelf_gen.emit.code import Module, Statement, apart, docstring, dotted, literal, module, name
from memshelf_gen.emit.jobnames import payload_class
from memshelf_gen.emit.templates import fill
from memshelf_gen.spec import JobSpec

_IMPORT_RUNTIME = "from memshelf import Context, Job"
_IMPORT_PAYLOAD = "from {generated} import {payload}"
_HANDLE = """
async def handle(job: Job[{payload}], context: Context) -> None:
    {doc}
    raise NotImplementedError({text})
"""


def stub(job: JobSpec, *, generated: str, path: str) -> Module:
    """Give the file; `generated` is the dotted generated package, `path` the file's own, for the message."""
    summary = first_line(job)
    missing = f"{job.names.wire} has no handler body yet: write it in {path}"
    return module(
        "",
        [docstring(f"Handle {job.names.wire}: {summary}" if summary else f"Handle {job.names.wire}.")],
        apart(_imports(job, generated)),
        fill(
            _HANDLE,
            payload=name(payload_class(job)),
            doc=docstring(summary or f"Run one {job.names.wire} job."),
            text=literal(missing),
        ),
    )


def first_line(job: JobSpec) -> str:
    """Give the first line of a job's description."""
    return job.description.strip().partition("\n")[0].strip()


def _imports(job: JobSpec, generated: str) -> list[Statement]:
    """Import in the order that sorters of imports want: both are packages from outside of this one."""
    lines = [
        (generated, fill(_IMPORT_PAYLOAD, generated=dotted(generated), payload=name(payload_class(job)))),
        ("memshelf", fill(_IMPORT_RUNTIME)),
    ]
    return [line for _, statements in sorted(lines, key=lambda pair: pair[0]) for line in statements]
