"""Derive the names that several generated files share from the names of a job."""

from __future__ import annotations

from memshelf_gen.emit.code import Statement, import_from
from memshelf_gen.spec import JobSpec


def payload_class(job: JobSpec) -> str:
    """Give the name of a job's model: `EmailPayload`."""
    return f"{job.names.class_stem}Payload"


def dict_class(job: JobSpec) -> str:
    """Give the name of a job's TypedDict: `EmailPayloadDict`."""
    return f"{payload_class(job)}Dict"


def handler_class(job: JobSpec) -> str:
    """Give the name of a job's handler protocol: `EmailHandler`."""
    return f"{job.names.class_stem}Handler"


def import_payload(job: JobSpec) -> Statement:
    """Import a job's model from its module."""
    return import_from(f".models.{job.names.module}", payload_class(job))


def import_dict(job: JobSpec) -> Statement:
    """Import a job's TypedDict from its module."""
    return import_from(f".dicts.{job.names.module}", dict_class(job))


def described(first: str, description: str) -> str:
    """Give a docstring: one line of ours, then the schema's description."""
    return f"{first}\n\n{description.strip()}" if description.strip() else first
