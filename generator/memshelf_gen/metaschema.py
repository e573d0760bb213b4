"""Check the JSON Schema in a document: slips in keywords, and values that a keyword cannot have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import jsonschema_rs

from memshelf_gen.document import Document, Steps
from memshelf_gen.jobkeys import JOB
from memshelf_gen.judging import VALIDATORS
from memshelf_gen.keywords import ANNOTATIONS, DRAFTS, KEYWORDS, Draft, draft_of, is_private, schemas
from memshelf_gen.older import OLDER
from memshelf_gen.problem import Problem, did_you_mean, shown
from memshelf_gen.unknown import meant
from memshelf_gen.values import wrong_value

_JOB_MISSPELLED = frozenset(("xjob", "x_job", "job-x", "x.job"))


def check_dialect(document: Document) -> Iterator[Problem]:
    """Give the fault of a document whose `$schema` names no draft that is read."""
    if draft_of(document.value) is None:
        yield document.problem(("$schema",), _unread_dialect(document.value["$schema"]))


def check_spelling(document: Document, adopted: Iterable[Steps] = ()) -> Iterator[Problem]:
    """Give every keyword that is a slip of the pen."""
    draft = draft_of(document.value)
    if draft is None:
        return
    for at, schema in _objects(document, draft, adopted):
        for keyword in schema:
            if keyword not in KEYWORDS[draft] and (text := _misspelt(keyword, draft, is_root=not at)):
                yield document.problem((*at, keyword), text)


def check_schema(document: Document, adopted: Iterable[Steps] = ()) -> Iterator[Problem]:
    """Give every value that its keyword cannot have, `x-job` and references aside.

    Args:
        document: The document.
        adopted: Where schemas stand that only a reference makes schemas, within a keyword that is none.
    """
    draft = draft_of(document.value)
    if draft is None:
        return
    faulty: set[Steps] = set()
    for at, schema in _objects(document, draft, adopted):
        for keyword, value in schema.items():
            for steps, text in _check_keyword(keyword, value, draft, is_root=not at):
                faulty.add((*at, keyword, *steps))
                yield document.problem((*at, keyword, *steps), text)
    yield from _check_by_metaschema(document, draft, faulty)


def _objects(document: Document, draft: Draft, adopted: Iterable[Steps]) -> Iterator[tuple[Steps, dict[str, Any]]]:
    for at, schema in (*schemas(document.value, draft), *((at, document.get(at)) for at in adopted)):
        if isinstance(schema, dict):
            yield at, schema


def _unread_dialect(dialect: Any) -> str:
    hint = did_you_mean(dialect, [*DRAFTS, *OLDER]) if isinstance(dialect, str) else ""
    hint = hint or "; a metaschema of your own stands in the schema folder and builds on one of these"
    return f"only JSON Schema 2020-12, 2019-09, draft-07, 06 and 04 are read, got {shown(dialect)}{hint}"


def _check_keyword(keyword: str, value: Any, draft: Draft, *, is_root: bool) -> Iterator[tuple[Steps, str]]:
    """Give the faults of one keyword's value, each with the steps below it."""
    known = KEYWORDS[draft]
    if keyword in known:
        if keyword == "$schema" and not is_root:
            if draft_of({"$schema": value}) != draft:
                yield (), f"one file is written in one draft; this one in {draft}"
            return
        yield from wrong_value(keyword, known[keyword], value)
    elif keyword == JOB and not is_root:
        yield (), "x-job describes a whole file; it belongs at the top"


def _misspelt(keyword: str, draft: Draft, *, is_root: bool) -> str:
    """Say what an unknown keyword surely is a slip for that judges payloads; empty for all others."""
    if not is_private(keyword):
        slip_of = JOB if is_root and keyword.casefold() in _JOB_MISSPELLED else meant(keyword, draft)
        return f"unknown keyword; did you mean {slip_of!r}?" if slip_of and slip_of not in ANNOTATIONS else ""
    hint = did_you_mean(keyword, [JOB]) if is_root and keyword != JOB else ""
    return f"unknown annotation{hint}" if hint else ""


def _check_by_metaschema(document: Document, draft: Draft, faulty: set[Steps]) -> Iterator[Problem]:
    """Give what the draft's own metaschema refuses beyond the faults that are known already."""
    for error in _judge(draft).iter_errors(document.value):
        at = tuple(step if isinstance(step, int) else str(step) for step in error.instance_path)
        if not any(at[: len(known)] == known or known[: len(at)] == at for known in faulty):
            faulty.add(at)
            yield document.problem(at, f"not valid in {draft}: {error.message[:200]}")


@cache
def _judge(draft: Draft) -> jsonschema_rs.Validator:
    address = next(each for each, named in DRAFTS.items() if named == draft)
    # References such as `#/definitions/List<Text>` are followed as they are written, though they are no URIs.
    return VALIDATORS[draft]({"$ref": address}, validate_formats=False)
