"""Prove at generation that a job's classes take every payload that its schema accepts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from memshelf_gen.canonical import Answer, covers
from memshelf_gen.instances import instances
from memshelf_gen.judging import judge
from memshelf_gen.keywords import draft_of
from memshelf_gen.problem import InvalidInput, Problem
from memshelf_gen.spec import JobSpec, Json

TRIED = 40
"""Instances that are tried where the canonical forms do not decide."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What is known of one job's classes."""

    answer: Answer
    """Whether they cover the schema, by the canonical forms of both."""
    witness: Any = None
    """A payload that the schema accepts and the classes refuse, if one was found."""
    where: tuple[str | int, ...] | None = None
    """The place in the witness that is refused."""

    @property
    def holds(self) -> bool:
        return self.answer != "no" and self.where is None


def prove(jobs: tuple[JobSpec, ...], admitted: Mapping[str, Json], *, schemas: str) -> None:
    """Check every job's classes against its schema.

    Raises:
        InvalidInput: the classes of a job refuse payloads that its schema accepts; a fault of memshelf.
    """
    proofs = {job.source: proof(job.bundle, admitted[job.source]) for job in jobs}
    if faults := [_fault(f"{schemas}/{source}", each) for source, each in proofs.items() if not each.holds]:
        raise InvalidInput(faults)


def proof(schema: Json, admitted: Json) -> Proof:
    """Ask the canonical forms; where they do not answer yes, try instances of the schema.

    Args:
        schema: A job's bundle.
        admitted: What its classes admit, as a schema.
    """
    answer = covers(admitted, _objects(schema))
    if answer == "yes":
        return Proof(answer)
    accepts, classes = judge(schema), judge(admitted)
    for instance in instances(schema, TRIED):
        if isinstance(instance, dict) and accepts.is_valid(instance) and not classes.is_valid(instance):
            error = next(iter(classes.iter_errors(instance)))
            return Proof(answer, instance, tuple(error.instance_path))
    return Proof(answer)


def _objects(schema: Json) -> Json:
    """Give a schema of the objects that it accepts, for those that do not say that a payload is one."""
    if schema.get("type") == "object":
        return schema
    if "$ref" in schema and draft_of(schema) == "draft-07":  # which ignores what stands beside it
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        return {**rest, "type": "object", "allOf": [{"$ref": schema["$ref"]}]}
    return {**schema, "type": "object"}


def _fault(path: str, found: Proof) -> Problem:
    where = ".".join(map(str, found.where or ()))
    shown = f", such as {json.dumps(found.witness, ensure_ascii=False)[:200]}" if found.where is not None else ""
    text = f"the generated classes would refuse payloads that this schema accepts{shown}"
    return Problem(path, 0, 0, where, f"{text}; this is a fault of memshelf, please report it with the schema")
