"""Ask what sets of values schemas admit: the one home of jsonschema-rs' canonical forms."""

from __future__ import annotations

from typing import Literal, TypeAlias

import jsonschema_rs
from jsonschema_rs import CanonicalSchema
from jsonschema_rs.canonical import CanonicalizationError, Containment

from memshelf_gen.spec import Json

Answer: TypeAlias = Literal["yes", "no", "unknown"]


def canonical(schema: Json | bool, *, registry: jsonschema_rs.Registry | None = None) -> CanonicalSchema | None:
    """Give the canonical form of a schema whose references lead into itself or a registry; None if it has none."""
    try:
        return jsonschema_rs.canonicalize(schema, validate_formats=True, offline=True, registry=registry)
    except (CanonicalizationError, jsonschema_rs.ReferencingError, jsonschema_rs.ValidationError, ValueError):
        return None


def covers(wide: Json | bool, narrow: Json | bool, *, registry: jsonschema_rs.Registry | None = None) -> Answer:
    """Tell whether every value that `narrow` admits is admitted by `wide`."""
    one, other = canonical(wide, registry=registry), canonical(narrow, registry=registry)
    if one is None or other is None:
        return "unknown"
    try:
        answer = one.covers(other)
    except CanonicalizationError:  # two drafts have no form in common
        return "unknown"
    if answer == Containment.YES:
        return "yes"
    return "no" if answer == Containment.NO else "unknown"
