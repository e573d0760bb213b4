"""Make the catalogue of a project's jobs: a page for each job and a list of all, in Markdown and in HTML."""

from __future__ import annotations

import json

from memshelf_gen.emit.jobnames import payload_class
from memshelf_gen.emit.schemas import schema
from memshelf_gen.exports import markdown, webpage
from memshelf_gen.exports.entries import Code, Entry, Line, Text
from memshelf_gen.exports.fields import lay_out
from memshelf_gen.exports.words import joined
from memshelf_gen.settings import ProjectConfig
from memshelf_gen.spec import JobSpec, ProjectSpec, RetrySpec

FOLDER = "jobs"


def catalogue(project: ProjectSpec, config: ProjectConfig) -> dict[str, str]:
    """Give the text of each page by its path, the lists of jobs last."""
    entries = sorted((entry(job, config) for job in project.jobs), key=lambda each: each.name)
    files = {}
    for number, each in enumerate(entries):
        before, after = entries[number - 1] if number else None, entries[number + 1 : number + 2]
        files[f"{FOLDER}/{each.name}.md"] = markdown.page(each)
        files[f"{FOLDER}/{each.name}.html"] = webpage.page(each, before=before, after=after[0] if after else None)
    return {**files, "index.md": markdown.index(entries), "index.html": webpage.index(entries)}


def is_page(text: str) -> bool:
    """Tell whether a file is a page of a catalogue that memshelf-gen wrote."""
    return text.startswith((markdown.MARK, webpage.MARK))


def entry(job: JobSpec, config: ProjectConfig) -> Entry:
    """Give what the catalogue tells of a job."""
    # Of a job the page says at its top what it is about.
    payload, parts = lay_out({key: each for key, each in job.bundle.items() if key != "description"}, title="Payload")
    title = job.bundle.get("title")
    examples = job.bundle.get("examples", [])
    return Entry(
        name=job.names.wire,
        title=title if isinstance(title, str) else "",
        description=job.description,
        summary=(job.queue, str(job.retries.max), job.timeout or "none"),
        facts=tuple(_facts(job, config).items()),
        calls=_calls(job, config),
        payload=payload,
        parts=parts,
        examples=tuple(json.dumps(each, indent=2, ensure_ascii=False) for each in examples),
        schema=schema(job).removesuffix("\n"),
    )


HOMES = {"loop": "in the worker's event loop", "thread": "in a thread", "process": "in a child process"}


def _facts(job: JobSpec, config: ProjectConfig) -> dict[str, Line]:
    limit = f"{job.concurrency} at once in one worker" if job.concurrency else "the worker's own limit"
    facts: dict[str, Line] = {
        "Schema": (Code(f"{config.schemas}/{job.source}"),),
        "Version": (Text(str(job.version)),),
        "Queue": (Code(job.queue),),
        "Priority": (Text(f"{job.priority} of 0 to 9"),),
        "Retries": (Text(_retries(job.retries)),),
        "Timeout": (Text(job.timeout or "none"),),
        "Lost runs": (Text(f"at most {job.max_lost}" if job.max_lost else "none"),),
        "Outcomes": (Text("each written at once" if job.acknowledge == "each" else "written in batches"),),
        "Concurrency": (Text(limit),),
        "Largest payload": (Text(_size(job.max_payload)),),
    }
    if job.isolation:
        facts["Isolation"] = (Text(HOMES[job.isolation]),)
    if job.keep:
        kept = {"forever": "for ever", "none": "not at all"}
        said = ", ".join(f"{state} {kept.get(text, text)}" for state, text in job.keep.items())
        facts["Kept"] = (Text(said),)
    if job.previous_names:
        facts["Previous names"] = joined(((Code(each),) for each in job.previous_names), ", ")
    return {**facts, "Digest": (Code(job.digest),)}


def _retries(retries: RetrySpec) -> str:
    if not retries.max:
        return "none"
    growth = {
        "exponential": "doubled each time",
        "linear": "longer by one delay each time",
        "fixed": "the same each time",
    }
    limit = f", at most {retries.max_delay}" if retries.backoff != "fixed" else ""
    return (
        f"{retries.max}, after {retries.delay}, {growth[retries.backoff]}{limit}"
        f"{', varied at random' if retries.jitter else ''}"
    )


def _size(size: int) -> str:
    for unit, name in ((1_000_000, "MB"), (1_000, "KB")):
        if size % unit == 0:
            return f"{size // unit} {name}"
    return f"{size} bytes"


def _calls(job: JobSpec, config: ProjectConfig) -> str:
    method, cls = job.names.method, payload_class(job)
    return (
        f"from {config.generated} import {', '.join(sorted(('JobQueue', cls)))}\n"
        "\n"
        "with JobQueue.connect() as queue:\n"
        f"    queue.queue_{method}({cls}(...))\n"
        f'    queue.schedule_{method}("in 30 minutes", {cls}(...))'
    )
