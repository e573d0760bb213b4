"""Find the schemas that judge one value together: those around, beside and behind references."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from memshelf_gen.lint.subject import Subject

_More: TypeAlias = Callable[[Subject], Iterable[Subject]]


def whole(subject: Subject) -> Subject:
    """Give the schema that a branch is a branch of, however deep."""
    while subject.parent and subject.in_place:
        subject = subject.parent
    return subject


def branches(subject: Subject, *keywords: str) -> Iterator[Subject]:
    """Give the schemas inside a schema that judge the same value, those under some keywords only when named."""
    for each in subject.file.below(subject):
        if each.in_place and (not keywords or each.keyword in keywords):
            yield each


def with_all(subject: Subject) -> tuple[Subject, ...]:
    """Give a schema, what its `$ref` leads to and the branches of its `allOf`, however deep: all of them hold."""
    return _gathered(subject, lambda each: branches(each, "allOf"))


def with_any(subject: Subject) -> tuple[Subject, ...]:
    """Give a schema and every other one below it that may have a say in the same value."""
    return _gathered(subject, branches)


def with_those_around(subject: Subject) -> tuple[Subject, ...]:
    """Give every schema that may have a say in a value which a schema judges, those that refer to it too."""

    def around(each: Subject) -> Iterator[Subject]:
        yield from branches(each)
        yield from each.file.project.referrers(each)
        if each.parent and each.in_place:
            yield each.parent

    return _gathered(subject, around)


def is_aside(subject: Subject) -> bool:
    """Tell whether a schema only asks something of values: within `if`, `not` or `contains`, at any level."""
    here: Subject | None = subject
    while here is not None:
        if here.keyword in ("if", "not", "contains", "propertyNames"):
            return True
        here = here.parent
    return False


def types(subject: Subject) -> list[str]:
    """Give the types that a schema states itself; none when it states none."""
    stated = subject.keywords.get("type", [])
    return stated if isinstance(stated, list) else [stated]


def _gathered(start: Subject, more: _More) -> tuple[Subject, ...]:
    found: dict[Subject, None] = {}
    waiting = [start]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found[each] = None
            target = each.target()
            waiting += [*more(each), *([target] if target else [])]
    return tuple(found)
