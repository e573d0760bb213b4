"""Rules on keywords: those that no draft knows, and those that say nothing where they stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from memshelf_gen.keywords import KEYWORDS, is_private
from memshelf_gen.lint.rule import Rule, rule
from memshelf_gen.lint.subject import Flaw, Subject
from memshelf_gen.lint.together import types
from memshelf_gen.unknown import advice

_TYPING = frozenset(("type", "$ref", "enum", "const", "properties", "items", "format", "oneOf", "anyOf", "allOf"))
"""Keywords by which one sees that a value is meant as a schema."""


@rule("unknown-keyword", "warning", "a keyword is one of another draft or another tool, and says nothing here")
def unknown_keyword(subject: Subject) -> Iterator[Flaw]:
    for keyword, value in _unknown(subject):
        if not _is_field(subject, keyword, value):
            head, _, fix = advice(keyword, subject.file.draft).partition("; ")
            yield subject.flaw(f"unknown keyword{head}", keyword, fix=fix)


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
    is_object = subject.is_job or "object" in types(subject) or "properties" in keywords
    return is_object and (keyword in keywords.get("required", ()) or not _TYPING.isdisjoint(value))


RULES: tuple[Rule, ...] = (unknown_keyword, field_outside_properties)
