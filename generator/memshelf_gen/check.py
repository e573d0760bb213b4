"""Check every document of a project, and all of them together."""

from __future__ import annotations

from collections.abc import Iterator

from memshelf_gen.clashes import check_names
from memshelf_gen.document import Document
from memshelf_gen.jobkeys import JOB, check_job
from memshelf_gen.keywords import Shape, draft_of
from memshelf_gen.links import check_references
from memshelf_gen.metaschema import check_schema
from memshelf_gen.problem import Problem, shown
from memshelf_gen.references import References
from memshelf_gen.values import wrong_value


def check(references: References, *, jobs: str, services: str | None) -> Iterator[Problem]:
    """Give every fault of every document, in no order.

    Args:
        references: The documents and what they refer to.
        jobs: The dotted handler package.
        services: The function that registers services, as `module:function`.
    """
    documents = list(references.documents.values())
    for document in documents:
        yield from check_job(document)
        yield from check_schema(document)
        yield from _check_root(document)
    yield from check_references(references)
    yield from check_names(documents, jobs=jobs, services=services)


def _check_root(document: Document) -> Iterator[Problem]:
    """Check that a job's payload is an object, as the generated methods and models suppose."""
    schema = document.value
    if JOB not in schema:
        return
    if "type" not in schema:
        yield document.problem((), "a job's payload is an object; write type: object", where=("type",))
    elif schema["type"] != "object" and not [*wrong_value("type", Shape.TYPES, schema["type"])]:
        text = f"a job's payload is an object; write type: object, got {shown(schema['type'])}"
        yield document.problem(("type",), text)
    if "$ref" in schema and draft_of(schema) == "draft-07":
        yield document.problem(("$ref",), "draft-07 ignores whatever stands beside a $ref; put it into allOf")
