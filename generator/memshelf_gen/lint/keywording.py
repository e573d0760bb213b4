"""Rules on keywords: those that no draft knows, and those that say nothing where they stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from memshelf_gen.edits import Add, Edit, Rename, Replace
from memshelf_gen.keywords import DEFAULT_DIALECT, KEYWORDS, is_private
from memshelf_gen.lint.rule import Rule, rule
from memshelf_gen.lint.subject import Flaw, Subject
from memshelf_gen.lint.together import types
from memshelf_gen.modern import is_asserted
from memshelf_gen.unknown import advice

_TYPING = frozenset(("type", "$ref", "enum", "const", "properties", "items", "format", "oneOf", "anyOf", "allOf"))
"""Keywords by which one sees that a value is meant as a schema."""
_JUDGES = {
    keyword: frozenset(kinds.split())
    for kinds, keywords in {
        "string": "minLength maxLength pattern format contentEncoding contentMediaType contentSchema",
        "integer number": "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf",
        "array": "items prefixItems additionalItems unevaluatedItems minItems maxItems uniqueItems contains",
        "object": "properties patternProperties additionalProperties unevaluatedProperties propertyNames required "
        "minProperties maxProperties dependentRequired dependentSchemas dependencies",
    }.items()
    for keyword in keywords.split()
}
"""What each keyword judges; it says nothing of values of another type."""
_NEEDS = {
    **dict.fromkeys(("then", "else"), ("if",)),
    **dict.fromkeys(("minContains", "maxContains"), ("contains",)),
    "contentSchema": ("contentMediaType",),
}
_HARMLESS = frozenset(
    ["$ref", "$comment", "title", "description", "default", "examples", "definitions", "$schema", "$id"]
)


@rule(
    "unknown-keyword",
    "warning",
    "a keyword is one of another draft or another tool, and says nothing here",
    fixable=True,
)
def unknown_keyword(subject: Subject) -> Iterator[Flaw]:
    for keyword, value in _unknown(subject):
        if not _is_field(subject, keyword, value):
            head, _, fix = advice(keyword, subject.file.draft).partition("; ")
            yield subject.flaw(f"unknown keyword{head}", keyword, fix=fix, edits=_listing(subject, keyword))


def _listing(subject: Subject, keyword: str) -> tuple[Edit, ...]:
    """Make OpenAPI's `example` the one item of `examples`."""
    if keyword != "example":
        return ()
    at = (*subject.at, keyword)
    return (Replace(at, [subject.keywords[keyword]]), Rename(at, "examples"))


@rule("field-outside-properties", "error", "what looks like a property stands beside `properties`, not inside it")
def field_outside_properties(subject: Subject) -> Iterator[Flaw]:
    for keyword, value in _unknown(subject):
        if _is_field(subject, keyword, value):
            yield subject.flaw("looks like a property, and says nothing here", keyword, fix="move it under properties")


def _unknown(subject: Subject) -> Iterator[tuple[str, Any]]:
    known = KEYWORDS[subject.file.draft]
    return ((key, value) for key, value in subject.keywords.items() if key not in known and not is_private(key))


def _is_field(subject: Subject, keyword: str, value: Any) -> bool:
    """Tell whether an unknown keyword is meant as a property of an object."""
    keywords = subject.keywords
    if not isinstance(value, dict) or any(keyword in known for known in KEYWORDS.values()):
        return False
    if subject.file.get((*subject.at, keyword)):  # a $ref leads to it
        return False
    is_object = subject.is_job or "object" in types(subject) or "properties" in keywords
    return is_object and (keyword in keywords.get("required", ()) or not _TYPING.isdisjoint(value))


@rule("idle-keyword", "warning", "a keyword says nothing beside the others")
def idle_keyword(subject: Subject) -> Iterator[Flaw]:
    stated = types(subject)
    for keyword in subject.keywords:
        wanted = _JUDGES.get(keyword)
        if stated and wanted and not wanted.intersection(stated) and not _is_unknown_format(subject, keyword):
            kinds = " or ".join(stated)
            yield subject.flaw(f"says nothing of type {kinds}", keyword, fix="leave it out, or correct the type")
        for partner in _NEEDS.get(keyword, ()):
            if partner not in subject.keywords:
                yield subject.flaw(f"says nothing without {partner}", keyword, fix=f"write {partner}, or leave it out")
    if "if" in subject.keywords and subject.keywords.keys().isdisjoint(("then", "else")):
        yield subject.flaw("says nothing without then or else", "if", fix="write one of them, or leave it out")
    if "additionalItems" in subject.keywords and not isinstance(subject.keywords.get("items"), list):
        text = "says nothing unless items is a list"
        yield subject.flaw(text, "additionalItems", fix="write items as a list of schemas, or leave it out")


def _is_unknown_format(subject: Subject, keyword: str) -> bool:
    """Tell whether it is a format of another tool's, such as int32, of which another rule tells."""
    return keyword == "format" and not is_asserted(subject.keywords["format"], subject.file.draft)


@rule("ref-siblings", "warning", "draft-07 ignores what stands beside a `$ref`")
def ref_siblings(subject: Subject) -> Iterator[Flaw]:
    if subject.file.draft != "draft-07" or "$ref" not in subject.keywords:
        return
    for keyword in subject.keywords:
        if keyword in KEYWORDS["draft-07"] and keyword not in _HARMLESS:
            fix = "put the $ref into allOf, or write the file in draft 2020-12"
            yield subject.flaw("draft-07 ignores what stands beside a $ref", keyword, fix=fix)


@rule("missing-dialect", "note", "a file does not say in which draft it is written", fixable=True)
def missing_dialect(subject: Subject) -> Iterator[Flaw]:
    if not subject.at and "$schema" not in subject.keywords:
        text = "the file does not say in which draft it is written, and other tools guess"
        yield subject.flaw(text, fix=f"write $schema: {DEFAULT_DIALECT}", edits=(Add(("$schema",), DEFAULT_DIALECT),))


RULES: tuple[Rule, ...] = (unknown_keyword, field_outside_properties, idle_keyword, ref_siblings, missing_dialect)
