"""From the text of an option to the JSON value that it stands for; what does not fit is left to the job's judge."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from memshelf.cli.properties import Property, kinds_of
from memshelf.errors import InputError


def value_of(wanted: Property, given: Any) -> Any:
    """Read what was given for a property: a flag, a text, or the texts of a repeated option."""
    if isinstance(given, bool):
        return given
    if isinstance(given, str):
        return literal(given, wanted.kinds, wanted.choices)
    texts: Sequence[str] = given
    if len(texts) == 1:
        whole = _json(texts[0])
        alone = whole is None and wanted.kinds >= {"null"} and texts[0] == "null"
        if alone or (isinstance(whole, list) and "array" not in wanted.item_kinds):
            return whole
    return [literal(text, wanted.item_kinds) for text in texts]


def literal(text: str, kinds: frozenset[str], choices: tuple[Any, ...] = ()) -> Any:
    """Read a text: as it stands where a string may stand, as JSON elsewhere.

    Where both may stand, only what looks like an object or an array is JSON; so `--zip 01234` keeps its zero.
    """
    value = _json(text)
    if "string" in kinds:
        composed = isinstance(value, dict | list) and bool(kinds & set(kinds_of(value)))
        chosen = bool(choices) and text not in choices and value in choices
        return value if composed or chosen else text
    return text if value is None and text != "null" else value


def read_data(path: str, option: str = "--data") -> Any:
    """Read the JSON of a file, or of standard input for `-`.

    Raises:
        InputError: it cannot be read, or is not JSON; names the option.
    """
    try:
        text = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{option} {path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise InputError(f"{option} {path}: is not JSON: {error}") from None
    return read_json(f"{option} {path}", text)


def read_json(place: str, text: str) -> Any:
    """Read JSON.

    Raises:
        InputError: it is none; names the place.
    """
    try:
        return json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise InputError(f"{place}:{error.lineno}:{error.colno}: is not JSON: {error.msg}") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{place}: is not JSON: {error}") from None


def _json(text: str) -> Any:
    """Give the JSON value that a text is, or None."""
    try:
        return json.loads(text, object_pairs_hook=_object)
    except (ValueError, RecursionError):
        return None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for key, _ in pairs if sum(key == other for other, _ in pairs) > 1)
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return found
