"""Schemas compiled by jsonschema-rs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs as rs

from memshelf.faults import Fault, resolve

_VALIDATORS: dict[str, type[rs.Validator]] = {
    "https://json-schema.org/draft/2020-12/schema": rs.Draft202012Validator,
    "https://json-schema.org/draft/2019-09/schema": rs.Draft201909Validator,
    "http://json-schema.org/draft-07/schema": rs.Draft7Validator,
}


class RsEngine:
    """One schema, compiled by jsonschema-rs with formats asserted and without the network."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = dict(schema)
        dialect = str(schema.get("$schema", "")).removesuffix("#")
        validator = _VALIDATORS.get(dialect, rs.Draft202012Validator)
        self._validator = validator(self._schema, validate_formats=True, offline=True)
        self.is_valid = self._validator.is_valid

    def faults(self, data: object) -> Iterator[Fault]:
        """Give what is wrong, in no order."""
        for error in self._validator.iter_errors(data):
            yield self._fault(error)

    def _fault(self, error: rs.ValidationError) -> Fault:
        kind = error.kind
        keyword = kind.name
        steps = tuple(error.instance_path)
        match kind:
            case rs.ValidationErrorKind.AnyOf(context=context) | rs.ValidationErrorKind.OneOfNotValid(context=context):
                branches = tuple(tuple(self._fault(each) for each in branch) for branch in context)
                return Fault(steps, keyword, branches=branches)
            case rs.ValidationErrorKind.AdditionalProperties(unexpected=unexpected):
                parent = resolve(self._schema, error.schema_path[:-1])
                return Fault(steps, keyword, unexpected, known=_properties(parent))
            case rs.ValidationErrorKind.PropertyNames(error=inner):
                return Fault(steps, keyword, inner.instance)
            case rs.ValidationErrorKind.OneOfMultipleValid() | rs.ValidationErrorKind.Not():
                return Fault(steps, keyword)
        return Fault(steps, keyword, kind.value)


def _properties(schema: object) -> tuple[str, ...]:
    described = schema.get("properties", {}) if isinstance(schema, Mapping) else {}
    return tuple(described)
