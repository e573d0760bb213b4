"""Write `catalog.py`: one typed job definition per job."""

from __future__ import annotations

from memshelf_gen.emit.code import (
    Code,
    Module,
    Statement,
    apart,
    call,
    display,
    docstring,
    exploded,
    literal,
    module,
    name,
)
from memshelf_gen.emit.header import header
from memshelf_gen.emit.jobnames import import_payload, payload_class
from memshelf_gen.emit.templates import fill, under
from memshelf_gen.spec import JobSpec, ProjectSpec, RetrySpec, ScheduleSpec

_HEAD = """
from __future__ import annotations

from typing import TYPE_CHECKING

from memshelf.durations import parse_duration as duration
from memshelf.jobtype import BundledSchema, Catalog, JobType
from memshelf.retry import RetryPolicy
"""
_HEAD_SCHEDULED = _HEAD.replace("JobType\n", "JobType, Scheduled\n")
_PACKAGE = '_PACKAGE = __name__.rpartition(".")[0]'
_LOADER = """
def {loader}() -> type[{payload}]:
    {import_payload}

    return {payload}
"""
_DEFINITION = """
{constant} = JobType(
    name={wire},
    key={key},
    description={description},
    payload={loader},
    schema=BundledSchema(package=_PACKAGE, path={path}, digest={digest}),
    version={version},
    queue={queue},
    priority={priority},
    concurrency={concurrency},
    retries={retries},
    max_lost={max_lost},
    timeout={timeout},
    acknowledge={acknowledge},
    isolation={isolation},
    max_payload={max_payload},
    previous_names={previous_names},
)
"""


def catalog(project: ProjectSpec, *, schemas: str) -> Module:
    """Give the module."""
    loaders = [statement for job in project.jobs for statement in _loader(job)]
    definitions = [statement for job in project.jobs for statement in apart(_definition(job))]
    entries = exploded(name(job.names.constant) for job in project.jobs)
    return module(
        header(f"{schemas}/"),
        [docstring("The jobs of this application, as their schemas describe them.")],
        fill(_HEAD_SCHEDULED if any(job.schedule for job in project.jobs) else _HEAD),
        under("if TYPE_CHECKING: ...", [import_payload(job) for job in project.jobs]),
        apart(fill(_PACKAGE)),
        loaders,
        definitions,
        apart(fill("catalog = Catalog({entries})", entries=entries)),
    )


def _loader(job: JobSpec) -> list[Statement]:
    return fill(
        _LOADER,
        loader=name(f"_{job.names.method}"),
        payload=name(payload_class(job)),
        import_payload=import_payload(job),
    )


def _definition(job: JobSpec) -> list[Statement]:
    """Give the definition; keys that few jobs have are written for those that have them."""
    rare = _rare(job)
    asked = "".join(f"    {key}={{{key}}},\n" for key in rare)
    return fill(
        _DEFINITION.replace("\n)\n", f"\n{asked})\n"),
        **rare,
        constant=name(job.names.constant),
        wire=literal(job.names.wire),
        key=literal(job.names.key),
        description=literal(job.description),
        loader=name(f"_{job.names.method}"),
        path=literal(f"schemas/{job.names.key}.json"),
        digest=literal(job.digest),
        version=literal(job.version),
        queue=literal(job.queue),
        priority=literal(job.priority),
        concurrency=literal(job.concurrency),
        retries=_retries(job.retries),
        max_lost=literal(job.max_lost),
        timeout=_duration(job.timeout),
        acknowledge=literal(job.acknowledge),
        isolation=literal(job.isolation),
        max_payload=literal(job.max_payload),
        previous_names=literal(job.previous_names),
    )


def _rare(job: JobSpec) -> dict[str, Code]:
    keep = display((literal(state), _kept(text)) for state, text in job.keep.items())
    schedule = exploded(map(_schedule, job.schedule))
    return {**({"keep": keep} if job.keep else {}), **({"schedule": schedule} if job.schedule else {})}


def _schedule(each: ScheduleSpec) -> Code:
    if each.every is not None:
        when = {"every": _duration(each.every)}
    else:
        when = {"cron": literal(each.cron), "timezone": literal(each.timezone)}
    return call(
        "Scheduled", key=literal(each.key), **when, payload=literal(each.payload), misfire=literal(each.misfire)
    )


def _kept(text: str) -> Code:
    """Write a retention: None is for ever, and no time at all deletes at once."""
    return literal(None) if text == "forever" else _duration("0s" if text == "none" else text)


def _retries(policy: RetrySpec) -> Code:
    return call(
        "RetryPolicy",
        max=literal(policy.max),
        backoff=literal(policy.backoff),
        delay=_duration(policy.delay),
        max_delay=_duration(policy.max_delay),
        jitter=literal(policy.jitter),
    )


def _duration(text: str | None) -> Code:
    return literal(None) if text is None else call("duration", literal(text))
