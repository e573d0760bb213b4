"""Decide which default of a schema a model can show for an absent field."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from memshelf_gen.emit.places import Place
from memshelf_gen.emit.shape import Absent, ClassShape, Reading
from memshelf_gen.spec import Json

Lookup = Callable[[Place], tuple[ClassShape, Json] | None]


def default_of(value: Any, typed: Json, lookup: Lookup) -> Any:
    """Give the default as the field's type has it, or `Absent.DEFAULT` when it is not of that type."""
    if "$ref" not in typed and _holds_class(typed) and value not in _empty(typed):
        return Absent.DEFAULT
    if value and _is_between_choices(value, typed):
        return Absent.DEFAULT
    return _cast(value, typed, lookup) if _fits(value, typed, lookup) else Absent.DEFAULT


def _fits(value: Any, typed: Json, lookup: Lookup) -> bool:
    match typed:
        case {"anyOf": members}:
            return any(_fits(value, member, lookup) for member in members)
        case {"$ref": place}:
            return _fits_class(value, lookup(place), lookup)
        case {"type": "string"}:
            return isinstance(value, str) and value in typed.get("enum", [value])
        case {"type": "boolean"}:
            return isinstance(value, bool)
        case {"type": "null"}:
            return value is None
        case {"type": "integer"}:
            return _is_number(value) and value == int(value)
        case {"type": "number"}:
            return _is_number(value)
        case {"type": "array"}:
            return isinstance(value, list) and all(_fits(one, typed["items"], lookup) for one in value)
        case {"type": "object"}:
            inner = typed["additionalProperties"]
            return isinstance(value, dict) and all(_fits(one, inner, lookup) for one in value.values())
        case _:
            return True


def _fits_class(value: Any, found: tuple[ClassShape, Json] | None, lookup: Lookup) -> bool:
    """Tell whether an object has what its class requires; a class still in the making shows no default."""
    if found is None or not isinstance(value, dict):
        return False
    shape, document = found
    known = {field.wire: field for field in shape.fields}
    return (
        all(field.wire in value for field in shape.fields if field.required)
        and (not shape.closed or value.keys() <= known.keys())
        and all(
            _fits(one, document["properties"][known[key].name], lookup) and _within(one, known[key].limits)
            for key, one in value.items()
            if key in known
        )
    )


def _within(value: Any, limits: Mapping[str, int | float]) -> bool:
    """Tell whether a value keeps the limits under which its class is built."""
    holds: dict[str, Callable[[Any, Any], bool]] = {
        "min_length": lambda one, bound: len(one) >= bound,
        "max_length": lambda one, bound: len(one) <= bound,
        "ge": operator.ge,
        "le": operator.le,
        "gt": operator.gt,
        "lt": operator.lt,
    }
    return value is None or all(holds[limit](value, bound) for limit, bound in limits.items())


def _cast(value: Any, typed: Json, lookup: Lookup) -> Any:
    """Write the whole number 1.0 as 1 where an integer is due, and a text of a format as its class."""
    match typed:
        case {"anyOf": members}:
            return _cast(value, next(member for member in members if _fits(value, member, lookup)), lookup)
        case {"type": "integer"}:
            return int(value)
        case {"type": "string", "reading": word}:
            return Reading(value, word)
        case {"type": "array"}:
            return [_cast(one, typed["items"], lookup) for one in value]
        case {"type": "object"}:
            return {key: _cast(one, typed["additionalProperties"], lookup) for key, one in value.items()}
        case _:
            return value


def _holds_class(typed: Any) -> bool:
    match typed:
        case {"$ref": Place()}:
            return True
        case dict():
            return any(_holds_class(one) for one in typed.values())
        case list():
            return any(_holds_class(one) for one in typed)
        case _:
            return False


def _is_between_choices(value: Any, typed: Json) -> bool:
    """Tell whether a type checker would have to choose between lists (or dicts) of choices; mypy does not."""
    word = {"list": "array", "dict": "object"}.get(type(value).__name__)
    alike = [member for member in typed.get("anyOf", ()) if word and member.get("type") == word]
    return len(alike) > 1 and any(_holds_choices(member) for member in alike)


def _holds_choices(typed: Json) -> bool:
    return "enum" in typed or any(_holds_choices(one) for one in typed.values() if isinstance(one, dict))


def _empty(typed: Json) -> tuple[Any, ...]:
    """Give the defaults that a type with classes inside can have without building any."""
    return ([], None, {}) if typed.get("type") == "object" else ([], None)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
