"""Rules on what people read: descriptions and titles."""

from __future__ import annotations

from collections.abc import Iterator

from memshelf_gen.lint.rule import Rule, rule
from memshelf_gen.lint.subject import Flaw, Subject
from memshelf_gen.lint.together import is_aside, whole, with_any


@rule("missing-description", "note", "a job or a property has no description")
def missing_description(subject: Subject) -> Iterator[Flaw]:
    if _is_described(subject):
        return
    if subject.is_job:
        yield subject.flaw("the job has no description", fix="say in one line what it does")
    elif _is_property(subject) and not _is_described_elsewhere(subject):
        yield subject.flaw("has no description", fix="say what it means")


def _is_property(subject: Subject) -> bool:
    return subject.keyword == "properties" and isinstance(subject.schema, dict) and not is_aside(subject)


def _is_described(subject: Subject) -> bool:
    """Tell whether a schema has a description, or what it refers to has one."""
    seen: set[Subject] = set()
    here: Subject | None = subject
    while here is not None and here not in seen:
        if "description" in here.keywords:
            return True
        seen.add(here)
        here = here.target()
    return False


def _is_described_elsewhere(subject: Subject) -> bool:
    """Tell whether another schema of the same object describes the same property."""
    parent = subject.parent
    if parent is None or not (parent.in_place or parent.keywords.keys() & {"allOf", "$ref"}):
        return False
    same = (each.file.get((*each.at, "properties", subject.at[-1])) for each in with_any(whole(parent)))
    return any(each is not None and each is not subject and _is_described(each) for each in same)


RULES: tuple[Rule, ...] = (missing_description,)
