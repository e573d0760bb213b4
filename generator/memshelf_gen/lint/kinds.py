"""Rules on types: that each value has one, and that unions can be told apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from memshelf_gen.lint.rule import Rule, rule
from memshelf_gen.lint.subject import Flaw, Subject
from memshelf_gen.lint.together import is_aside, types, with_all

_SAYING = frozenset(["type", "enum", "const", "$ref", "$dynamicRef", "$recursiveRef", "allOf", "anyOf", "oneOf"])
"""Keywords that say what a value is."""
_HOLDING = frozenset(
    [
        *("properties", "patternProperties", "additionalProperties", "unevaluatedProperties"),
        *("items", "prefixItems", "additionalItems", "unevaluatedItems"),
    ]
)
"""Keywords whose schemas judge a value of their own."""
_MEANT = {
    **dict.fromkeys(("minLength", "maxLength", "pattern", "format", "contentEncoding", "contentMediaType"), "string"),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), "number"),
    **dict.fromkeys(("items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"), "array"),
    **dict.fromkeys(("properties", "required", "additionalProperties", "patternProperties"), "object"),
    **dict.fromkeys(("minProperties", "maxProperties", "propertyNames", "unevaluatedProperties"), "object"),
}


@rule("missing-type", "warning", "a value has no type, so that anything is taken")
def missing_type(subject: Subject) -> Iterator[Flaw]:
    if not isinstance(subject.schema, dict) or not _SAYING.isdisjoint(subject.keywords):
        return
    if subject.is_job:
        yield subject.flaw("has no type", fix="write type: object")
    elif _holds_a_value(subject) and not is_aside(subject):
        meant = next((kind for keyword, kind in _MEANT.items() if keyword in subject.keywords), "")
        fix = (
            f"write type: {meant}" if meant else "write type: string, for instance, or true if anything may stand here"
        )
        yield subject.flaw("has no type, so that anything is taken", fix=fix)


def _holds_a_value(subject: Subject) -> bool:
    """Tell whether a schema describes a value of its own, where it stands or where one refers to it."""
    if subject.keyword in _HOLDING:
        return not _is_refined(subject)
    referrers = subject.file.project.referrers(subject) if subject.at else ()
    return any(
        each.keyword in _HOLDING and set(each.keywords) <= {"$ref", "description", "title"} for each in referrers
    )


def _is_refined(subject: Subject) -> bool:
    """Tell whether a property only adds to what a schema around it says of the same property."""
    parent = subject.parent
    return subject.keyword == "properties" and parent is not None and parent.in_place


@rule("untagged-union", "warning", "no property tells the objects of a union apart")
def untagged_union(subject: Subject) -> Iterator[Flaw]:
    for keyword in ("oneOf", "anyOf"):
        objects = [parts for branch in subject.inside(keyword) if (parts := _object(branch))]
        if len(objects) > 1 and not is_aside(subject) and not _tags(objects):
            fix = "give each branch a required property with a const of its own, such as kind"
            yield subject.flaw("no property tells the objects of this union apart", keyword, fix=fix)


def _object(branch: Subject) -> tuple[Subject, ...]:
    """Give all that holds of a branch that describes an object; nothing for another one."""
    parts = with_all(branch)
    stated = [kind for each in parts for kind in types(each)]
    describes = any(each.keywords.get("properties") for each in parts)
    return parts if describes and ("object" in stated or not stated) else ()


def _tags(objects: list[tuple[Subject, ...]]) -> list[str]:
    """Give the properties that every branch requires with values of its own."""
    first = {name for each in objects[0] for name in each.keywords.get("properties", {})}
    return [name for name in sorted(first) if _decides(name, objects)]


def _decides(name: str, objects: list[tuple[Subject, ...]]) -> bool:
    listed: list[str] = []
    for parts in objects:
        values = _values(name, parts)
        if not values or not any(name in each.keywords.get("required", ()) for each in parts):
            return False
        listed += [json.dumps(value, sort_keys=True) for value in values]
    return len(listed) == len(set(listed))


def _values(name: str, parts: tuple[Subject, ...]) -> list[Any]:
    """Give the values that a property may have, if they are listed."""
    for part in parts:
        found = part.file.get((*part.at, "properties", name))
        for each in with_all(found) if found else ():
            if "const" in each.keywords:
                return [each.keywords["const"]]
            if "enum" in each.keywords:
                return list(each.keywords["enum"])
    return []


RULES: tuple[Rule, ...] = (missing_type, untagged_union)
