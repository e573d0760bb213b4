"""Stored bytes to Python values, without the `DBRef`s that pymongo makes of objects with `$ref` and `$id`.

A `DBRef` forgets in which order the keys were, and whether `$db` was null; a payload must come back as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import bson
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.errors import InvalidBSON
from bson.raw_bson import RawBSONDocument
from pymongo.errors import WriteConcernError

CODEC: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True, datetime_conversion=DatetimeConversion.DATETIME_AUTO)
"""Aware dates; those outside the years of Python stay numbers."""


class Raw(RawBSONDocument):
    """The bytes of a document, or of a part of a reply that is an error."""

    def update(self, more: Mapping[str, Any]) -> None:
        """Raise the error that this is; the driver is about to, and calls this to add `more` to it (pymongo 4.20).

        Its own class has no such method, so that a primary which steps down during a `findAndModify` made an
        AttributeError, which nobody retries.
        """
        raise WriteConcernError(self["errmsg"], self["code"], {**self, **more})


RAW: CodecOptions[Raw] = CODEC.with_options(document_class=Raw)
"""Bytes first; what is looked at is decoded then."""
NAIVE = CODEC.with_options(tz_aware=False)
"""The same as `CODEC` with dates that do not say that they are UTC, which take half of the time to decode."""
LENIENT = CODEC.with_options(unicode_decode_error_handler="replace")
"""The same as `CODEC`, with a sign in the place of what is not UTF-8."""
OUTLINE = LENIENT.with_options(document_class=RawBSONDocument)
"""The same as `LENIENT` for the fields, and bytes for what is inside them."""


def unpack(raw: bytes, codec: CodecOptions[dict[str, Any]] = CODEC) -> dict[str, Any]:
    """Decode one document; as fast as `bson.decode` for all but those that hold a `$ref`.

    Raises:
        InvalidBSON: the bytes cannot be decoded with these options.
    """
    if b"$ref\0" not in raw:
        return bson.decode(raw, codec)
    unfolded: dict[str, Any] = _unfolded(RawBSONDocument(raw, codec.with_options(document_class=RawBSONDocument)))
    return unfolded


def unpacked(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give a document that may have been read raw as one that is decoded, with a sign for what is not UTF-8."""
    if not isinstance(document, RawBSONDocument):
        return document
    try:
        return unpack(bytes(document.raw))
    except InvalidBSON:
        return unpack(bytes(document.raw), LENIENT)


def outline(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give a document that may have been read raw as one whose fields can be looked at, whatever is inside them."""
    return RawBSONDocument(document.raw, OUTLINE) if isinstance(document, RawBSONDocument) else document


def _unfolded(value: Any) -> Any:
    match value:
        case RawBSONDocument():
            return {key: _unfolded(item) for key, item in value.items()}
        case list():
            return [_unfolded(item) for item in value]
    return value
