"""Values that no payload can carry: where each is refused, and with which words."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import math
import pathlib
import uuid
from collections import deque

import bson
import pytest
from bson.code import Code
from pydantic import BaseModel

from memshelf import MISSING
from memshelf.plain import NotPlain, plain


class Text(str):
    pass


class Level(int):
    pass


class Ratio(float):
    pass


class Kind(enum.Enum):
    A = "secret"


class Model(BaseModel):
    x: int = 1


@dataclasses.dataclass
class Record:
    x: int = 1


REFUSED: list[tuple[object, str]] = [
    (math.nan, "must be a finite number; JSON has no NaN and no infinity, use null or leave it out"),
    (math.inf, "must be a finite number; JSON has no NaN and no infinity, use null or leave it out"),
    (Ratio("-inf"), "must be a finite number; JSON has no NaN and no infinity, use null or leave it out"),
    ("secret\ud800", "holds a lone surrogate at character 6; it must be valid Unicode"),
    (Text("\udfff"), "holds a lone surrogate at character 0; it must be valid Unicode"),
    (2**63, "must lie between -2^63 and 2^63 - 1; use a string for larger integers"),
    (-(2**63) - 1, "must lie between -2^63 and 2^63 - 1; use a string for larger integers"),
    (Level(2**63), "must lie between -2^63 and 2^63 - 1; use a string for larger integers"),
    ({"secret\0": 1}, "has the key 'secret\\u0000'; keys must not contain NUL"),
    ({"\ud800": 1}, "has the key '\\ud800'; keys must not contain lone surrogates"),
    ({1: 1}, "has a key that is a number; keys must be strings"),
    ({None: 1}, "has a key that is null; keys must be strings"),
    ({b"a": 1}, "has a key that is bytes; keys must be strings"),
    (datetime.datetime(2025, 1, 1), "must not be a datetime; use its isoformat() text"),
    (datetime.date(2025, 1, 1), "must not be a date; use its isoformat() text"),
    (datetime.time(1), "must not be a time; use its isoformat() text"),
    (datetime.timedelta(1), "must not be a timedelta; use its total_seconds()"),
    (bson.DatetimeMS(2**60), "must not be a DatetimeMS; use its milliseconds, int(value)"),
    (bson.ObjectId(), "must not be an ObjectId; use str(value)"),
    (uuid.uuid4(), "must not be a UUID; use str(value)"),
    (bson.Decimal128("1.5"), "must not be a Decimal128; use str(value)"),
    (pathlib.PurePosixPath("/secret"), "must not be a PurePosixPath; use str(value)"),
    (decimal.Decimal("1.5"), "must not be a Decimal; use str(value), which is exact, or float(value)"),
    (b"secret", "must not be bytes; use base64.b64encode(value).decode()"),
    (bytearray(b"secret"), "must not be a bytearray; use base64.b64encode(value).decode()"),
    (bson.Binary(b"secret"), "must not be bytes; use base64.b64encode(value).decode()"),
    (bson.Binary.from_uuid(uuid.uuid4()), "must not be bytes; use str(value.as_uuid())"),
    ({"secret"}, "must not be a set; use a list, such as sorted(value)"),
    (frozenset({"secret"}), "must not be a frozenset; use a list, such as sorted(value)"),
    ({"a": 1}.keys(), "must not be a dict_keys; use a list, such as sorted(value)"),
    (iter([1]), "must not be a list_iterator; use list(value)"),
    (Kind.A, "must not be a Kind; use its value"),
    (Model(), 'must not be a Model; use its model_dump(mode="json", by_alias=True, exclude_unset=True)'),
    (Record(), "must not be a Record; use dataclasses.asdict(value)"),
    (MISSING, "must not be a sentinel; leave the key out"),
    (1j, "must not be a complex; use int(value) or float(value)"),
    (Code("secret"), "must not be BSON code; use str(value)"),
    (bson.Regex("secret"), "must not be a Regex; use an object, an array, a string, a number, a boolean or null"),
    (bson.MinKey(), "must not be a MinKey; use an object, an array, a string, a number, a boolean or null"),
    (bson.Timestamp(1, 1), "must not be a Timestamp; use an object, an array, a string, a number, a boolean or null"),
    (deque([1]), "must not be a deque; use an object, an array, a string, a number, a boolean or null"),
    (object(), "must not be an object; use an object, an array, a string, a number, a boolean or null"),
]


@pytest.mark.parametrize(("value", "message"), REFUSED, ids=lambda value: type(value).__name__)
def test_a_value_outside_the_domain_is_refused_with_what_would_be_right(value: object, message: str) -> None:
    with pytest.raises(NotPlain) as refused:
        plain({"a": [0, {"b": value}]})
    assert (refused.value.path, refused.value.message) == ("$.a[1].b", message)
    assert "secret" not in str(refused.value).replace("key 'secret", "")
    with pytest.raises(NotPlain) as refused:
        plain({"a": [[value]]})
    assert (refused.value.path, refused.value.message) == ("$.a[0][0]", message)
