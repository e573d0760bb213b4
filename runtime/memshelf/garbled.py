"""Stored text that is not UTF-8: how people see it, and how the server finds a document by it.

Python's text cannot hold such bytes, and the driver writes none; but any other driver may have stored them, as an id
even. A job that nobody can name could be claimed and then never be recorded or rescued.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any

import bson
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.raw_bson import RawBSONDocument

SIGN = "\N{REPLACEMENT CHARACTER}"
"""What stands in the place of a byte that is not UTF-8; it may also be a character of good text."""
_LOSSLESS: CodecOptions[dict[str, Any]] = CodecOptions(
    unicode_decode_error_handler="surrogateescape", datetime_conversion=DatetimeConversion.DATETIME_MS
)


class Garbled(str):
    """Text with signs in the place of what is not UTF-8, which still knows its bytes."""

    __slots__ = ("stored",)
    stored: bytes

    def __new__(cls, stored: bytes) -> Garbled:
        text = super().__new__(cls, stored.decode("utf-8", "replace"))
        text.stored = stored
        return text

    def __repr__(self) -> str:
        return repr(self.stored)


def as_stored(document: RawBSONDocument, name: str, value: Any) -> Any:
    """Give a field that was read with signs, with its bytes if it is garbled."""
    if not isinstance(value, str) or SIGN not in value:
        return value
    stored = bson.decode(document.raw, _LOSSLESS)[name].encode("utf-8", "surrogateescape")
    return value if stored == value.encode() else Garbled(stored)


def equal(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Give the filter for exactly these values."""
    bytewise = [_clause(name, value.stored) for name, value in fields.items() if isinstance(value, Garbled)]
    others = {name: value for name, value in fields.items() if not isinstance(value, Garbled)}
    return {**others, "$and": bytewise} if bytewise else others


def one_of(name: str, values: Sequence[Any]) -> dict[str, Any]:
    """Give the filter for any of these values of one field."""
    bytewise = [_clause(name, value.stored) for value in values if isinstance(value, Garbled)]
    if not bytewise:
        return {name: values[0] if len(values) == 1 else {"$in": list(values)}}
    others = [value for value in values if not isinstance(value, Garbled)]
    return {"$or": [*bytewise, *([{name: {"$in": others}}] if others else [])]}


def _clause(name: str, stored: bytes) -> RawBSONDocument:
    """Write the document `{name: text}`, which the driver cannot."""
    element = b"\2" + name.encode() + b"\0" + struct.pack("<i", len(stored) + 1) + stored + b"\0"
    return RawBSONDocument(struct.pack("<i", len(element) + 5) + element + b"\0")
