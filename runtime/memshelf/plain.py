"""The domain of payloads: JSON with 64-bit integers and finite doubles, in Python's own exact types.

For every payload of the domain, what MongoDB gives back equals what was stored, types and order of keys included.
One walk copies, checks and measures, since every job passes it twice: when it is queued and before it is run. Exact
types are decided inline; whatever else comes goes through `_converted`, and the path of a fault is gathered only while
its exception travels up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bson import DBRef
from bson.code import Code
from bson.errors import InvalidBSON

from memshelf.errors import InputError
from memshelf.foreign import instead, kind
from memshelf.paths import MOST_LEVELS, place, shown

MOST_BYTES = 15_000_000


class NotPlain(InputError):
    """A payload holds something that JSON, or MongoDB, cannot carry unchanged."""

    def __init__(self, path: str, message: str) -> None:
        self.path = path
        self.message = message
        super().__init__(f"{path}: {message}")


def plain(value: object, *, max_bytes: int = MOST_BYTES) -> dict[str, Any]:
    """Copy a payload into exact dicts, lists, strings, ints, floats, bools and None.

    Subclasses of these, string enums, tuples, other mappings, BSON's `Int64` and `DBRef` are converted; everything
    else is refused. The value itself is never shown.

    Args:
        value: the payload; it must be an object.
        max_bytes: the most that it may take as BSON, the form in which it is stored; never more than 15,000,000.

    Raises:
        NotPlain: something in it is outside the domain; the message says what would be right.
    """
    if isinstance(value, DBRef):
        value = value.as_doc()
    if not isinstance(value, Mapping):
        raise NotPlain("$", f"must be an object, not {kind(value)}")
    limit = min(max_bytes, MOST_BYTES)
    walk = _Walk(limit)
    try:
        return walk.mapping(value, MOST_LEVELS)
    except _Fault as fault:
        raise NotPlain(place(fault.steps[::-1]), fault.message) from None
    except InvalidBSON:
        raise NotPlain("$", "holds text that is not UTF-8") from None
    except _TooLarge:
        raise NotPlain("$", _too_large(limit)) from None


class _Fault(Exception):
    """A fault on its way up, gathering the steps of its path from the last to the first."""

    def __init__(self, message: str, *, of_key: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.steps: list[str | int] = []
        self._of_key = of_key

    def climb(self, step: str | int) -> None:
        """Leave one container; a faulty key is no step of its own path."""
        if self._of_key:
            self._of_key = False
        else:
            self.steps.append(step)


class _TooLarge(Exception):
    """The payload takes more room than it may."""


class _Walk:
    """One pass over a payload; `room` is what is left of the bytes that it may take."""

    __slots__ = ("room",)

    def __init__(self, room: int) -> None:
        self.room = room

    def mapping(self, value: Mapping[Any, Any], levels: int) -> dict[str, Any]:
        """Copy an object: 5 bytes, and for each entry its type, its key, a NUL, and its value."""
        if not levels:
            raise _Fault(f"lies more than {MOST_LEVELS} levels deep, or contains itself; make it flatter")
        out: dict[str, Any] = {}
        size = 5
        key: Any = None
        try:
            for key, item in value.items():
                if type(key) is str and key.isascii() and "\0" not in key:
                    size += len(key) + 2
                else:
                    key, length = _key(key)
                    size += length + 2
                exact_type = type(item)
                if exact_type is str:
                    size += 5 + (len(item) if item.isascii() else _utf8(item))
                    out[key] = item
                elif exact_type is dict:
                    out[key] = self.mapping(item, levels - 1)
                elif exact_type is list:
                    out[key] = self.sequence(item, levels - 1)
                elif exact_type is bool:
                    size += 1
                    out[key] = item
                elif item is None:
                    out[key] = None
                elif exact_type is int:
                    size += 4 if -0x8000_0000 <= item <= 0x7FFF_FFFF else _int64(item)
                    out[key] = item
                elif exact_type is float and item - item == 0.0:
                    size += 8
                    out[key] = item
                else:
                    out[key] = self.other(item, levels)
        except _Fault as fault:
            fault.climb(key if isinstance(key, str) else "")
            raise
        self.room -= size
        if self.room < 0:
            raise _TooLarge
        return out

    def sequence(self, value: Iterable[Any], levels: int) -> list[Any]:
        """Copy an array, which BSON stores as an object whose keys are the indexes in decimal."""
        if not levels:
            raise _Fault(f"lies more than {MOST_LEVELS} levels deep, or contains itself; make it flatter")
        out: list[Any] = []
        size = 5
        try:
            for item in value:
                exact_type = type(item)
                if exact_type is str:
                    size += 5 + (len(item) if item.isascii() else _utf8(item))
                    out.append(item)
                elif exact_type is dict:
                    out.append(self.mapping(item, levels - 1))
                elif exact_type is list:
                    out.append(self.sequence(item, levels - 1))
                elif exact_type is bool:
                    size += 1
                    out.append(item)
                elif item is None:
                    out.append(None)
                elif exact_type is int:
                    size += 4 if -0x8000_0000 <= item <= 0x7FFF_FFFF else _int64(item)
                    out.append(item)
                elif exact_type is float and item - item == 0.0:
                    size += 8
                    out.append(item)
                else:
                    out.append(self.other(item, levels))
        except _Fault as fault:
            fault.climb(len(out))
            raise
        self.room -= size + _indexes(len(out))
        if self.room < 0:
            raise _TooLarge
        return out

    def other(self, item: object, levels: int) -> Any:
        """Copy a value whose type is none of the exact ones, by converting it first."""
        exact = _converted(item)
        exact_type = type(exact)
        if exact_type is str:
            self.room -= 5 + _utf8(exact)
        elif exact_type is int:
            self.room -= 4 if -0x8000_0000 <= exact <= 0x7FFF_FFFF else _int64(exact)
        elif exact_type is float:
            self.room -= 8
        elif isinstance(exact, Mapping):
            return self.mapping(exact, levels - 1)
        else:
            return self.sequence(exact, levels - 1)
        return exact


def _key(key: object) -> tuple[str, int]:
    if not isinstance(key, str):
        raise _Fault(f"has a key that is {kind(key)}; keys must be strings", of_key=True)
    exact = str.__str__(key)
    if "\0" in exact:
        raise _Fault(f"has the key {shown(exact)}; keys must not contain NUL", of_key=True)
    try:
        return exact, len(exact.encode())
    except UnicodeEncodeError:
        raise _Fault(f"has the key {shown(exact)}; keys must not contain lone surrogates", of_key=True) from None


def _utf8(text: str) -> int:
    try:
        return len(text.encode())
    except UnicodeEncodeError as error:
        raise _Fault(f"holds a lone surrogate at character {error.start}; it must be valid Unicode") from None


def _int64(number: int) -> int:
    if -0x8000_0000_0000_0000 <= number <= 0x7FFF_FFFF_FFFF_FFFF:
        return 8
    raise _Fault("must lie between -2^63 and 2^63 - 1; use a string for larger integers")


def _indexes(count: int) -> int:
    """The bytes of the types, keys and NULs of an array with so many items."""
    size = 3 * count
    longer = 10
    while count > longer:
        size += count - longer
        longer *= 10
    return size


def _converted(value: object) -> Any:
    """Give the exact counterpart of a value that has one; refuse the others."""
    match value:
        case Code():
            raise _Fault("must not be BSON code; use str(value)")
        case str():
            return str.__str__(value)
        case int():
            return int.__int__(value)
        case float():
            if not value - value == 0.0:
                raise _Fault("must be a finite number; JSON has no NaN and no infinity, use null or leave it out")
            return float.__float__(value)
        case DBRef():
            return value.as_doc()
        case list() | tuple() | Mapping():
            return value
    raise _Fault(f"must not be {kind(value)}; {instead(value)}")


def _too_large(limit: int) -> str:
    more = "" if limit == MOST_BYTES else ", or raise the job's max_payload"
    return f"must take at most {limit:,} bytes as BSON; store the data elsewhere and send where it is{more}"
