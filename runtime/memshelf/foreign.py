"""Values that no payload can carry: what they are called, and what to use instead."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import numbers
import os
import uuid
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

import bson
import pydantic
from bson.binary import ALL_UUID_SUBTYPES
from bson.datetime_ms import DatetimeMS
from pydantic_core import MISSING


def kind(value: object) -> str:
    """Name a value's kind in JSON's words, or its type."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case str():
            return "a string"
        case int() | float():
            return "a number"
        case list() | tuple():
            return "an array"
        case Mapping():
            return "an object"
        case bytes():
            return "bytes"
    name = type(value).__name__
    return f"{'an' if name[:1] in 'AEIOaeio' else 'a'} {name}"


def instead(value: object) -> str:
    """Say what to use for a value that is outside the domain."""
    match value:
        case datetime.date() | datetime.time():
            return "use its isoformat() text"
        case datetime.timedelta():
            return "use its total_seconds()"
        case DatetimeMS():
            return "use its milliseconds, int(value)"
        case bson.Binary() if value.subtype in ALL_UUID_SUBTYPES:
            return "use str(value.as_uuid())"
        case bson.ObjectId() | uuid.UUID() | bson.Decimal128() | os.PathLike() | pydantic.AnyUrl():
            return "use str(value)"
        case decimal.Decimal():
            return "use str(value), which is exact, or float(value)"
        case bytes() | bytearray() | memoryview():
            return "use base64.b64encode(value).decode()"
        case AbstractSet():
            return "use a list, such as sorted(value)"
        case Iterator():
            return "use list(value)"
        case enum.Enum():
            return "use its value"
        case pydantic.BaseModel():
            return 'use its model_dump(mode="json", by_alias=True, exclude_unset=True)'
        case numbers.Number():
            return "use int(value) or float(value)"
    if value is MISSING:
        return "leave the key out"
    if dataclasses.is_dataclass(value):
        return "use dataclasses.asdict(value)"
    return "use an object, an array, a string, a number, a boolean or null"
