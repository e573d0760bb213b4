"""Equality that minds types and the order of keys."""

from __future__ import annotations

from typing import Any


def exact(value: Any) -> Any:
    """Write a value so that only equal values of the same types and the same order of keys compare equal."""
    match value:
        case dict():
            return dict, [(key, exact(item)) for key, item in value.items()]
        case list():
            return list, [exact(item) for item in value]
        case float():
            return float, value.hex()
    return type(value), value


def exact_values(value: Any) -> Any:
    """The same without the order of keys, which a model gives to its own fields."""
    match value:
        case dict():
            return {key: exact_values(item) for key, item in value.items()}
        case list():
            return [exact_values(item) for item in value]
    return exact(value)
