"""Texts with a format: strings in every respect, which give their value when asked."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, date, datetime, time, timedelta, timezone
from ipaddress import IPv4Address, IPv6Address
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

import bson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from memshelf.formats import (
    DateText,
    DateTimeText,
    Duration,
    DurationText,
    FormatText,
    Ipv4Text,
    Ipv6Text,
    TimeText,
    UriText,
    UuidText,
)
from memshelf.judge import Judge
from memshelf.payload import MISSING, Payload, read, wire
from memshelf.plain import plain

HOUR = timezone(timedelta(hours=1))
READ: list[tuple[str, FormatText, object]] = [
    ("date-time", DateTimeText("2026-03-29T01:30:00.5+01:00"), datetime(2026, 3, 29, 1, 30, 0, 500_000, HOUR)),
    ("date-time", DateTimeText("2026-03-29t01:30:00z"), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
    ("date-time", DateTimeText("2026-03-29T01:30:00-00:00"), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
    ("date-time", DateTimeText("2026-03-29T01:30:00.1234569Z"), datetime(2026, 3, 29, 1, 30, 0, 123_456, UTC)),
    (
        "date-time",
        DateTimeText("9999-12-31T23:59:59-23:59"),
        datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone(-timedelta(hours=23, minutes=59))),
    ),
    ("date", DateText("2024-02-29"), date(2024, 2, 29)),
    ("time", TimeText("08:30:00Z"), time(8, 30, tzinfo=UTC)),
    ("time", TimeText("08:30:00.25+01:00"), time(8, 30, 0, 250_000, HOUR)),
    ("duration", DurationText("P1Y2M3DT4H5M6S"), Duration(1, 2, 0, 3, 4, 5, 6)),
    ("duration", DurationText("P2W"), Duration(weeks=2)),
    ("duration", DurationText("PT36H"), Duration(hours=36)),
    ("duration", DurationText("P0D"), Duration()),
    ("uuid", UuidText("2EB8AA08-AA98-11EA-B4AA-73B441D16380"), UUID("2eb8aa08-aa98-11ea-b4aa-73b441d16380")),
    ("uri", UriText("https://a.example:8080/b?c=d#e"), urlsplit("https://a.example:8080/b?c=d#e")),
    ("uri", UriText("http://[v1F.a:b]/x"), urlsplit("http://[v1F.a:b]/x")),
    ("uri-reference", UriText("#e"), urlsplit("#e")),
    ("iri", UriText("https://a.example/ü"), urlsplit("https://a.example/ü")),
    ("iri-reference", UriText("ü"), urlsplit("ü")),
    ("ipv4", Ipv4Text("192.0.2.1"), IPv4Address("192.0.2.1")),
    ("ipv6", Ipv6Text("2001:DB8::1"), IPv6Address("2001:db8::1")),
]
VALUELESS: list[tuple[str, FormatText, str]] = [
    ("date-time", DateTimeText("1998-12-31T23:59:60Z"), "leap second"),
    ("date-time", DateTimeText("1998-12-31T15:59:60.5-08:00"), "leap second"),
    ("date-time", DateTimeText("0000-01-01T00:00:00Z"), "year 0000"),
    ("date", DateText("0000-02-29"), "year 0000"),
    ("time", TimeText("01:29:60+01:30"), "leap second"),
    ("duration", DurationText(f"P{'9' * 5000}D"), "more digits"),
    ("iri", UriText("http://ex\u2100mple/"), "refuses the host"),
]
WRONG: list[tuple[str, FormatText]] = [
    ("date-time", DateTimeText("2026-03-29 01:30:00Z")),
    ("date-time", DateTimeText("2026-03-29T01:30:00")),
    ("date-time", DateTimeText("2026-03-29T01:30:00+24:00")),
    ("date", DateText("2026-02-29")),
    ("date", DateText("20260228")),
    ("date", DateText("２026-02-28")),
    ("time", TimeText("24:00:00Z")),
    ("time", TimeText("08:30Z")),
    ("duration", DurationText("P")),
    ("duration", DurationText("PT")),
    ("duration", DurationText("P1DT")),
    ("duration", DurationText("P1Y1D")),
    ("duration", DurationText("PT1H1S")),
    ("duration", DurationText("P1W1D")),
    ("duration", DurationText("PT0.5S")),
    ("duration", DurationText("P-1D")),
    ("duration", DurationText("P1D\n")),
    ("uuid", UuidText("2eb8aa08aa9811eab4aa73b441d16380")),
    ("ipv4", Ipv4Text("192.0.2.01")),
    ("ipv6", Ipv6Text("192.0.2.1")),
    ("ipv6", Ipv6Text("fe80::1%eth0")),
]


def judge(form: str) -> Judge:
    return Judge({"type": "string", "format": form})


@pytest.mark.parametrize(("form", "text", "value"), READ)
def test_what_the_judge_accepts_has_a_value(form: str, text: Any, value: object) -> None:
    assert judge(form).is_valid(str(text))
    assert text.value == value
    if isinstance(value, datetime | time):
        assert text.value.utcoffset() == value.utcoffset()


@pytest.mark.parametrize(("form", "text", "why"), VALUELESS)
def test_what_python_has_no_value_for_says_so(form: str, text: Any, why: str) -> None:
    assert judge(form).is_valid(str(text))
    with pytest.raises(ValueError, match=why) as caught:
        _ = text.value
    assert str(text) not in str(caught.value)


@pytest.mark.parametrize(("form", "text"), WRONG)
def test_what_the_judge_refuses_has_no_value(form: str, text: Any) -> None:
    assert not judge(form).is_valid(str(text))
    with pytest.raises(ValueError, match=r"^(not a|no such)"):
        _ = text.value


@given(st.datetimes(timezones=st.just(UTC)), st.integers(-1439, 1439))
def test_a_moment_that_python_writes_is_read_back(moment: datetime, minutes: int) -> None:
    written = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    text = DateTimeText(written.isoformat())
    assert judge("date-time").is_valid(str(text))
    assert (text.value, text.value.utcoffset()) == (written, written.utcoffset())


UNITS = st.from_regex(r"\AP(\d{1,3}Y)?(\d{1,3}M)?(\d{1,3}W)?(\d{1,3}D)?(T(\d{1,3}H)?(\d{1,3}M)?(\d{1,3}S)?)?\Z")


@given(UNITS)
def test_a_duration_has_a_value_if_and_only_if_the_judge_accepts_it(text: str) -> None:
    try:
        value = DurationText(text).value
    except ValueError:
        value = None
    assert judge("duration").is_valid(text) == (value is not None)


def test_a_duration_without_years_and_months_is_a_timedelta() -> None:
    assert DurationText("P1DT12H").value.timedelta() == timedelta(hours=36)
    assert DurationText("P2W").value.timedelta() == timedelta(days=14)
    for text in ("P1Y", "P1M"):
        with pytest.raises(ValueError, match="no fixed length"):
            DurationText(text).value.timedelta()
    with pytest.raises(ValueError, match="longer than a timedelta"):
        DurationText("P9999999999D").value.timedelta()


class Visit(Payload):
    at: DateTimeText
    day: Annotated[DateText, Field(max_length=10)] | MISSING = MISSING
    until: Literal["open"] | DateTimeText | None = None
    alarms: list[TimeText] | MISSING = MISSING
    hosts: dict[str, Ipv4Text | int] | MISSING = MISSING


DATA: dict[str, Any] = {
    "at": "2026-03-29t01:30:00.000z",
    "day": "2026-03-29",
    "until": "2026-03-29T01:30:00Z",
    "alarms": ["08:30:00Z"],
    "hosts": {"a": "192.0.2.1", "b": 1},
}


def test_what_is_read_is_written_as_it_was() -> None:
    visit = read(Visit, DATA)
    assert (type(visit.at), type(visit.day), type(visit.until)) == (DateTimeText, DateText, DateTimeText)
    assert visit.alarms is not MISSING
    assert visit.hosts is not MISSING
    assert (type(visit.alarms[0]), type(visit.hosts["a"])) == (TimeText, Ipv4Text)
    assert plain(wire(visit)) == plain(DATA) == DATA
    assert all(type(text) is str for text in texts(plain(wire(visit))))
    assert all(type(text) is str for text in texts(visit.model_dump(mode="json")))
    assert all(type(text) is str for text in texts(visit.model_dump()))


def test_a_constructor_takes_a_text_of_either_class() -> None:
    one, other = Visit.model_validate({"at": "x"}), Visit.model_validate({"at": DateTimeText("x")}, strict=True)
    assert one == other
    assert {type(visit.at) for visit in (one, other)} == {DateTimeText}


def test_a_listed_word_beside_a_format_is_the_word() -> None:
    assert type(read(Visit, {**DATA, "until": "open"}).until) is str


def test_a_limit_beside_a_format_holds() -> None:
    with pytest.raises(ValueError, match="too_long"):
        Visit.model_validate({**DATA, "day": "2026-03-29T"})


@pytest.mark.parametrize("text", [text for _, text, _ in READ])
def test_a_text_is_a_string_in_every_respect(text: Any) -> None:
    exact = str(text)
    assert type(exact) is str
    assert (text, hash(text), repr(text), f"{text}", len(text)) == (exact, hash(exact), repr(exact), exact, len(exact))
    assert {exact: 1}[text] == 1
    for twin in (copy.copy(text), copy.deepcopy(text), pickle.loads(pickle.dumps(text))):
        assert (type(twin), twin, twin.value) == (type(text), text, text.value)
    assert bson.decode(bson.encode({"a": text})) == {"a": exact}
    assert not hasattr(text, "__dict__")


def test_a_model_with_formats_is_copied_and_pickled() -> None:
    visit = read(Visit, DATA)
    for twin in (copy.deepcopy(visit), pickle.loads(pickle.dumps(visit)), visit.model_copy(deep=True)):
        assert twin == visit
        assert type(twin.at) is DateTimeText
    assert "at='2026-03-29t01:30:00.000z'" in repr(visit)


def texts(value: Any) -> list[Any]:
    match value:
        case dict():
            return [text for item in value.values() for text in texts(item)]
        case list():
            return [text for item in value for text in texts(item)]
    return [value] if isinstance(value, str) else []
