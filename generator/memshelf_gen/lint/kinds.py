"""Rules on types: that each value has one, and that unions can be told apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from memshelf_gen.edits import Add, Remove
from memshelf_gen.lint.rule import Rule, rule
from memshelf_gen.lint.subject import Flaw, Subject
from memshelf_gen.lint.together import is_aside, types, with_all
from memshelf_gen.problem import shown

_SAYING = frozenset(["type", "enum", "const", "$ref", "$dynamicRef", "$recursiveRef", "allOf", "anyOf", "oneOf"])
"""Keywords that say what a value is."""
_HOLDING = frozenset(
    [
        *("properties", "patternProperties", "additionalProperties", "unevaluatedProperties"),
        *("items", "prefixItems", "additionalItems", "unevaluatedItems"),
    ]
)
"""Keywords whose schemas judge a value of their own."""
_MANY = 16
"""Branches of a union that are compared with each other."""
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


@rule("loose-field", "note", "a generated field is Any, although its schema says more")
def loose_field(subject: Subject) -> Iterator[Flaw]:
    if subject.keyword != "properties" or not _says(subject):
        return
    if (subject.file.document.source, tuple(map(str, subject.at))) in subject.file.project.untyped:
        fix = "write one type, or a union of types, where each branch has one"
        yield subject.flaw("the generated field is Any, because no Python type says what this says", fix=fix)


def _says(subject: Subject) -> bool:
    """Tell whether a schema, or what it refers to, says what a value is."""
    seen: set[Subject] = set()
    here: Subject | None = subject
    while here is not None and here not in seen:
        if _SAYING.isdisjoint(here.keywords):
            return False
        seen.add(here)
        here = here.target()
    return True


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


@rule("overlapping-branches", "warning", "a value can fit two branches of `oneOf`, and is refused then")
def overlapping_branches(subject: Subject) -> Iterator[Flaw]:
    # Branches without a type choose between properties; objects without a tag are told by another rule.
    branches = [each for each in subject.inside("oneOf") if _is_scalar(each)]
    if len(branches) > _MANY or is_aside(subject):
        return
    for index, branch in enumerate(branches):
        for other in branches[:index]:
            if subject.file.meet(branch.at, other.at):
                common = _common(branch, other)
                such = "" if common is None else f", such as {shown(common[0])},"
                text = f"a value that fits branch {other.at[-1]} too{such} is refused, because oneOf takes exactly one"
                witness = None if common is None else common[0]
                yield branch.flaw(text, fix="write anyOf, or keep the branches apart", witness=witness)


def _is_scalar(branch: Subject) -> bool:
    """Tell whether a branch says what it is, and that is no object."""
    parts = with_all(branch)
    stated = [kind for each in parts for kind in types(each)]
    return "object" not in stated and (bool(stated) or any(_listed(each) for each in parts))


def _common(branch: Subject, other: Subject) -> tuple[Any] | None:
    """Find a value that fits two branches, among simple ones and those that they name."""
    judges = [each.judge() for each in (branch, other)]
    named = [value for each in (branch, other) for part in with_all(each) for value in _listed(part)]
    for value in (*named, "a", 1, 0.5, "", [], True, None):
        if all(judge is not None and judge.is_valid(value) for judge in judges):
            return (value,)
    return None


@rule("untyped-enum", "warning", "listed numbers, or values of several types, have no type beside them", fixable=True)
def untyped_enum(subject: Subject) -> Iterator[Flaw]:
    values = _listed(subject)
    said = "type" in subject.keywords or "$ref" in subject.keywords
    if said or not values or is_aside(subject) or _is_refined(subject):
        return
    found = {_kind(value) for value in values}
    kinds = sorted(found - {"integer"} if "number" in found else found)
    if set(kinds) - {"null"} not in (set(), {"string"}, {"boolean"}):
        words = ["'null'" if kind == "null" else kind for kind in kinds]
        written = words[0] if len(words) == 1 else f"[{', '.join(words)}]"
        keyword = "enum" if "enum" in subject.keywords else "const"
        text = "the values do not speak for themselves, and generated types need to know what they are"
        edits = (Add((*subject.at, "type"), kinds[0] if len(kinds) == 1 else kinds, before=keyword),)
        yield subject.flaw(text, keyword, fix=f"write type: {written}", edits=edits)


@rule("duplicate-value", "warning", "`enum` lists a value twice", fixable=True)
def duplicate_value(subject: Subject) -> Iterator[Flaw]:
    seen: dict[str, int] = {}
    for index, value in enumerate(subject.keywords.get("enum", ())):
        first = seen.setdefault(_same(value), index)
        if first != index:
            edits = (Remove((*subject.at, "enum", index)),)
            text = f"{shown(value)} is in the list twice"
            yield subject.flaw(text, "enum", index, fix="remove one of them", edits=edits)


@rule("idle-default", "warning", "a property that is required has a default, which nobody ever reads")
def idle_default(subject: Subject) -> Iterator[Flaw]:
    parent = subject.parent
    if parent is None or subject.keyword != "properties" or "default" not in subject.keywords or is_aside(subject):
        return
    if any(subject.at[-1] in each.keywords.get("required", ()) for each in with_all(parent)):
        text = "the property is required, so that its default is never read"
        yield subject.flaw(text, "default", fix="leave the default out, or take the property off required")


@rule("deprecated-required", "warning", "a deprecated property is required, so that nobody can leave it out")
def deprecated_required(subject: Subject) -> Iterator[Flaw]:
    parent = subject.parent
    if parent is None or subject.keyword != "properties" or subject.keywords.get("deprecated") is not True:
        return
    if any(subject.at[-1] in each.keywords.get("required", ()) for each in with_all(parent)):
        yield subject.flaw("is deprecated and required", "deprecated", fix="take the property off required")


def _listed(subject: Subject) -> list[Any]:
    if "const" in subject.keywords:
        return [subject.keywords["const"]]
    return list(subject.keywords.get("enum", ()))


def _kind(value: Any) -> str:
    """Give the type of a value, as JSON Schema counts: 1.0 is an integer."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "integer" if value == int(value) else "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def _same(value: Any) -> str:
    """Give a text that is the same for equal values: 1 and 1.0 are equal, 1 and true are not."""
    whole = isinstance(value, float) and value == int(value)
    return json.dumps(int(value) if whole else value, sort_keys=True)


RULES: tuple[Rule, ...] = (
    missing_type,
    loose_field,
    untagged_union,
    overlapping_branches,
    untyped_enum,
    duplicate_value,
    idle_default,
    deprecated_required,
)
