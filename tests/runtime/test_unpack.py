"""Stored documents read back: as pymongo decodes them, but for references, which stay what they were."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import bson
import pytest
from bson.codec_options import CodecOptions
from bson.errors import InvalidBSON
from hypothesis import given

from memshelf.plain import plain
from memshelf.unpack import unpack
from tests.runtime.domain import PAYLOADS
from tests.runtime.exactness import exact

CODEC: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True)


@given(PAYLOADS)
def test_every_payload_comes_back_as_it_was(payload: dict[str, Any]) -> None:
    assert exact(plain(unpack(bson.encode({"data": payload}), CODEC)["data"])) == exact(payload)


@pytest.mark.parametrize(
    "data",
    [
        {"$ref": "a", "$id": 1},
        {"$id": 1, "x": 2, "$ref": "a", "$db": None},
        {"$ref": "a", "$id": {"$ref": "b", "$id": [{"$id": 1, "$ref": "c"}]}},
        {"a": "$ref\0", "b": 2.0, "c": [1, [2]]},
    ],
)
def test_what_looks_like_a_reference_stays_an_object(data: dict[str, Any]) -> None:
    assert exact(unpack(bson.encode({"data": data}), CODEC)) == exact({"data": data})


def test_dates_are_decoded_as_the_options_say() -> None:
    at = datetime(2025, 1, 1, tzinfo=UTC)
    assert unpack(bson.encode({"at": at, "x": {"$ref": "a"}}), CODEC) == {"at": at, "x": {"$ref": "a"}}


@pytest.mark.parametrize("key", ["x", "$ref"])
def test_text_that_is_not_utf8_is_an_error_or_replaced_as_the_options_say(key: str) -> None:
    raw = bson.encode({"data": {key: "abcd"}}).replace(b"abcd", b"ab\xff\xff")
    with pytest.raises(InvalidBSON):
        unpack(raw, CODEC)
    lenient = CODEC.with_options(unicode_decode_error_handler="replace")
    assert unpack(raw, lenient) == {"data": {key: "ab\ufffd\ufffd"}}
