"""Durations as text: what is read, what is refused, and that both ways agree."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memshelf.durations import DURATION_PATTERN, format_duration, parse_duration
from memshelf.errors import WhenError

GOOD = {
    "0s": timedelta(0),
    "1ms": timedelta(milliseconds=1),
    "500ms": timedelta(milliseconds=500),
    "1 millisecond": timedelta(milliseconds=1),
    "30s": timedelta(seconds=30),
    "30 s": timedelta(seconds=30),
    "5 seconds": timedelta(seconds=5),
    "1 second": timedelta(seconds=1),
    "10 sec": timedelta(seconds=10),
    "0.001s": timedelta(milliseconds=1),
    "1.25 seconds": timedelta(milliseconds=1250),
    "90m": timedelta(minutes=90),
    "15 min": timedelta(minutes=15),
    "0.001m": timedelta(milliseconds=60),
    "1h": timedelta(hours=1),
    "1hr": timedelta(hours=1),
    "1h30m": timedelta(minutes=90),
    "1h 30m": timedelta(minutes=90),
    "1h, 30m": timedelta(minutes=90),
    "1 hour and 15 minutes": timedelta(minutes=75),
    "1 hour, 2 minutes, and 3 seconds": timedelta(hours=1, minutes=2, seconds=3),
    "1.5h": timedelta(minutes=90),
    "1.5h30m": timedelta(hours=2),
    "7 days": timedelta(days=7),
    "2w": timedelta(days=14),
    "1 week and 1 day": timedelta(days=8),
    "1w2d3h4m5s6ms": timedelta(weeks=1, days=2, hours=3, minutes=4, seconds=5, milliseconds=6),
    "1m500ms": timedelta(minutes=1, milliseconds=500),
    "007s": timedelta(seconds=7),
    "9999w": timedelta(weeks=9999),
    "99999.999d": timedelta(days=99999.999),
    "999999999999ms": timedelta(milliseconds=999_999_999_999),
}

BAD = {
    "": "write it as `30s`",
    " ": "write it as `30s`",
    "s": "write it as `30s`",
    "and": "write it as `30s`",
    "5": "'5' has no unit; write 5s",
    "1h30": "'30' has no unit",
    " 5s": "write it as",
    "5s ": "write it as",
    "5s\n": "write it as",
    "5\ts": "write it as",
    "-5s": "must not be negative",
    "5S": "write s in lower case",
    "5 Seconds": "write seconds in lower case",
    "1M": "write m in lower case",
    "5 parsecs": "'parsecs' is not a unit; units are w d h m s ms",
    "5us": "'us' is not a unit",
    "5µs": "'µs' is not a unit",
    "2 months": "months and years have no fixed length",
    "1 month": "months and years have no fixed length",
    "1mo": "months and years have no fixed length",
    "1y": "months and years have no fixed length",
    "1yr": "months and years have no fixed length",
    "1 year and 2 days": "months and years have no fixed length",
    "30m1h": "the larger unit comes first",
    "1s1s": "a unit stands in it twice",
    "1h 1 hour": "a unit stands in it twice",
    "1h,": "write it as",
    "1h and": "write it as",
    "1h,,1m": "write it as",
    "1h and and 1m": "write it as",
    "1h & 1m": "write it as",
    "1,5h": "'1,5' is not a number; write one such as 5 or 1.5",
    "1.h": "'1.' is not a number",
    ".5h": "write it as",
    "0.0001s": "a number has at most three decimals",
    "0.5ms": "milliseconds have no decimals",
    "1_000s": "'1_000' is not a number",
    "1e3s": "'e' is not a unit",
    "٣s": "write it as",
    "10000w": "too long",
    "100000 days": "too long",
    "9" * 5000 + "s": "too long",
    "none": "write it as",
    "PT5S": "write s in lower case",
    "5:30": "has no unit",
    "an hour": "write it as",
}


@pytest.mark.parametrize(("text", "meant"), GOOD.items())
def test_a_good_duration_is_read(text: str, meant: timedelta) -> None:
    assert parse_duration(text) == meant


@pytest.mark.parametrize(("text", "fault"), BAD.items())
def test_a_bad_duration_is_refused_with_what_would_be_right(text: str, fault: str) -> None:
    with pytest.raises(WhenError, match=re.escape(fault)) as caught:
        parse_duration(text)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("value", [5, 5.0, True, None, b"5s", timedelta(5)])
def test_only_text_is_read(value: Any) -> None:
    with pytest.raises(WhenError, match="a duration is a text such as `30s`"):
        parse_duration(value)


@pytest.mark.parametrize("text", [*GOOD, *(text for text in BAD if text != "5s\n")])
def test_a_schema_with_the_pattern_gives_the_parsers_verdict(text: str) -> None:
    assert jsonschema_rs.is_valid({"type": "string", "pattern": DURATION_PATTERN}, text) == (text in GOOD)


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (timedelta(0), "0s"),
        (timedelta(microseconds=999), "0s"),
        (timedelta(microseconds=1500), "1ms"),
        (timedelta(milliseconds=500), "500ms"),
        (timedelta(seconds=1), "1s"),
        (timedelta(milliseconds=1500), "1.5s"),
        (timedelta(milliseconds=1001), "1.001s"),
        (timedelta(minutes=1), "1m"),
        (timedelta(seconds=90), "1m30s"),
        (timedelta(minutes=90), "1h30m"),
        (timedelta(hours=1, milliseconds=5), "1h0.005s"),
        (timedelta(days=7), "7d"),
        (timedelta(days=1, seconds=10), "1d10s"),
        (timedelta(seconds=-90), "-1m30s"),
        (timedelta(microseconds=-5), "0s"),
    ],
)
def test_a_duration_is_written_short(duration: timedelta, text: str) -> None:
    assert format_duration(duration) == text


@given(duration=st.timedeltas(timedelta(0), timedelta(days=99_999)))
def test_what_is_written_is_read_back_to_the_millisecond(duration: timedelta) -> None:
    assert parse_duration(format_duration(duration)) == duration // timedelta(milliseconds=1) * timedelta(
        milliseconds=1
    )


@given(text=st.from_regex(DURATION_PATTERN, fullmatch=True, alphabet=st.characters(codec="ascii")))
def test_whatever_the_pattern_matches_is_read_as_whole_milliseconds(text: str) -> None:
    duration = parse_duration(text.removesuffix("\n"))
    assert timedelta(0) <= duration < timedelta(days=700 * 366)
    assert duration % timedelta(milliseconds=1) == timedelta(0)


@given(text=st.text(alphabet="0123456789 .,andhoursmitewk-", max_size=60))
def test_nothing_but_a_when_error_is_raised(text: str) -> None:
    try:
        parse_duration(text)
    except WhenError:
        return
    assert re.search(DURATION_PATTERN, text)
