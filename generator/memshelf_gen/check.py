"""Check every document of a project, and all of them together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from memshelf_gen.clashes import check_names
from memshelf_gen.document import Document, Steps
from memshelf_gen.jobkeys import JOB, check_job
from memshelf_gen.keywords import Shape, draft_of, is_private
from memshelf_gen.links import check_references
from memshelf_gen.metaschema import check_dialect, check_schema, check_spelling
from memshelf_gen.problem import Problem, shown
from memshelf_gen.references import References
from memshelf_gen.schedulekeys import check_schedules
from memshelf_gen.values import wrong_value

_IGNORED_WITHOUT_LOSS = frozenset(
    ("$schema", "$id", "$ref", "$comment", "title", "description", "definitions", "default", "examples")
)
"""Keywords beside a `$ref` of draft-07 that assert nothing, so that it does no harm to ignore them."""


def check(references: References, *, jobs: str, services: str | None) -> Iterator[Problem]:
    """Give every fault of every document, in no order.

    Args:
        references: The documents and what they refer to.
        jobs: The dotted handler package.
        services: The function that registers services, as `module:function`.
    """
    return (problem for _, problem in faults(references, jobs=jobs, services=services))


def faults(references: References, *, jobs: str, services: str | None) -> Iterator[tuple[str, Problem]]:
    """Give every fault with the id of the rule that it breaks."""
    documents = list(references.documents.values())
    adopted: dict[str, list[Steps]] = {}
    for place in references.adopted:
        adopted.setdefault(place.source, []).append(place.steps)
    for document in documents:
        places = adopted.get(document.source, ())
        yield from _each("invalid-x-job", check_job(document))
        yield from _each("invalid-x-job", check_schedules(document))
        yield from _each("unread-draft", check_dialect(document))
        yield from _each("misspelt-keyword", check_spelling(document, places))
        yield from _each("invalid-keyword", check_schema(document, places))
        yield from _each("payload-root", _check_root(document))
    yield from _each("broken-reference", check_references(references))
    yield from _each("name-clash", check_names(documents, jobs=jobs, services=services))


def _each(rule: str, problems: Iterable[Problem]) -> Iterator[tuple[str, Problem]]:
    return ((rule, problem) for problem in problems)


def _check_root(document: Document) -> Iterator[Problem]:
    """Check that a job's payload can be an object; it is one in any case, whether its schema says so or not."""
    schema = document.value
    if JOB not in schema:
        return
    kind = schema.get("type", "object")
    kinds = kind if isinstance(kind, list) else [kind]
    ignored = draft_of(schema) == "draft-07" and "$ref" in schema
    if "object" not in kinds and not ignored and not [*wrong_value("type", Shape.TYPES, kind)]:
        text = f"a job's payload is an object; write type: object, got {shown(kind)}"
        yield document.problem(("type",), text)
    if ignored and not _IGNORED_WITHOUT_LOSS.issuperset(key for key in schema if not is_private(key)):
        yield document.problem(("$ref",), "draft-07 ignores whatever stands beside a $ref; put it into allOf")
