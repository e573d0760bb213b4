"""Payloads made plain: what is converted, what is refused with which words, and how their size is counted."""

from __future__ import annotations

import enum
import math
import types
from collections import OrderedDict, UserDict, namedtuple
from collections.abc import Mapping
from typing import Any

import bson
import pytest
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from bson.son import SON
from hypothesis import given

from memshelf.plain import MOST_BYTES, NotPlain, plain
from tests.runtime.domain import PAYLOADS
from tests.runtime.exactness import exact


class Text(str):
    def __str__(self) -> str:
        return "not this"


class Color(enum.StrEnum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


class Number(int):
    pass


class Ratio(float):
    pass


Pair = namedtuple("Pair", "a b")


def nested(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(levels - 1):
        value = {"a": value}
    return value


def stored(payload: Mapping[str, Any]) -> RawBSONDocument:
    """Give a payload as MongoDB gives it back."""
    document = RawBSONDocument(bson.encode({"data": payload}), CodecOptions(document_class=RawBSONDocument))
    data: RawBSONDocument = document["data"]
    return data


@given(PAYLOADS)
def test_a_payload_of_the_domain_stays_as_it_is(payload: dict[str, Any]) -> None:
    assert exact(plain(payload)) == exact(payload)


@given(PAYLOADS)
def test_what_is_read_back_from_bson_is_what_was_stored(payload: dict[str, Any]) -> None:
    assert exact(plain(stored(plain(payload)))) == exact(payload)


@given(PAYLOADS.filter(lambda payload: "$ref" not in repr(payload)))
def test_the_same_holds_for_a_decoder_that_makes_ints_of_its_own(payload: dict[str, Any]) -> None:
    assert exact(plain(bson.decode(bson.encode({"data": payload}))["data"])) == exact(payload)


@given(PAYLOADS)
def test_the_size_is_the_size_of_the_bson(payload: dict[str, Any]) -> None:
    size = len(bson.encode(payload))
    assert plain(payload, max_bytes=size) == payload
    with pytest.raises(NotPlain, match=f"at most {size - 1:,} bytes"):
        plain(payload, max_bytes=size - 1)


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 99, 100, 101, 1000, 1001, 12345])
def test_the_indexes_of_long_arrays_are_counted(count: int) -> None:
    payload = {"a": [None] * count}
    size = len(bson.encode(payload))
    assert plain(payload, max_bytes=size) == payload
    with pytest.raises(NotPlain):
        plain(payload, max_bytes=size - 1)


@given(PAYLOADS)
def test_the_copy_shares_no_container(payload: dict[str, Any]) -> None:
    def containers(value: Any) -> set[int]:
        if isinstance(value, dict | list):
            items = value.values() if isinstance(value, dict) else value
            return {id(value)}.union(*map(containers, items))
        return set()

    assert not containers(plain(payload)) & containers(payload)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (bson.Int64(5), 5),
        (bson.Int64(2**40), 2**40),
        (Text("abc"), "abc"),
        (Text("é"), "é"),
        (Color.RED, "red"),
        (Level.HIGH, 3),
        (Number(7), 7),
        (Ratio(0.5), 0.5),
        (1.0, 1.0),
        (-0.0, -0.0),
        (True, True),
        ((1, (2,)), [1, [2]]),
        (Pair(1, 2), [1, 2]),
        (SON([("b", 1), ("a", 2)]), {"b": 1, "a": 2}),
        (OrderedDict(b=1), {"b": 1}),
        (UserDict(b=1), {"b": 1}),
        (types.MappingProxyType({"b": (1,)}), {"b": [1]}),
        (bson.DBRef("c", 1, "d", x=Color.RED), {"$ref": "c", "$id": 1, "$db": "d", "x": "red"}),
        (stored({"b": {"c": [{"d": 1}]}}), {"b": {"c": [{"d": 1}]}}),
        ({Text("k"): 1}, {"k": 1}),
        ("a\0b", "a\0b"),
        (2**63 - 1, 2**63 - 1),
        (-(2**63), -(2**63)),
    ],
)
def test_a_value_with_an_exact_counterpart_becomes_it(value: object, expected: object) -> None:
    for payload, wanted in (({"x": value}, {"x": expected}), ({"x": [value]}, {"x": [expected]})):
        made = plain(payload)
        assert exact(made) == exact(wanted)
        assert plain(payload, max_bytes=len(bson.encode(wanted))) == wanted
        with pytest.raises(NotPlain):
            plain(payload, max_bytes=len(bson.encode(wanted)) - 1)


def test_a_key_becomes_an_exact_string() -> None:
    assert [type(key) for key in plain({Color.RED: 1})] == [str]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ([], "an array"),
        ((), "an array"),
        (None, "null"),
        ("{}", "a string"),
        (1, "a number"),
        (True, "a boolean"),
        (object(), "an object"),
    ],
)
def test_a_payload_is_an_object(value: object, kind: str) -> None:
    with pytest.raises(NotPlain) as refused:
        plain(value)
    assert str(refused.value) == f"$: must be an object, not {kind}"


def test_a_payload_may_have_a_hundred_levels() -> None:
    assert plain(nested(100)) == nested(100)
    with pytest.raises(NotPlain, match="more than 100 levels deep"):
        plain(nested(101))


@pytest.mark.parametrize("wrap", [list, tuple, lambda items: UserDict(a=items[0])])
def test_levels_are_counted_through_every_container(wrap: Any) -> None:
    value: Any = 1
    for _ in range(99):
        value = wrap([value])
    assert plain({"a": value})
    with pytest.raises(NotPlain, match="more than 100 levels deep"):
        plain({"a": wrap([value])})


def test_a_cycle_is_refused_as_too_deep() -> None:
    loop: list[Any] = []
    loop += [loop, loop]
    with pytest.raises(NotPlain, match="or contains itself"):
        plain({"a": loop})


def test_shared_parts_are_counted_each_time_and_end_the_walk_early() -> None:
    part: list[Any] = []
    for _ in range(90):
        part = [part, part]
    with pytest.raises(NotPlain, match="must take at most 1,000,000 bytes"):
        plain({"a": part}, max_bytes=1_000_000)


def test_no_payload_is_larger_than_a_document_may_be() -> None:
    with pytest.raises(NotPlain) as refused:
        plain({"a": "x" * MOST_BYTES}, max_bytes=2 * MOST_BYTES)
    assert str(refused.value) == (
        "$: must take at most 15,000,000 bytes as BSON; store the data elsewhere and send where it is"
    )


def test_a_limit_of_the_job_can_be_raised_and_the_text_says_so() -> None:
    with pytest.raises(NotPlain, match="or raise the job's max_payload"):
        plain({"a": "x" * 100}, max_bytes=100)


def test_text_that_is_not_utf8_is_refused_when_it_is_first_decoded() -> None:
    raw = bson.encode({"data": {"a": "abcd"}}).replace(b"abcd", b"ab\xff\xff")
    with pytest.raises(NotPlain, match="not UTF-8"):
        plain(RawBSONDocument(raw)["data"])


@pytest.mark.parametrize(
    ("payload", "path"),
    [
        ({"a b": [math.nan]}, "$['a b'][0]"),
        ({"": math.nan}, "$['']"),
        ({"$set": {"a.b": math.nan}}, "$['$set']['a.b']"),
        ({"größe": math.nan}, "$.größe"),
        ({"x" * 100: math.nan}, f"$['{'x' * 60}…']"),
        ({"a\nb": math.nan}, "$['a\\nb']"),
    ],
)
def test_a_path_is_readable(payload: dict[str, Any], path: str) -> None:
    with pytest.raises(NotPlain) as refused:
        plain(payload)
    assert refused.value.path == path
