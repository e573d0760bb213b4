"""Schemas compiled by jsonschema, for machines where jsonschema-rs has no wheel."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from memshelf.faults import Fault

_VALIDATORS = {
    "https://json-schema.org/draft/2020-12/schema": "Draft202012Validator",
    "https://json-schema.org/draft/2019-09/schema": "Draft201909Validator",
    "http://json-schema.org/draft-07/schema": "Draft7Validator",
}


class PythonEngine:
    """One schema, compiled by jsonschema with formats asserted."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        dialect = str(schema.get("$schema", "")).removesuffix("#")
        # Untyped, and not part of the base install.
        validator: Any = getattr(
            importlib.import_module("jsonschema"), _VALIDATORS.get(dialect, "Draft202012Validator")
        )
        self._validator = validator(dict(schema), format_checker=validator.FORMAT_CHECKER)

    def is_valid(self, data: object) -> bool:
        """Whether the schema accepts the data."""
        return bool(self._validator.is_valid(data))

    def faults(self, data: object) -> Iterator[Fault]:
        """Give what is wrong, in no order."""
        for error in self._validator.iter_errors(data):
            yield from _faults(error)


def _faults(error: Any) -> Iterator[Fault]:
    keyword = str(error.validator or "falseSchema")
    steps = tuple(error.absolute_path)
    schema, instance = error.schema, error.instance
    match keyword:
        case "anyOf" | "oneOf":
            yield Fault(steps, keyword, branches=_branches(error))
        case "required":
            yield from (Fault(steps, keyword, name) for name in error.validator_value if name not in instance)
        case "dependentRequired" | "dependencies":
            needed = {name for key, names in error.validator_value.items() if key in instance for name in names}
            yield from (Fault(steps, "required", name) for name in needed if name not in instance)
        case "additionalProperties":
            known = schema.get("properties", {})
            patterns = schema.get("patternProperties", {})
            unexpected = [k for k in instance if k not in known and not any(re.search(p, k) for p in patterns)]
            yield Fault(steps, keyword, unexpected, known=tuple(known))
        case "propertyNames":
            yield Fault(steps, keyword, instance)
        case "unevaluatedProperties" | "unevaluatedItems" | "not":
            yield Fault(steps, keyword)
        case _:
            yield Fault(steps, keyword, error.validator_value)


def _branches(error: Any) -> tuple[tuple[Fault, ...], ...]:
    grouped: dict[Any, list[Fault]] = {}
    for inner in error.context or ():
        grouped.setdefault(inner.schema_path[0], []).extend(_faults(inner))
    return tuple(tuple(branch) for branch in grouped.values())
