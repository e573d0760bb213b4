"""Ask what sets of values schemas admit: the one home of jsonschema-rs' canonical forms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import jsonschema_rs
from jsonschema_rs import CanonicalSchema
from jsonschema_rs.canonical import (
    CanonicalizationError,
    Cause,
    Containment,
    Satisfiability,
    UnsatisfiableReason,
    find_unsatisfiable,
)

from memshelf_gen.document import Steps
from memshelf_gen.pointers import follow
from memshelf_gen.spec import Json
from memshelf_gen.ways import ways

Causes: TypeAlias = tuple[tuple[Steps, tuple[str, ...]], ...]
"""Places in a schema with the keywords that stand there; no keyword is the whole of it."""

_LOOKING_BACK = frozenset(("unevaluatedItems", "unevaluatedProperties"))
_CHOOSING = frozenset(("if", "then", "else", "anyOf", "oneOf", "dependentSchemas", "dependencies"))
_IN_PLACE = ("allOf", "anyOf", "oneOf", "if", "then", "else", "not")

Answer: TypeAlias = Literal["yes", "no", "unknown"]


_MOST = 256
"""Ways that are written out; each doubling doubles time and memory, and twenty conditions have a million."""


@dataclass(frozen=True, slots=True)
class Around:
    """The documents that references with an address lead into."""

    documents: Mapping[str, Json]
    registry: jsonschema_rs.Registry


def around(documents: Mapping[str, Json]) -> Around:
    """Give documents by their addresses to questions about schemas that refer to them."""
    return Around(documents, jsonschema_rs.Registry(list(documents.items())))


NOTHING = around({})


def canonical(schema: Json | bool, around: Around = NOTHING) -> CanonicalSchema | None:
    """Give the canonical form of a schema; None if it has none, or if it would be too large.

    Args:
        schema: The schema; references without an address lead into itself.
        around: What other references lead into.
    """
    if is_endless(schema) or ways(schema, around.documents) > _MOST:
        return None
    try:
        return jsonschema_rs.canonicalize(schema, validate_formats=True, offline=True, registry=around.registry)
    except (CanonicalizationError, jsonschema_rs.ReferencingError, jsonschema_rs.ValidationError, ValueError):
        return None


def covers(wide: Json | bool, narrow: Json | bool, around: Around = NOTHING) -> Answer:
    """Tell whether every value that `narrow` admits is admitted by `wide`."""
    one, other = canonical(wide, around), canonical(narrow, around)
    if one is None or other is None:
        return "unknown"
    try:
        answer = one.covers(other)
    except CanonicalizationError:  # two drafts have no form in common
        return "unknown"
    if answer == Containment.YES:
        return "yes"
    return "no" if answer == Containment.NO else "unknown"


def is_satisfiable(schema: Json, around: Around = NOTHING) -> Answer:
    """Tell whether some value is valid under a schema."""
    form = canonical(schema, around)
    answer = None if form is None else form.satisfiability()
    if answer == Satisfiability.YES:
        return "yes"
    return "no" if answer == Satisfiability.NO else "unknown"


def is_endless(schema: Any) -> bool:
    """Tell whether jsonschema-rs would look for a canonical form until the stack is full, and take the process with it.

    That is when a schema with `unevaluated…` is judged together with one that it stands in, with a choice between the
    two. (0.60.3)
    """
    return any(
        at[: len(target)] == target and not _CHOOSING.isdisjoint(at[len(target) :])
        for at, node in _looking_back(schema, ())
        for target in _together(schema, node)
    )


def _looking_back(schema: Any, at: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Json]]:
    """Give each schema with `unevaluated…`, with the steps to it."""
    if isinstance(schema, list):
        for index, each in enumerate(schema):
            yield from _looking_back(each, (*at, str(index)))
    elif isinstance(schema, dict):
        if not _LOOKING_BACK.isdisjoint(schema):
            yield at, schema
        for key, each in schema.items():
            yield from _looking_back(each, (*at, key))


def _together(root: Any, schema: Any) -> Iterator[tuple[str, ...]]:
    """Give the steps of all schemas that references lead to which judge the same value."""
    seen: set[str] = set()
    waiting = [schema]
    for each in waiting:
        if isinstance(each, list):
            waiting += each
        elif isinstance(each, dict):
            waiting += [each[keyword] for keyword in _IN_PLACE if keyword in each]
            waiting += [*each["dependentSchemas"].values()] if isinstance(each.get("dependentSchemas"), dict) else []
            fragment = f"#{each['$ref'].partition('#')[2]}" if isinstance(each.get("$ref"), str) else ""
            if fragment and fragment not in seen:
                seen.add(fragment)
                try:
                    steps, target = follow(root, fragment)
                except LookupError:
                    continue
                yield tuple(map(str, steps))
                waiting.append(target)


@dataclass(frozen=True, slots=True)
class Impossible:
    """A part of a schema under which no value is valid."""

    at: Steps
    causes: Causes
    """What contradicts each other."""


def impossible(schema: Json) -> Iterator[Impossible]:
    """Give each smallest part of a schema that no value fits, but for `false` and its like, which are meant so."""
    if is_endless(schema) or ways(schema, {}) > _MOST:
        return
    try:
        found = find_unsatisfiable(schema, validate_formats=True, offline=True)
    except (CanonicalizationError, jsonschema_rs.ReferencingError, jsonschema_rs.ValidationError, ValueError):
        return
    told = {pointer: causes for pointer, reason in found.items() if (causes := _causes(reason))}
    for pointer, causes in told.items():
        at = _steps(schema, pointer)
        placed = tuple((_steps(schema, cause.pointer), tuple(cause.keywords)) for cause in causes)
        if not _is_meant(schema, at, placed) and not _follows(schema, pointer, placed, told):
            yield Impossible(at, placed)


def _causes(reason: UnsatisfiableReason) -> list[Cause]:
    match reason:
        case UnsatisfiableReason.Empty(cause):
            return [cause]
        case UnsatisfiableReason.Conflict(causes):
            return list(causes)
        case _:
            return []


def _is_meant(schema: Json, at: Steps, causes: Causes) -> bool:
    """Tell whether a schema says `not` of everything, as one forbids a property; or only refers to such a schema."""
    here = _get(schema, at)
    return causes in (((at, ("not",)),), ((at, ("$ref",)),)) and ("$ref" in here or here.get("not") in ({}, True))


def _follows(schema: Json, pointer: str, causes: Causes, told: Mapping[str, object]) -> bool:
    """Tell whether it is only a consequence of what is told of a part of it: of a property that is required, say."""
    here = _get(schema, _steps(schema, pointer))
    named = {keyword for _, keywords in causes for keyword in keywords}
    wholes = {steps for steps, keywords in causes if not keywords}
    for other in told:
        if not other.startswith(f"{pointer}/"):
            continue
        below = _steps(schema, other)[len(_steps(schema, pointer)) :]
        keyword, name = below[0], below[1] if len(below) > 1 else None
        needed = keyword != "properties" or name in here.get("required", ())
        if (keyword in named and needed) or _steps(schema, other) in wholes:
            return True
    return False


def _steps(schema: Any, pointer: str) -> Steps:
    """Give the steps of a JSON pointer, those into lists as numbers."""
    steps: Steps = ()
    for raw in pointer.split("/")[1:]:
        step = raw.replace("~1", "/").replace("~0", "~")
        steps = (*steps, int(step) if isinstance(_get(schema, steps), list) else step)
    return steps


def _get(schema: Any, at: Steps) -> Any:
    for step in at:
        schema = schema[step]
    return schema
