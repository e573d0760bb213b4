"""Write `registry.py`: which handler runs which job; the only generated file that imports handlers."""

from __future__ import annotations

from memshelf_gen.emit.code import (
    Module,
    Statement,
    apart,
    call,
    docstring,
    dotted,
    exploded,
    import_from,
    module,
    name,
)
from memshelf_gen.emit.header import header
from memshelf_gen.emit.jobnames import handler_class
from memshelf_gen.emit.templates import fill
from memshelf_gen.spec import JobSpec, ProjectSpec

_HEAD = """
from __future__ import annotations

from memshelf.registry import Registered, Registry
"""


def registry(project: ProjectSpec, *, schemas: str, jobs: str, services: str | None) -> Module:
    """Give the module; `jobs` is the dotted handler package, `services` a `module:function` or nothing."""
    modules = {f"{jobs}.{job.names.module}" for job in project.jobs}
    if services:
        modules.add(services.partition(":")[0])
    imports = [line for path in sorted(modules) for line in fill("import {module}", module=dotted(path))]
    handlers = [line for job in project.jobs for line in _handler(job, jobs)]
    return module(
        header(f"{schemas}/"),
        [docstring("Which handler runs which job.")],
        fill(_HEAD),
        apart(imports),
        apart(_imports_of_neighbours(project)),
        apart(handlers),
        apart(_registry(project, services)),
    )


def _handler(job: JobSpec, jobs: str) -> list[Statement]:
    """Check a handler against its protocol, where the type checker names the job."""
    return fill(
        "{variable}: {protocol} = {handle}",
        variable=name(f"_{job.names.method}"),
        protocol=name(handler_class(job)),
        handle=dotted(f"{jobs}.{job.names.module}.handle"),
    )


def _imports_of_neighbours(project: ProjectSpec) -> list[Statement]:
    if not project.jobs:
        return []
    constants = sorted(job.names.constant for job in project.jobs)
    protocols = sorted(handler_class(job) for job in project.jobs)
    return [import_from(".catalog", *constants), import_from(".handlers", *protocols)]


def _registry(project: ProjectSpec, services: str | None) -> list[Statement]:
    listed = exploded(
        call("Registered", name(job.names.constant), name(f"_{job.names.method}")) for job in project.jobs
    )
    if not services:
        return fill("registry = Registry({entries})", entries=listed)
    path, _, function = services.partition(":")
    return fill(
        "registry = Registry({entries}, services={services})", entries=listed, services=dotted(f"{path}.{function}")
    )
