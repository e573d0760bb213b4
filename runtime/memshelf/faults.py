"""What a validator finds wrong, and its text: what would be right, never the value."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import Any, TypeAlias

from memshelf.errors import Problem
from memshelf.paths import Steps, place, shown

MOST_PROBLEMS = 20
_MOST_FAULTS = 1000
_MOST_CHOICES = 12
_TYPES = {
    "object": "an object",
    "array": "an array",
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "a boolean",
    "null": "null",
}

Finding: TypeAlias = tuple[Steps, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """One keyword of a schema that a payload breaks."""

    steps: Steps
    """Where in the payload."""
    keyword: str
    """The keyword of JSON Schema."""
    expected: Any = None
    """What the keyword asks for; for `required` the missing property, for `additionalProperties` those too many."""
    branches: tuple[tuple[Fault, ...], ...] = ()
    """For `anyOf` and `oneOf`: what is wrong under each; empty when several of `oneOf` match."""
    known: tuple[str, ...] = ()
    """The properties that the schema knows at this place."""


def problems(faults: Iterable[Fault], index: int | None = None) -> list[Problem]:
    """Give the texts of faults, sorted by place, each once; after the twentieth, how many more there are."""
    some = list(islice(faults, _MOST_FAULTS))
    found = {finding for fault in some for finding in _findings(fault)}
    ordered = sorted(found, key=lambda finding: (_order(finding[0]), finding[1]))
    told = [Problem(place(steps), text, index) for steps, text in ordered[:MOST_PROBLEMS]]
    if len(ordered) > MOST_PROBLEMS:
        least = "at least " if len(some) == _MOST_FAULTS else ""
        told.append(Problem("$", f"and {least}{len(ordered) - MOST_PROBLEMS:,} more problems", index))
    return told


def _order(steps: Steps) -> tuple[tuple[int, str], ...]:
    return tuple((step, "") if isinstance(step, int) else (-1, step) for step in steps)


def _findings(fault: Fault) -> Iterator[Finding]:
    match fault.keyword:
        case "anyOf" | "oneOf" if fault.branches:
            yield from _union(fault)
        case "additionalProperties" | "unevaluatedProperties" if fault.expected:
            for name in fault.expected:
                yield fault.steps, f"unexpected property {shown(name)}{_suggestion(name, fault.known)}"
        case _:
            yield fault.steps, _text(fault)


def _text(fault: Fault) -> str:
    expected = fault.expected
    match fault.keyword:
        case "type":
            return f"must be {_types(expected)}"
        case "required":
            return f"required property {shown(expected)} is missing"
        case "enum":
            return f"must be {_choice(expected)}"
        case "const":
            return f"must be {_literal(expected)}"
        case "format":
            return f"must match the format {expected}"
        case "pattern":
            return f"must match the pattern {expected}"
        case "minLength":
            return f"must have at least {_count(expected, 'character')}"
        case "maxLength":
            return f"must have at most {_count(expected, 'character')}"
        case "minItems":
            return f"must have at least {_count(expected, 'item')}"
        case "maxItems":
            return f"must have at most {_count(expected, 'item')}"
        case "minProperties":
            return f"must have at least {_count(expected, 'property', 'properties')}"
        case "maxProperties":
            return f"must have at most {_count(expected, 'property', 'properties')}"
        case "minimum":
            return f"must be at least {_literal(expected)}"
        case "maximum":
            return f"must be at most {_literal(expected)}"
        case "exclusiveMinimum":
            return f"must be greater than {_literal(expected)}"
        case "exclusiveMaximum":
            return f"must be less than {_literal(expected)}"
        case "multipleOf":
            return f"must be a multiple of {_literal(expected)}"
        case "uniqueItems":
            return "must not have the same item twice"
        case "additionalItems" | "unevaluatedItems":
            return "has more items than its schema describes"
        case "additionalProperties" | "unevaluatedProperties":
            return "has a property that its schema does not describe"
        case "falseSchema":
            return "must be left out"
        case "oneOf":
            return "must match exactly one of the allowed forms, but matches several"
        case "anyOf":
            return "must match one of the allowed forms"
        case "not":
            return "must not match the schema under `not`"
        case "contains":
            return "does not contain the items that `contains` asks for"
        case "propertyNames":
            return f"has the property {shown(expected)}, whose name does not match `propertyNames`"
    return f"does not satisfy `{fault.keyword}`"


def _union(fault: Fault) -> Iterator[Finding]:
    """Tell of a union what helps: the faults of the branch that is meant, else what would choose a branch."""
    level = len(fault.steps)
    found = [[finding for each in branch for finding in _findings(each)] for branch in fault.branches]
    shared = set.intersection(*map(set, found))
    choosers = [next((each for each in branch if _excludes(each, level)), None) for branch in fault.branches]
    meant = [findings for findings, chooser in zip(found, choosers, strict=True) if chooser is None]
    if shared:
        yield from shared
    elif len(meant) == 1:
        yield from meant[0]
    elif alternatives := _alternatives(choosers):
        yield alternatives
    else:
        closest = min(meant or found, key=lambda findings: (len(findings), -max(len(steps) for steps, _ in findings)))
        needs = "; ".join(f"{place(steps)} {text}" for steps, text in closest[:3])
        yield fault.steps, f"matches none of the {len(found)} allowed forms; the closest needs: {needs}"


def _alternatives(choosers: Sequence[Fault | None]) -> Finding | None:
    """Join what would have chosen each branch, where it is the same keyword at the same place."""
    faults = [chooser for chooser in choosers if chooser is not None]
    if len(faults) < len(choosers) or len({(each.steps, each.keyword) for each in faults}) > 1:
        return None
    match faults[0].keyword:
        case "type":
            kinds = dict.fromkeys(kind for each in faults for kind in _names(each.expected))
            return faults[0].steps, f"must be {_types(list(kinds))}"
        case "const":
            return faults[0].steps, f"must be {_choice([each.expected for each in faults])}"
        case _:
            return faults[0].steps, f"must be {_choice([option for each in faults for option in each.expected])}"


def _excludes(fault: Fault, level: int) -> bool:
    """Whether this fault says that its branch is not the one that is meant: another type, or another tag."""
    depth = len(fault.steps) - level
    return (depth == 0 and fault.keyword in ("type", "const", "enum")) or (depth == 1 and fault.keyword == "const")


def _suggestion(name: str, known: Sequence[str]) -> str:
    close = get_close_matches(name, known, n=1, cutoff=0.75)
    return f"; did you mean {shown(close[0])}?" if close else ""


def _names(expected: str | Iterable[str]) -> list[str]:
    return [expected] if isinstance(expected, str) else list(expected)


def _types(expected: str | Iterable[str]) -> str:
    names = _names(expected)
    return _either([text for name, text in _TYPES.items() if name in names])


def _choice(options: Sequence[object]) -> str:
    listed = [_literal(option) for option in options[:_MOST_CHOICES]]
    if len(options) == 1:
        return listed[0]
    rest = f" and {len(options) - _MOST_CHOICES} more" if len(options) > _MOST_CHOICES else ""
    return f"one of {', '.join(listed)}{rest}"


def _literal(value: object) -> str:
    text = shown(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else text[:80] + "…"


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _either(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} or {texts[-1]}"
