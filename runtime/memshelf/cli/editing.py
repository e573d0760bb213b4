"""Edits of a payload as a command takes them: a whole one, single values, or a JSON merge patch (RFC 7396)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from memshelf.cli.literals import read_data, read_json
from memshelf.errors import InputError

Data = Annotated[
    str | None,
    typer.Option("--data", metavar="FILE", help="Another payload as JSON, - for standard input; for one job."),
]
Sets = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        help="Another value in the payload: to=a@example.com, lines[2].amount=3, or a JSON Pointer /lines/2/amount=3; "
        "may be repeated.",
    ),
]
Merge = Annotated[
    str | None,
    typer.Option("--merge", metavar="JSON|FILE", help="A JSON merge patch (RFC 7396) for the payload; null removes."),
]

_STEP = re.compile(r"\.?(?P<key>[^.\[\]]+)|\[(?P<index>\d+)\]")


def edit_of(data: str | None, sets: Sequence[str] | None, merge: str | None) -> Any:
    """Give the function that edits a payload, or None: first comes the data, then the patch, then the sets.

    Raises:
        InputError: an option cannot be read.
    """
    if data is None and not sets and merge is None:
        return None
    whole = None if data is None else read_data(data)
    patch = None if merge is None else _patch(merge)
    values = [_assignment(text) for text in sets or ()]

    def edit(payload: Any) -> Any:
        edited = payload if data is None else whole
        if merge is not None:
            edited = merged(edited, patch)
        for steps, text in values:
            edited = _set(edited, steps, text)
        return edited

    return edit


def merged(target: Any, patch: Any) -> Any:
    """Apply a merge patch, as RFC 7396 defines it in section 2."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def _patch(text: str) -> Any:
    patch = read_json("--merge", text) if text.lstrip().startswith("{") else read_data(text, "--merge")
    if not isinstance(patch, dict):
        raise InputError("--merge: must be a JSON object, or a file that holds one")
    return patch


def _assignment(text: str) -> tuple[tuple[str | int, ...], str]:
    path, sign, value = text.partition("=")
    steps = _pointer(path) if path.startswith("/") else _path(path.removeprefix("$").removeprefix("."))
    if not sign or not steps:
        raise InputError(f"--set {text}: must be PATH=VALUE, such as to=a@example.com or lines[2].amount=3")
    return steps, value


def _path(path: str) -> tuple[str | int, ...]:
    steps: list[str | int] = []
    place = 0
    while place < len(path):
        found = _STEP.match(path, place)
        if found is None:
            return ()
        steps.append(found["key"] if found["key"] is not None else int(found["index"]))
        place = found.end()
    return tuple(steps)


def _pointer(path: str) -> tuple[str | int, ...]:
    """Read a JSON Pointer (RFC 6901); a number is an index where it leads into an array."""
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:])


def _set(target: Any, steps: Sequence[str | int], text: str) -> Any:
    if not steps:
        return _value(target, text)
    step, rest = steps[0], steps[1:]
    if isinstance(target, list):
        index = int(step) if str(step).isdecimal() else len(target)
        if index >= len(target):
            raise InputError(f"--set: the payload has no item {step} where the path asks for it")
        return [*target[:index], _set(target[index], rest, text), *target[index + 1 :]]
    if isinstance(step, int) or not (target is None or isinstance(target, Mapping)):
        raise InputError(f"--set: the payload has no {step!r} where the path asks for it")
    held = dict(target or {})
    return {**held, step: _set(held.get(step), rest, text)}


def _value(present: Any, text: str) -> Any:
    """Read a value: text stays text, as it stands; elsewhere it is JSON, or text if it is none."""
    if isinstance(present, str):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text
