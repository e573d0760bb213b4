"""Edits say what to change in a document: a key or a value to write otherwise, to take away or to add."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from memshelf_gen.document import Steps


@dataclass(frozen=True, slots=True)
class Rename:
    """Write the key of a member otherwise; its own name again writes it so that every reader takes it for a text."""

    at: Steps
    key: str


@dataclass(frozen=True, slots=True)
class Replace:
    """Write a value otherwise; the same value again writes it so that every reader takes it for what it is."""

    at: Steps
    value: Any


@dataclass(frozen=True, slots=True)
class Remove:
    """Take away a member of an object or an item of a list, and an `x-` annotation that it was the last member of."""

    at: Steps


@dataclass(frozen=True, slots=True)
class Add:
    """Put a member before another one, the first when none is named."""

    at: Steps
    """Where the new member stands."""
    value: Any
    before: str | None = None


Edit: TypeAlias = Rename | Replace | Remove | Add


class Impossible(Exception):
    """An edit that cannot be made: its place is not there, or is taken."""


def edited(document: Any, edit: Edit) -> Any:
    """Give a document with one edit made; the order of all other keys stays.

    Raises:
        Impossible: there is no such place, or another key has the name.
    """
    match edit:
        case Rename(at, key):
            return _within(document, at[:-1], lambda holder: _renamed(holder, at[-1], key))
        case Replace(at, value):
            return _within(document, at, lambda _: value)
        case Remove():
            at = whole(document, edit)
            return _within(document, at[:-1], lambda holder: _without(holder, at[-1]))
        case Add(at, value, before):
            return _within(document, at[:-1], lambda holder: _with(holder, at[-1], value, before))


def whole(document: Any, edit: Remove) -> Steps:
    """Give what a removal takes away in truth: the annotation around, when nothing is left of that."""
    at = edit.at
    while len(at) > 1 and str(at[-2]).startswith("x-") and len(_get(document, at[:-1])) == 1:
        at = at[:-1]
    return at


def _get(document: Any, at: Steps) -> Any:
    for step in at:
        try:
            document = document[step]
        except (LookupError, TypeError):
            raise Impossible(at) from None
    return document


def _within(document: Any, at: Steps, change: Callable[[Any], Any]) -> Any:
    """Give a copy of a document in which the value at some steps is changed."""
    if not at:
        return change(document)
    _get(document, at)
    copied = document.copy()
    copied[at[0]] = _within(document[at[0]], at[1:], change)
    return copied


def _renamed(holder: Any, old: Any, new: str) -> Any:
    if not isinstance(holder, dict) or old not in holder or (new != old and new in holder):
        raise Impossible(old)
    return {new if key == old else key: value for key, value in holder.items()}


def _without(holder: Any, step: Any) -> Any:
    _get(holder, (step,))
    if isinstance(holder, dict):
        return {key: value for key, value in holder.items() if key != step}
    return [value for index, value in enumerate(holder) if index != step]


def _with(holder: Any, key: Any, value: Any, before: str | None) -> Any:
    if not isinstance(holder, dict) or key in holder or not holder or before not in (None, *holder):
        raise Impossible(key)
    found: dict[str, Any] = {}
    for other, known in holder.items():
        if other == (before if before is not None else next(iter(holder))):
            found[key] = value
        found[other] = known
    return found
