"""Check `x-job` against its published metaschema, `job.schema.json`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema_rs

from memshelf_gen.document import Document, Steps
from memshelf_gen.problem import Problem, did_you_mean, shown
from memshelf_gen.sizes import MAX_PAYLOAD, bytes_of

JOB = "x-job"


def check_job(document: Document) -> Iterator[Problem]:
    """Give every fault of a document's `x-job`; one at most for each value."""
    if JOB not in document.value:
        return
    settings = document.value[JOB]
    faulty: set[Steps] = set()
    for error in _judge().iter_errors(settings):
        at = (JOB, *(step if isinstance(step, int) else str(step) for step in error.instance_path))
        if error.kind.name == "additionalProperties":
            yield from _unknown(document, at, error)
        elif at not in faulty:
            faulty.add(at)
            yield document.problem(at, _text(error))
    at = (JOB, "max_payload")
    size = settings.get("max_payload") if isinstance(settings, dict) else None
    if isinstance(size, str) and at not in faulty and bytes_of(size) > MAX_PAYLOAD:
        yield document.problem(at, f"must be at most 15MB, got {size!r}")


@cache
def job_metaschema() -> dict[str, Any]:
    """Give the published metaschema."""
    text = files("memshelf_gen").joinpath("job.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@cache
def _judge() -> jsonschema_rs.Draft202012Validator:
    metaschema = job_metaschema()
    registry = jsonschema_rs.Registry([(metaschema["$id"], metaschema)])
    return jsonschema_rs.Draft202012Validator({"$ref": f"{metaschema['$id']}#/$defs/Job"}, registry=registry)


def _unknown(document: Document, at: Steps, error: jsonschema_rs.ValidationError) -> Iterator[Problem]:
    known = sorted(_schema_of(error)["properties"])
    for key in error.kind.as_dict()["unexpected"]:
        hint = did_you_mean(key, known, otherwise=f"; known are {', '.join(known)}")
        yield document.problem((*at, key), f"unknown key{hint}")


def _text(error: jsonschema_rs.ValidationError) -> str:
    """Say what would be right, in the words of the metaschema's titles."""
    schema, value = _schema_of(error), error.instance
    match error.kind.name:
        case "minimum":
            return f"must be at least {schema['minimum']}, got {shown(value)}"
        case "maximum":
            return f"must be at most {schema['maximum']}, got {shown(value)}"
        case "uniqueItems":
            return "must not hold the same name twice"
        case "enum" if isinstance(value, str):
            return f"must be {schema['title']}, got {value!r}{did_you_mean(value, schema['enum'])}"
        case _ if type(value) is int and "duration" in schema["title"]:
            return f"must be {schema['title']}, got {value}; write {value}s for seconds"
        case _:
            return f"must be {schema['title']}, got {shown(value)}"


def _schema_of(error: jsonschema_rs.ValidationError) -> Any:
    """Give the part of the metaschema whose keyword was broken."""
    found: Any = job_metaschema()
    for step in error.schema_path[:-1]:
        found = found[step]
    return found
