"""The points in time that people write: a table of phrases, the zones' odd hours, and what is refused."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memshelf.durations import format_duration
from memshelf.errors import InputError, WhenError
from memshelf.when import FARTHEST, FORMS, resolve

NOW = datetime(2026, 11, 24, 6, 30, 15, 123_456, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def rows(table: str) -> list[tuple[str, str]]:
    lines = Path(__file__).with_name("phrases").joinpath(table).read_text(encoding="utf-8").splitlines()
    read = [line.rsplit(" | ", 1) for line in lines if line and not line.startswith("#")]
    return [(phrase, meant) for phrase, meant in read]


def iso(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def refused(when: Any, *, now: datetime = NOW, timezone: Any = "UTC") -> str:
    with pytest.raises(WhenError) as caught:
        resolve(when, now=now, timezone=timezone)
    return str(caught.value)


@pytest.mark.parametrize(("phrase", "meant"), rows("good.txt"))
def test_a_good_phrase_means_one_instant(phrase: str, meant: str) -> None:
    assert iso(resolve(phrase, now=NOW, timezone="Europe/Paris")) == meant


@pytest.mark.parametrize(("phrase", "fault"), rows("bad.txt"))
def test_a_bad_phrase_is_refused_with_the_forms(phrase: str, fault: str) -> None:
    text = refused(phrase, timezone="Europe/Paris")
    assert fault in text
    assert text.endswith("; a time is " + ", ".join(FORMS[:-1]) + " or " + FORMS[-1])


def test_the_table_has_more_than_two_hundred_phrases() -> None:
    phrases = [phrase for table in ("good.txt", "bad.txt") for phrase, _ in rows(table)]
    assert len(set(phrases)) == len(phrases) > 200


@pytest.mark.parametrize(
    "phrase", ["", " ", "\n", "in 5 minutes\x00", "in ５ minutes", "at ９:00", "in 5 minuteſ", "ｎow"]
)
def test_signs_that_only_look_right_are_refused(phrase: str) -> None:
    assert "is not a " in refused(phrase)


def test_white_space_of_any_kind_counts_as_one_space() -> None:
    assert resolve("\tin 5\n minutes ", now=NOW) == resolve("in 5 minutes", now=NOW)


def test_a_long_text_is_refused_and_not_repeated_in_full() -> None:
    text = refused("in " + "1" * 100_000 + " hours")
    assert len(text) < 700


def test_the_error_is_an_input_error() -> None:
    with pytest.raises(InputError):
        resolve("a", now=NOW)
    with pytest.raises(ValueError, match="is not a time"):
        resolve("a", now=NOW)


@pytest.mark.parametrize(
    ("now", "phrase", "zone", "meant"),
    [
        # Paris, 28 March 2027: from 02:00 to 03:00 in winter time clocks skip to summer time.
        ("2027-03-27T12:00Z", "tomorrow at 1:59", "Europe/Paris", "2027-03-28T00:59:00.000Z"),
        ("2027-03-27T12:00Z", "tomorrow at 2:00", "Europe/Paris", "2027-03-28T01:00:00.000Z"),
        ("2027-03-27T12:00Z", "tomorrow at 2:30", "Europe/Paris", "2027-03-28T01:30:00.000Z"),
        ("2027-03-27T12:00Z", "tomorrow at 3:00", "Europe/Paris", "2027-03-28T01:00:00.000Z"),
        ("2027-03-27T12:00Z", "2027-03-28T02:30", "Europe/Paris", "2027-03-28T01:30:00.000Z"),
        ("2027-03-27T12:00Z", "in 24 hours", "Europe/Paris", "2027-03-28T12:00:00.000Z"),
        ("2027-03-27T12:00Z", "tomorrow at 13:00", "Europe/Paris", "2027-03-28T11:00:00.000Z"),
        ("2027-03-28T00:59:59Z", "at 2:30", "Europe/Paris", "2027-03-28T01:30:00.000Z"),
        # Paris, 31 October 2027: the hour from 02:00 to 03:00 comes twice, and the first is meant.
        ("2027-10-30T12:00Z", "tomorrow at 2:30", "Europe/Paris", "2027-10-31T00:30:00.000Z"),
        ("2027-10-30T12:00Z", "2027-10-31T02:30", "Europe/Paris", "2027-10-31T00:30:00.000Z"),
        ("2027-10-30T12:00Z", "2027-10-31T02:30+01:00", "Europe/Paris", "2027-10-31T01:30:00.000Z"),
        ("2027-10-30T12:00Z", "tomorrow at 3:00", "Europe/Paris", "2027-10-31T02:00:00.000Z"),
        ("2027-10-31T00:45Z", "at 2:30", "Europe/Paris", "2027-11-01T01:30:00.000Z"),
        ("2027-10-31T00:15Z", "in 1 hour", "Europe/Paris", "2027-10-31T01:15:00.000Z"),
        # Cairo, 30 April 2027: the day begins at 01:00, since 00:00 is skipped.
        ("2027-04-29T12:00Z", "tomorrow", "Africa/Cairo", "2027-04-29T22:00:00.000Z"),
        ("2027-04-29T12:00Z", "next friday", "Africa/Cairo", "2027-04-29T22:00:00.000Z"),
        # Lord Howe Island moves its clocks by half an hour.
        ("2027-10-02T12:00Z", "2027-10-03T02:15", "Australia/Lord_Howe", "2027-10-02T15:45:00.000Z"),
        # The zone decides which day it is.
        ("2026-12-31T23:30Z", "tomorrow", "UTC", "2027-01-01T00:00:00.000Z"),
        ("2026-12-31T23:30Z", "tomorrow", "Asia/Tokyo", "2027-01-01T15:00:00.000Z"),
        ("2026-12-31T23:30Z", "tomorrow", "America/New_York", "2027-01-01T05:00:00.000Z"),
        ("2026-11-23T22:59Z", "monday at 23:59:59", "Europe/Paris", "2026-11-23T22:59:59.000Z"),
        ("2026-11-23T23:00Z", "monday at 23:59:59", "Europe/Paris", "2026-11-30T22:59:59.000Z"),
        ("2026-11-22T22:59Z", "next monday", "Europe/Paris", "2026-11-22T23:00:00.000Z"),
        ("2026-11-22T23:00Z", "next monday", "Europe/Paris", "2026-11-29T23:00:00.000Z"),
        ("2026-11-24T05:00Z", "at 10:45", "Asia/Kathmandu", "2026-11-24T05:00:00.000Z"),
        ("2028-02-28T12:00Z", "tomorrow at noon", "UTC", "2028-02-29T12:00:00.000Z"),
    ],
)
def test_the_zone_and_its_changes_of_offset_are_minded(now: str, phrase: str, zone: str, meant: str) -> None:
    assert iso(resolve(phrase, now=datetime.fromisoformat(now), timezone=zone)) == meant


def test_an_aware_datetime_is_taken_as_it_is() -> None:
    paris = datetime(2027, 7, 1, 9, 0, 0, 999_999, tzinfo=ZoneInfo("Europe/Paris"))
    assert iso(resolve(paris, now=NOW, timezone="Asia/Tokyo")) == "2027-07-01T07:00:00.999Z"
    assert resolve(NOW, now=NOW) == NOW.replace(microsecond=123_000)


def test_the_second_of_two_equal_local_times_is_meant_when_the_datetime_says_so() -> None:
    second = datetime(2027, 10, 31, 2, 30, tzinfo=ZoneInfo("Europe/Paris"), fold=1)
    assert iso(resolve(second, now=NOW)) == "2027-10-31T01:30:00.000Z"


def test_a_timedelta_counts_from_now() -> None:
    assert iso(resolve(timedelta(minutes=5), now=NOW)) == "2026-11-24T06:35:15.123Z"
    assert resolve(timedelta(0), now=NOW) == resolve("now", now=NOW)


def test_the_result_is_in_utc() -> None:
    tokyo = NOW.astimezone(ZoneInfo("Asia/Tokyo"))
    for when in ("now", "tomorrow", "2030-01-01", timedelta(1), tokyo):
        assert resolve(when, now=tokyo, timezone="Asia/Tokyo").tzinfo is UTC


def test_the_millisecond_of_now_is_not_past() -> None:
    assert resolve(NOW.replace(microsecond=123_000), now=NOW) == NOW.replace(microsecond=123_000)
    assert "in the past" in refused(NOW.replace(microsecond=122_999))


@pytest.mark.parametrize(
    ("when", "fault"),
    [
        (datetime(2027, 1, 1), "the datetime 2027-01-01T00:00:00 is naive: it does not say in which time zone"),
        (datetime(2020, 1, 1, tzinfo=UTC), "2020-01-01 00:00:00+00:00 is in the past"),
        (datetime(2027, 1, 1, tzinfo=timezone(-timedelta(hours=23))).replace(year=9999), "more than a hundred years"),
        (datetime.max.replace(tzinfo=timezone(-timedelta(hours=23))), "outside the years 1 to 9999"),
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=23))), "outside the years 1 to 9999"),
        (timedelta(milliseconds=-1), "in the past"),
        (timedelta(days=-1_000_000), "outside the years 1 to 9999"),
        (timedelta.max, "outside the years 1 to 9999"),
        (timedelta.min, "outside the years 1 to 9999"),
        (FARTHEST + MILLISECOND, "more than a hundred years ahead"),
        (date(2027, 1, 1), "write the text '2027-01-01'"),
        (True, "a bool is not a time"),
        (30, "a plain number does not say of what"),
        (1_795_501_815.5, "a plain number does not say of what"),
        (float("nan"), "a plain number does not say of what"),
        (None, "NoneType is not a time"),
        (b"now", "bytes is not a time"),
        ([2027, 1, 1], "list is not a time"),
        (NOW.time(), "time is not a time"),
    ],
)
def test_values_that_are_no_time_are_refused(when: Any, fault: str) -> None:
    text = refused(when)
    assert fault in text
    assert "`in 30 minutes`" in text


def test_a_hundred_years_are_allowed() -> None:
    assert resolve(FARTHEST, now=NOW) == NOW.replace(microsecond=123_000) + FARTHEST


@pytest.mark.parametrize("when", ["now", "tomorrow", timedelta(1), NOW])
@pytest.mark.parametrize(
    ("zone", "fault"),
    [
        ("Europe/Pariss", "'Europe/Pariss' is not a time zone known here; did you mean `Europe/Paris`?"),
        ("xyzzy", "write an IANA name such as `UTC` or `Europe/Paris`"),
        ("", "'' is not a time zone"),
        ("Europe", "'Europe' is not a time zone"),
        ("../../etc/passwd", "is not a time zone"),
        ("/etc/localtime", "is not a time zone"),
        ("+02:00", "is not a time zone"),
        ("UTC\0", "is not a time zone"),
        ("x" * 5000, "is not a time zone"),
        (None, "got NoneType"),
        (ZoneInfo("Europe/Paris"), "got ZoneInfo"),
    ],
)
def test_an_unknown_zone_is_refused_whatever_the_time(when: Any, zone: Any, fault: str) -> None:
    assert fault in refused(when, timezone=zone)


def test_now_must_be_aware() -> None:
    assert "`now` must be an aware datetime" in refused("now", now=datetime(2026, 11, 24))


@pytest.mark.parametrize("edge", [datetime.min, datetime.max])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles"])
@pytest.mark.parametrize("phrase", ["tomorrow", "at noon", "next monday", "in 1s", "today at noon"])
def test_the_ends_of_the_calendar_raise_nothing_else(edge: datetime, zone: str, phrase: str) -> None:
    with suppress(WhenError):
        resolve(phrase, now=edge.replace(tzinfo=UTC), timezone=zone)


INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))
ZONES = st.sampled_from(["UTC", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])
CLOCKS = st.times().map(lambda clock: clock.replace(microsecond=0))


@given(now=INSTANTS, ahead=st.timedeltas(timedelta(0), timedelta(days=3000)))
def test_every_duration_that_is_written_is_read_back(now: datetime, ahead: timedelta) -> None:
    whole = ahead // MILLISECOND * MILLISECOND
    assert resolve(f"in {format_duration(ahead)}", now=now) == resolve(whole, now=now)


@given(now=INSTANTS, ahead=st.timedeltas(timedelta(0), timedelta(days=3000)), zone=ZONES)
def test_every_instant_that_is_written_in_iso_is_read_back(now: datetime, ahead: timedelta, zone: str) -> None:
    instant = now + ahead
    assert resolve(instant.astimezone(ZoneInfo(zone)).isoformat(), now=now) == resolve(instant, now=now)


@given(now=INSTANTS, clock=CLOCKS, zone=ZONES, form=st.sampled_from(["at {}", "monday at {}", "next monday at {}"]))
def test_the_coming_time_is_near_and_its_clock_is_right(now: datetime, clock: Any, zone: str, form: str) -> None:
    instant = resolve(form.format(clock.isoformat()), now=now, timezone=zone)
    local = instant.astimezone(ZoneInfo(zone))
    assert timedelta(0) <= instant - now.replace(microsecond=0) <= timedelta(days=1 if form == "at {}" else 8, hours=2)
    assert form == "at {}" or local.weekday() == 0
    # In a gap clocks show a later time, by the length of the gap.
    shown = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)
    asked = timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second)
    assert shown - asked in (timedelta(0), timedelta(minutes=30), timedelta(hours=1))


@given(text=st.text(max_size=120))
def test_any_other_text_raises_a_when_error_or_gives_a_time_to_come(text: str) -> None:
    try:
        instant = resolve(text, now=NOW)
    except WhenError:
        return
    assert instant >= NOW.replace(microsecond=123_000)
