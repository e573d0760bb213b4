"""Rules on objects: whether they are open, and whether what they require is described."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

import jsonschema_rs

from memshelf_gen.document import dotted
from memshelf_gen.lint.rule import Rule, rule
from memshelf_gen.lint.subject import Flaw, Subject
from memshelf_gen.lint.together import branches, is_aside, types, with_all, with_any, with_those_around
from memshelf_gen.problem import did_you_mean

_CLOSING = ("additionalProperties", "unevaluatedProperties")
_BEARING = ("properties", "$ref", "allOf", "anyOf", "oneOf", "patternProperties", *_CLOSING)
_COMPOSING = frozenset(("allOf", "if", "then", "else", "not", "dependentSchemas", "dependencies"))


@rule("open-object", "warning", "an object does not say whether it takes properties that it does not describe")
def open_object(subject: Subject) -> Iterator[Flaw]:
    if subject.is_job and not any(keyword in subject.keywords for keyword in _BEARING):
        fix = "describe the properties, or write additionalProperties: true if anything goes"
        yield subject.flaw("the payload may be any object", fix=fix)
    elif _describes(subject) and not _is_part(subject) and not is_aside(subject):
        together = with_all(subject)
        if any(keyword in each.keywords for each in together for keyword in _CLOSING):
            return
        composed = [*branches(subject), *together[1:]]
        closing = "unevaluatedProperties" if any(_describes(each) for each in composed) else "additionalProperties"
        if closing == "unevaluatedProperties" and subject.file.draft == "draft-07":
            fix = "list all properties in one place and write additionalProperties: false there, or true here"
        else:
            fix = f"write {closing}: false, or true if others are welcome"
        yield subject.flaw("does not say whether it takes other properties", fix=fix)


def _describes(subject: Subject) -> bool:
    """Tell whether a schema describes properties of an object, itself or in an `allOf`."""
    stated = types(subject)
    if stated and "object" not in stated:
        return False
    if subject.keywords.get("properties"):
        return True
    parts = [*branches(subject, "allOf")]
    wraps = len(parts) == 1 and "$ref" in parts[0].keywords
    return not wraps and any(each.keywords.get("properties") for part in parts for each in with_all(part))


def _is_part(subject: Subject) -> bool:
    """Tell whether a schema is a part of a larger one, which has to say whether the whole is open."""
    if subject.keyword in _COMPOSING:
        return True
    if subject.keyword in ("anyOf", "oneOf") and subject.parent:
        return "properties" in subject.parent.keywords or _is_part(subject.parent)
    referrers = subject.file.project.referrers(subject)
    return bool(referrers) and all(_adds(each) for each in referrers)


def _adds(referrer: Subject) -> bool:
    """Tell whether a schema with a `$ref` adds to what it refers to."""
    return referrer.keyword in _COMPOSING or "properties" in referrer.keywords


@rule("required-without-property", "warning", "a required property is not described")
def required_without_property(subject: Subject) -> Iterator[Flaw]:
    required = subject.keywords.get("required", ())
    own = subject.keywords.get("properties", {})
    if all(name in own for name in required) or is_aside(subject):
        return
    around = with_those_around(subject)
    if any(isinstance(each.keywords.get("additionalProperties"), dict) for each in around):
        return
    known = {name: None for each in around for name in each.keywords.get("properties", {})}
    patterns = [pattern for each in around for pattern in each.keywords.get("patternProperties", {})]
    for index, name in enumerate(required):
        if name not in known and not any(_matches(pattern, name) for pattern in patterns):
            near = did_you_mean(name, known).removeprefix("; ")
            fix = near or "describe it under properties, or take it off the list"
            yield subject.flaw(f"{name!r} is required and not described", "required", index, fix=fix)


def _matches(pattern: str, name: str) -> bool:
    return jsonschema_rs.Draft202012Validator({"pattern": pattern}).is_valid(name)


@rule("closed-part", "error", "one part of an object refuses properties that another part describes")
def closed_part(subject: Subject) -> Iterator[Flaw]:
    """Look at each object once, from its outermost schema."""
    if subject.in_place or is_aside(subject):
        return
    every = with_all(subject)
    some = [each for each in with_any(subject) if each not in every and not is_aside(each)]
    for closed, other in product(every, [*every, *some]):
        if closed is not other and _closes(closed):
            for name in _refused(closed, other):
                yield _refusal(subject, closed, other, name)
    for union, keyword in product(every, ("oneOf", "anyOf")):
        yield from _refused_by_all(subject, every, [*branches(union, keyword)])


def _refused_by_all(whole: Subject, every: Iterable[Subject], union: list[Subject]) -> Iterator[Flaw]:
    """Give the properties of a whole that every branch of its union refuses; one branch alone may do so."""
    closing = [[part for part in with_all(branch) if _closes(part)] for branch in union]
    for other in every if union and all(closing) else ():
        refused = [{name for closed in parts for name in _refused(closed, other)} for parts in closing]
        for name in sorted(set.intersection(*refused)):
            yield _refusal(whole, closing[0][0], other, name)


def _closes(subject: Subject) -> bool:
    return subject.keywords.get("additionalProperties") is False


def _refused(closed: Subject, other: Subject) -> list[str]:
    own, patterns = closed.keywords.get("properties", {}), closed.keywords.get("patternProperties", {})
    return [
        name
        for name, schema in other.keywords.get("properties", {}).items()
        if name not in own and schema is not False and not any(_matches(pattern, name) for pattern in patterns)
    ]


def _refusal(whole: Subject, closed: Subject, other: Subject, name: str) -> Flaw:
    """Say it where the property is described, if that is inside the whole; else where the two come together."""
    where = dotted(closed.at) or "the root"
    where = where if closed.file is whole.file else f"{closed.file.document.path}, {where}"
    older = whole.file.draft == "draft-07"
    fix = "describe all properties in one place" if older else "close the whole by unevaluatedProperties: false instead"
    text = f"{name!r} is described, and refused by additionalProperties: false of {where}"
    inside = other.file is whole.file and other.at[: len(whole.at)] == whole.at
    return Flaw((*other.at, "properties", name) if inside else whole.at, text, fix)


RULES: tuple[Rule, ...] = (open_object, required_without_property, closed_part)
