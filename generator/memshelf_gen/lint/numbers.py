"""Rules on numbers: those that not every reader has, and steps that depend on how a validator divides."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from memshelf_gen.document import Steps
from memshelf_gen.lint.rule import Rule, rule
from memshelf_gen.lint.subject import Flaw, Subject

_INT64 = 2**63
_EXACT = 2**53
_TRIED = 1000
"""Multiples of a step that are divided; by nearly every step one of the first hundred comes out wrong."""
_BEARING = (
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("const", "enum", "default", "examples"),
)


@rule("beyond-int64", "error", "an integer is beyond 64 bits, which no payload can carry")
def beyond_int64(subject: Subject) -> Iterator[Flaw]:
    for steps, number in _integers(subject):
        if not -_INT64 <= number < _INT64:
            text = f"{number} is beyond 64 bits, which no payload can carry"
            yield subject.flaw(text, *steps, fix="write it as a text, or a smaller bound")


@rule("beyond-double", "warning", "an integer is beyond 2^53, above which many languages round")
def beyond_double(subject: Subject) -> Iterator[Flaw]:
    for steps, number in _integers(subject):
        if abs(number) > _EXACT and -_INT64 <= number < _INT64:
            text = f"{number} is beyond 2^53, above which JavaScript and others round"
            yield subject.flaw(text, *steps, fix=f"write it as a text, or stay within {_EXACT}")


def _integers(subject: Subject) -> Iterator[tuple[Steps, int]]:
    for keyword in _BEARING:
        if keyword in subject.keywords:
            yield from _within((keyword,), subject.keywords[keyword])


def _within(at: Steps, value: Any) -> Iterator[tuple[Steps, int]]:
    match value:
        case bool():
            return
        case int():
            yield at, value
        case list():
            for index, each in enumerate(value):
                yield from _within((*at, index), each)
        case dict():
            for key, each in value.items():
                yield from _within((*at, key), each)


@rule("fractional-multiple-of", "warning", "`multipleOf` is a fraction, and validators divide differently")
def fractional_multiple_of(subject: Subject) -> Iterator[Flaw]:
    step = subject.keywords.get("multipleOf")
    if isinstance(step, float) and (found := _doubtful(step)):
        multiple, times = found
        text = f"{multiple} divided by {step} is {times} in doubles, so validators differ"
        fix = "count the smallest unit in integers, such as cents, or write a text with a pattern"
        yield subject.flaw(text, "multipleOf", fix=fix, witness=multiple)


def _doubtful(step: float) -> tuple[float, float] | None:
    """Give a multiple of a step that division in doubles takes for none, and what comes out; 0.5 has none."""
    exact = Fraction(repr(step))
    multiples = (float(times * exact) for times in range(1, _TRIED))
    return next(((each, each / step) for each in multiples if (each / step) % 1), None)


RULES: tuple[Rule, ...] = (beyond_int64, beyond_double, fractional_multiple_of)
