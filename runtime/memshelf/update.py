"""Update pipelines in which every value that is not ours is a literal.

In a pipeline a text that begins with `$` is the name of a field: an error text `"$data.password"` would store the
password. So values are wrapped in `$literal` unless they are marked as expressions of ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Expression:
    """An aggregation expression written by us; holds no foreign value outside `$literal`."""

    value: Any


NOW = Expression("$$NOW")


def update(fields: Mapping[str, object], *, unset: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Build the pipeline that sets fields, to values or expressions, and removes others."""
    stages: list[dict[str, Any]] = [{"$set": {name: operand(value) for name, value in fields.items()}}]
    removed = list(unset)
    if removed:
        stages.append({"$unset": removed})
    return stages


def operand(value: object) -> Any:
    """Give an expression as it is and any other value as a literal."""
    return value.value if isinstance(value, Expression) else {"$literal": value}


def after(delay: timedelta) -> Expression:
    """Give the server's time plus a delay."""
    milliseconds = round(delay / timedelta(milliseconds=1))
    return Expression({"$add": ["$$NOW", milliseconds]})


def plus(name: str, amount: int) -> Expression:
    """Give a counter plus an amount, never below zero; a field that is no number counts as zero."""
    number = {"$cond": [{"$isNumber": f"${name}"}, f"${name}", 0]}
    return Expression({"$max": [0, {"$add": [number, amount]}]})


def appended(
    name: str, entry: Mapping[str, object], *, keep: int, known: Mapping[str, str] | None = None
) -> Expression:
    """Give a list with one more entry, stamped with the server's time, and only the newest `keep` of it.

    Args:
        name: the list's field.
        entry: foreign values.
        keep: how many entries at most.
        known: further fields of the entry, each as one of the document's before the update: `$state`.
    """
    held = {"$cond": [{"$isArray": f"${name}"}, f"${name}", []]}
    stamped = {"$mergeObjects": [{"$literal": dict(entry)}, {**(known or {}), "at": "$$NOW"}]}
    return Expression({"$slice": [{"$concatArrays": [held, [stamped]]}, -keep]})
