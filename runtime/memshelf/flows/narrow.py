"""Split a choice of jobs so that the server answers each part in the order of an index, without sorting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from memshelf.call import Flow, call
from memshelf.flows.claim import PAIRS

Choice: TypeAlias = Mapping[str, Any]


def narrowed(chosen: Choice) -> Flow[list[Choice]]:
    """Give filters that together find the same jobs, each in the order of their ids by the index of listings.

    That index begins with state and name, so that both must be named; what was left open is looked up, which costs one
    key for each value there is. A choice by neither is in the order of `_id` as it stands.
    """
    if "state" not in chosen and "name" not in chosen:
        return [chosen]
    states = yield from _values("state", chosen, {})
    names = yield from _values("name", chosen, {} if states is None else {"state": {"$in": states}})
    if states is None or names is None:
        return [chosen]
    return [{**chosen, "state": {"$in": some}, "name": {"$in": those}} for some, those in in_pairs(states, names)]


def in_pairs(first: Sequence[Any], second: Sequence[Any]) -> Iterator[tuple[list[Any], list[Any]]]:
    """Split two lists so that each part has no more pairs than one query may merge."""
    for start in range(0, len(first), PAIRS):
        some = list(first[start : start + PAIRS])
        size = PAIRS // len(some)
        for begin in range(0, len(second), size):
            yield some, list(second[begin : begin + size])


def _values(field: str, chosen: Choice, among: Choice) -> Flow[list[Any] | None]:
    """Give the values that a field may have; None if there is one, of a foreign writer, that is no text."""
    if field in chosen:
        return list(chosen[field]["$in"])
    found: list[object] = yield call("distinct", field, among)
    return [*found, None] if all(type(value) is str for value in found) else None  # None finds where it is missing.
