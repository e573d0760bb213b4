"""What the value of each keyword must be, and what to say when it is something else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import jsonschema_rs

from memshelf_gen.document import Steps
from memshelf_gen.keywords import TYPES, Shape
from memshelf_gen.problem import did_you_mean, shown

_ANCHOR = re.compile(r"[A-Za-z_][-A-Za-z0-9._]*")
_FOREIGN_TYPES = {
    "str": "string",
    "text": "string",
    "char": "string",
    "int": "integer",
    "long": "integer",
    "float": "number",
    "double": "number",
    "decimal": "number",
    "bool": "boolean",
    "dict": "object",
    "map": "object",
    "list": "array",
    "tuple": "array",
    "none": "null",
    "nil": "null",
}
_FORMATS = {"date": "date", "datetime": "date-time", "timestamp": "date-time", "time": "time"}
_FORMATS |= {"email": "email", "uri": "uri", "url": "uri", "uuid": "uuid", "duration": "duration"}


def wrong_value(keyword: str, shape: Shape, value: Any) -> Iterator[tuple[Steps, str]]:
    """Give the faults of a keyword's value, each with the steps below the keyword."""
    match shape:
        case Shape.ANYTHING:
            return
        case Shape.TYPES:
            yield from _types(value)
        case Shape.NAMES:
            yield from _names(value, keyword)
        case Shape.NAMES_BY_NAME if isinstance(value, dict):
            for key, names in value.items():
                yield from _below((key,), _names(names, keyword))
        case Shape.SCHEMAS if isinstance(value, list) and value:
            yield from _each(enumerate(value))
        case Shape.SCHEMA_OR_SCHEMAS if isinstance(value, list):
            yield from _each(enumerate(value))
        case Shape.SCHEMA_BY_NAME if isinstance(value, dict):
            yield from _each(value.items())
        case Shape.SCHEMA_BY_REGEX if isinstance(value, dict):
            yield from (((key,), _not_a_regex(key)) for key in value if not is_regex(key))
            yield from _each(value.items())
        case Shape.SCHEMA_OR_NAMES_BY_NAME if isinstance(value, dict):
            for key, each in value.items():
                yield from _below((key,), _names(each, keyword) if isinstance(each, list) else _schema(each))
        case _:
            if wrong := _wrong_single(keyword, shape, value):
                yield (), wrong


@lru_cache(1000)
def is_regex(pattern: str) -> bool:
    """Tell whether the judge of payloads takes a pattern."""
    try:
        jsonschema_rs.Draft202012Validator({"pattern": pattern})
    except (jsonschema_rs.ValidationError, ValueError):
        return False
    return True


def _wrong_single(keyword: str, shape: Shape, value: Any) -> str:
    """Say what a value must be that is judged as a whole; empty when it is good."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    match shape:
        case Shape.LIST:
            good, right = isinstance(value, list), "a list"
        case Shape.TEXT | Shape.URI | Shape.REFERENCE:
            good, right = isinstance(value, str), "a text"
        case Shape.ANCHOR:
            good, right = (
                isinstance(value, str) and bool(_ANCHOR.fullmatch(value)),
                "a name of letters, digits and - . _",
            )
        case Shape.REGEX:
            if isinstance(value, str):
                return "" if is_regex(value) else _not_a_regex(value)
            good, right = False, "a regular expression"
        case Shape.FLAG:
            good, right = isinstance(value, bool), "true or false"
        case Shape.FLAGS:
            good, right = isinstance(value, dict), "an object"
        case Shape.NUMBER:
            good, right = number, "a number" + ("; it is the bound itself" if isinstance(value, bool) else "")
        case Shape.POSITIVE:
            good, right = number and value > 0, "a number above 0"
        case Shape.COUNT:
            good, right = number and value >= 0 and value == int(value), "an integer of at least 0"
        case Shape.SCHEMAS:
            good, right = False, "a list of at least one schema"
        case Shape.SCHEMA | Shape.SCHEMA_OR_SCHEMAS:
            good, right = isinstance(value, dict | bool), "a schema: an object, true or false"
            right += "; a list of schemas is prefixItems" if keyword == "items" and isinstance(value, list) else ""
        case _:
            good, right = False, "an object"
    return "" if good else f"must be {right}, got {shown(value)}"


def _types(value: Any) -> Iterator[tuple[Steps, str]]:
    if isinstance(value, list) and value:
        for index, each in enumerate(value):
            if each not in TYPES or isinstance(each, bool):
                yield (index,), _not_a_type(each)
            elif each in value[:index]:
                yield (index,), f"{each} is in the list twice"
    elif not (isinstance(value, str) and value in TYPES):
        yield (), _not_a_type(value)


def _not_a_type(value: Any) -> str:
    text = f"must be {', '.join(TYPES[:-1])} or {TYPES[-1]}, got {shown(value)}"
    if value is None:
        return f"{text}; quote it: 'null'"
    if not isinstance(value, str):
        return text
    word = value.casefold()
    if word in _FOREIGN_TYPES:
        return f"{text}; did you mean {_FOREIGN_TYPES[word]!r}?"
    if word in _FORMATS:
        return f"{text}; write type: string and format: {_FORMATS[word]}"
    return f"{text}{did_you_mean(value, TYPES)}"


def _names(value: Any, keyword: str) -> Iterator[tuple[Steps, str]]:
    if not isinstance(value, list):
        beside = "; it stands beside properties, not inside a property" if keyword == "required" else ""
        yield (), f"must be a list of property names, got {shown(value)}{beside}"
        return
    for index, name in enumerate(value):
        if not isinstance(name, str):
            yield (index,), f"must be the name of a property, got {shown(name)}"
        elif name in value[:index]:
            yield (index,), f"{name!r} is in the list twice"


def _schema(value: Any) -> Iterator[tuple[Steps, str]]:
    if not isinstance(value, dict | bool):
        yield (), f"must be a schema: an object, true or false; got {shown(value)}"


def _each(items: Iterable[tuple[str | int, Any]]) -> Iterator[tuple[Steps, str]]:
    for step, value in items:
        yield from _below((step,), _schema(value))


def _below(above: Steps, faults: Iterable[tuple[Steps, str]]) -> Iterator[tuple[Steps, str]]:
    return (((*above, *steps), text) for steps, text in faults)


def _not_a_regex(pattern: str) -> str:
    return f"must be a regular expression (ECMA-262), got {shown(pattern)}"
