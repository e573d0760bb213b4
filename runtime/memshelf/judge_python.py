"""Schemas compiled by jsonschema, for machines where jsonschema-rs has no wheel.

Some keywords are replaced: so that patterns mean what ECMA-262 says, and so that an error holds as data what the
library only puts into its text (`validator_value` is then what is missing or too much).
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import Any

from memshelf.ecma import compile_pattern
from memshelf.faults import Fault

# Untyped, and not part of the base install.
_jsonschema: Any = importlib.import_module("jsonschema")
_registry: Any = importlib.import_module("jsonschema_specifications").REGISTRY

_VALIDATORS = {
    "2020-12": _jsonschema.Draft202012Validator,
    "2019-09": _jsonschema.Draft201909Validator,
    "draft-07": _jsonschema.Draft7Validator,
}


class PythonEngine:
    """One schema, compiled by jsonschema with formats asserted and without the network."""

    def __init__(self, schema: Mapping[str, Any], dialect: str) -> None:
        for pattern in _patterns(schema):
            compile_pattern(pattern)  # What is wrong with one is said now, and not by the first payload that meets it.
        standard = _VALIDATORS[dialect]
        validator = _jsonschema.validators.extend(standard, _replaced(standard))
        self._validator = validator(dict(schema), format_checker=standard.FORMAT_CHECKER, registry=_registry)

    def is_valid(self, data: object) -> bool:
        """Whether the schema accepts the data."""
        return bool(self._validator.is_valid(data))

    def faults(self, data: object) -> Iterator[Fault]:
        """Give what is wrong, in no order."""
        return map(_fault, self._validator.iter_errors(data))


def _patterns(schema: Any) -> Iterator[str]:
    """Give every pattern of a schema, wherever it stands."""
    if isinstance(schema, list):
        for each in schema:
            yield from _patterns(each)
    if not isinstance(schema, dict):
        return
    for keyword, value in schema.items():
        match keyword, value:
            case "pattern", str():
                yield value
            case ("properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas"), dict():
                yield from value if keyword == "patternProperties" else ()
                yield from _patterns(list(value.values()))
            case ("const" | "enum" | "default" | "examples"), _:
                pass
            case _:
                yield from _patterns(value)


def _fault(error: Any) -> Fault:
    keyword = "falseSchema" if error.validator is None else str(error.validator)
    steps = tuple(error.absolute_path)
    match keyword:
        case "anyOf" | "oneOf":
            return Fault(steps, keyword, branches=_branches(error))
        case "additionalProperties":
            return Fault(steps, keyword, error.validator_value, known=tuple(error.schema.get("properties", ())))
        case "minContains" | "maxContains":
            return Fault(steps, "contains")
        case "unevaluatedProperties" | "unevaluatedItems" | "not":
            return Fault(steps, keyword)
    return Fault(steps, keyword, error.validator_value)


def _branches(error: Any) -> tuple[tuple[Fault, ...], ...]:
    grouped: dict[Any, list[Fault]] = {}
    for inner in error.context:
        # A branch that is `false` has no place of its own.
        grouped.setdefault(inner.schema_path[0] if inner.schema_path else id(inner), []).append(_fault(inner))
    return tuple(map(tuple, grouped.values()))


def _replaced(standard: Any) -> dict[str, Any]:
    """Give the keywords that are replaced, where the dialect has them."""
    replaced = {
        "properties": _properties,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties,
        "propertyNames": _property_names,
        "required": _required,
        "dependentRequired": _dependencies,
        "dependencies": _dependencies,
        "pattern": _pattern,
    }
    if standard is _VALIDATORS["2020-12"]:
        replaced["items"] = _items
    # jsonschema-rs takes `dependencies` in every draft for what it was in draft-07, as 2019-09 lets a validator do.
    known = {*standard.VALIDATORS, "dependencies"}
    return {keyword: check for keyword, check in replaced.items() if keyword in known}


def _error(keyword: str, expected: object = None, *steps: str | int) -> Any:
    return _jsonschema.ValidationError("", validator=keyword, validator_value=expected, path=steps)


def _descend(validator: Any, value: Any, schema: Any, step: str | int, schema_step: str | int | None) -> Iterator[Any]:
    if schema is False:
        yield _error("falseSchema", None, step)
    else:
        yield from validator.descend(value, schema, path=step, schema_path=schema_step)


def _properties(validator: Any, properties: Any, value: Any, schema: Any) -> Iterator[Any]:
    if validator.is_type(value, "object"):
        for name, inner in properties.items():
            if name in value:
                yield from _descend(validator, value[name], inner, name, name)


def _pattern_properties(validator: Any, patterns: Any, value: Any, schema: Any) -> Iterator[Any]:
    if validator.is_type(value, "object"):
        for pattern, inner in patterns.items():
            search = compile_pattern(pattern).search
            for name in filter(search, value):
                yield from _descend(validator, value[name], inner, name, pattern)


def _additional_properties(validator: Any, inner: Any, value: Any, schema: Any) -> Iterator[Any]:
    if not validator.is_type(value, "object"):
        return
    known = schema.get("properties", ())
    searches = [compile_pattern(pattern).search for pattern in schema.get("patternProperties", ())]
    others = [name for name in value if name not in known and not any(search(name) for search in searches)]
    if inner is False:
        if others:
            yield _error("additionalProperties", others)
        return
    for name in others:
        yield from _descend(validator, value[name], inner, name, None)


def _property_names(validator: Any, inner: Any, value: Any, schema: Any) -> Iterator[Any]:
    if validator.is_type(value, "object"):
        judge = validator.evolve(schema=inner)
        yield from (_error("propertyNames", name) for name in value if not judge.is_valid(name))


def _required(validator: Any, names: Any, value: Any, schema: Any) -> Iterator[Any]:
    if validator.is_type(value, "object"):
        yield from (_error("required", name) for name in names if name not in value)


def _dependencies(validator: Any, dependencies: Any, value: Any, schema: Any) -> Iterator[Any]:
    if not validator.is_type(value, "object"):
        return
    for name, needed in dependencies.items():
        if name not in value:
            continue
        if isinstance(needed, list):
            yield from _required(validator, needed, value, schema)
        else:
            yield from validator.descend(value, needed, schema_path=name)


def _pattern(validator: Any, pattern: Any, value: Any, schema: Any) -> Iterator[Any]:
    if validator.is_type(value, "string") and not compile_pattern(pattern).search(value):
        yield _error("pattern", pattern)


def _items(validator: Any, inner: Any, value: Any, schema: Any) -> Iterator[Any]:
    if validator.is_type(value, "array"):
        start = len(schema.get("prefixItems", ()))
        for index, item in enumerate(value[start:], start):
            yield from _descend(validator, item, inner, index, None)
