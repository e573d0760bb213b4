"""Schemas compiled by jsonschema-rs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import jsonschema_rs as rs

from memshelf.faults import Fault

_VALIDATORS: dict[str, type[rs.Validator]] = {
    "2020-12": rs.Draft202012Validator,
    "2019-09": rs.Draft201909Validator,
    "draft-07": rs.Draft7Validator,
}


class RsEngine:
    """One schema, compiled by jsonschema-rs with formats asserted and without the network."""

    def __init__(self, schema: Mapping[str, Any], dialect: str) -> None:
        self._schema = dict(schema)
        keywords: dict[str, type[rs.KeywordValidator]] = {}
        if dialect == "draft-07":
            keywords = {"contentEncoding": _Annotation, "contentMediaType": _Annotation}
        self._validator = _VALIDATORS[dialect](self._schema, validate_formats=True, offline=True, keywords=keywords)
        self.is_valid = self._validator.is_valid

    def faults(self, data: object) -> Iterator[Fault]:
        """Give what is wrong, in no order."""
        return map(self._fault, self._validator.iter_errors(data))

    def _fault(self, error: rs.ValidationError) -> Fault:
        kind = error.kind
        keyword = kind.name
        steps = tuple(error.instance_path)
        match kind:
            case rs.ValidationErrorKind.AnyOf(context=context) | rs.ValidationErrorKind.OneOfNotValid(context=context):
                branches = tuple(tuple(map(self._fault, branch)) for branch in context)
                return Fault(steps, keyword, branches=branches)
            case rs.ValidationErrorKind.AdditionalProperties(unexpected=unexpected):
                return Fault(steps, keyword, unexpected, known=self._known(error.schema_path[:-1]))
            case rs.ValidationErrorKind.PropertyNames(error=inner):
                return Fault(steps, keyword, inner.instance)
            case rs.ValidationErrorKind.OneOfMultipleValid() | rs.ValidationErrorKind.Not():
                return Fault(steps, keyword)
        return Fault(steps, keyword, kind.value)

    def _known(self, pointer: Iterable[str | int]) -> tuple[str, ...]:
        """The properties of the schema at that place; none where the place lies in an embedded document."""
        part: Any = self._schema
        for step in (*pointer, "properties"):
            try:
                part = part[step]
            except (LookupError, TypeError):
                return ()
        return tuple(part)


class _Annotation:
    """A keyword that asserts nothing, as 2019-09 and later have it; draft-07 leaves it to the validator."""

    def __init__(self, parent_schema: dict[str, Any], value: Any, schema_path: list[str | int]) -> None: ...

    def validate(self, instance: Any) -> None: ...
