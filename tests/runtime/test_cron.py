"""Cron texts and their ticks: what is read, what is refused and how, and what happens where clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from memshelf import WhenError
from memshelf.crontext import CronError, read_cron
from memshelf.due import BATCH, Due, due, tick_id
from memshelf.rhythm import ByCron, ByInterval, by_cron, interval

ROOT = Path(__file__).parents[2]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def ticks(text: str, zone: str, start: str, end: str) -> list[str]:
    """Give the ticks as local times with their offsets."""
    found = by_cron(text, zone).ticks(at(start), at(end))
    return [tick.astimezone(ZoneInfo(zone)).strftime("%d %H:%M%z") for tick in found]


def test_the_generator_reads_the_same_cron_texts() -> None:
    assert (ROOT / "generator/memshelf_gen/crontext.py").read_bytes() == (
        ROOT / "runtime/memshelf/crontext.py"
    ).read_bytes()


@pytest.mark.parametrize(
    ("text", "start", "expected"),
    [
        ("0 9 * * mon-fri", "2026-11-27T10:00", "2026-11-30T09:00"),
        ("*/15 * * * *", "2026-11-27T10:14:59", "2026-11-27T10:15"),
        ("*/20 30 9 * * *", "2026-11-27T09:30:20", "2026-11-27T09:30:40"),
        ("0 22-4 * * *", "2026-11-27T04:30", "2026-11-27T22:00"),
        ("0 0 * * fri-mon", "2026-11-24T00:00", "2026-11-27T00:00"),
        ("0 0 * * 7", "2026-11-27T00:00", "2026-11-29T00:00"),
        ("0 0 31 * *", "2026-11-01T00:00", "2026-12-31T00:00"),
        ("0 0 L feb *", "2027-03-01T00:00", "2028-02-29T00:00"),
        ("0 8 * * mon#1", "2026-11-27T00:00", "2026-12-07T08:00"),
        ("0 8 * * friL", "2026-11-27T09:00", "2026-12-25T08:00"),
        ("0 0 13 * fri", "2026-11-13T00:00", "2026-11-20T00:00"),
        ("0 0 */13 * fri", "2026-11-13T00:00", "2026-11-27T00:00"),
        ("5/20 * * * *", "2026-11-27T00:30", "2026-11-27T00:45"),
        ("0 0 29 2 *", "2096-03-01T00:00", "2104-02-29T00:00"),
        ("0 12 3-3 * *", "2026-11-27T00:00", "2026-12-03T12:00"),
        ("@hourly", "2026-11-27T00:00", "2026-11-27T01:00"),
        ("@WEEKLY", "2026-11-27T00:00", "2026-11-29T00:00"),
        (" 0 9 * JAN-mar SUN ", "2026-11-27T00:00", "2027-01-03T09:00"),
    ],
)
def test_the_next_tick_is_the_first_time_that_the_text_means(text: str, start: str, expected: str) -> None:
    assert by_cron(text, "UTC").after(at(start)) == at(expected)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "five fields"),
        ("* * * *", "got 4 in"),
        ("* * * * * * *", "got 7 in"),
        ("60 * * * *", "minute: '60' is not one; it is 0 to 59"),
        ("* 24 * * *", "hour: '24' is not one"),
        ("* * 0 * *", "day of the month: '0' is not one"),
        ("* * * 13 *", "month: '13' is not one; it is 1 to 12 or jan to dec"),
        ("* * * * 8", "weekday: '8' is not one"),
        ("* * * * monday", "weekday: 'monday' cannot be read"),
        ("*/0 * * * *", "the step of '*/0' must be 1 to 59"),
        ("*/60 * * * *", "the step of '*/60' must be 1 to 59"),
        ("1,,2 * * * *", "minute: '' cannot be read"),
        ("-1 * * * *", "minute: '-1' cannot be read"),
        ("* * ? * *", "'?' cannot be read"),
        ("R * * * *", "'r' cannot be read"),
        ("* * 15W * *", "'15w' cannot be read"),
        ("* * * * mon#6", "#1 to #5"),
        ("0 0 30 2 *", "never comes"),
        ("0 0 31 4,6 *", "never comes"),
        ("@reboot", "known are @yearly"),
        ("٣ * * * *", "cannot be read"),
        ("* " * 200, "at most 200 characters"),
    ],
)
def test_a_text_that_is_none_is_refused_with_what_would_be_right(text: str, said: str) -> None:
    with pytest.raises(WhenError, match="cron: ") as caught:
        by_cron(text, "UTC")
    assert said in str(caught.value)


def test_what_is_no_text_and_what_is_no_zone_are_refused() -> None:
    with pytest.raises(CronError, match="must be a text"):
        read_cron(5)  # type: ignore[arg-type]
    with pytest.raises(WhenError, match="did you mean `Europe/Berlin`"):
        by_cron("@daily", "Europe/Berln")


BERLIN_SPRING, BERLIN_AUTUMN = ("2027-03-27T12:00", "2027-03-29T12:00"), ("2027-10-30T12:00", "2027-11-01T12:00")
CHANGES: list[tuple[str, str, tuple[str, str], list[str]]] = [
    # At a fixed time: what is skipped moves forward by the gap, what comes twice is the first of the two.
    ("30 2 * * *", "Europe/Berlin", BERLIN_SPRING, ["28 03:30+0200", "29 02:30+0200"]),
    ("30 2 * * *", "Europe/Berlin", BERLIN_AUTUMN, ["31 02:30+0200", "01 02:30+0100"]),
    ("0 6 * * *", "Europe/Berlin", BERLIN_SPRING, ["28 06:00+0200", "29 06:00+0200"]),
    ("30 2,3 * * *", "Europe/Berlin", ("2027-03-28T00:00", "2027-03-28T12:00"), ["28 03:30+0200"]),
    ("0,30 2,3 * * *", "Europe/Berlin", ("2027-03-28T00:00", "2027-03-28T12:00"), ["28 03:00+0200", "28 03:30+0200"]),
    # With a `*` in the time: by the face of the clock.
    (
        "*/30 * * * *",
        "Europe/Berlin",
        ("2027-03-28T00:30", "2027-03-28T01:31"),
        ["28 01:30+0100", "28 03:00+0200", "28 03:30+0200"],
    ),
    (
        "*/30 * * * *",
        "Europe/Berlin",
        ("2027-10-31T00:00", "2027-10-31T02:01"),
        ["31 02:00+0200", "31 02:30+0200", "31 02:00+0100", "31 02:30+0100", "31 03:00+0100"],
    ),
    (
        "0 * 28 3 *",
        "Europe/Berlin",
        ("2027-03-28T00:00", "2027-03-28T02:01"),
        ["28 01:00+0100", "28 03:00+0200", "28 04:00+0200"],
    ),
    # Lord Howe changes by half an hour.
    ("15 2 * * *", "Australia/Lord_Howe", ("2026-10-03T00:00", "2026-10-05T00:00"), ["04 02:45+1100", "05 02:15+1100"]),
    ("45 1 * * *", "Australia/Lord_Howe", ("2027-04-03T00:00", "2027-04-04T20:00"), ["04 01:45+1100", "05 01:45+1030"]),
    (
        "*/15 1 * * *",
        "Australia/Lord_Howe",
        ("2027-04-03T14:00", "2027-04-03T16:00"),
        ["04 01:00+1100", "04 01:15+1100", "04 01:30+1100", "04 01:45+1100", "04 01:30+1030", "04 01:45+1030"],
    ),
    # Apia had no 30 December 2011.
    (
        "0 9 * * *",
        "Pacific/Apia",
        ("2011-12-29T00:00", "2012-01-01T00:00"),
        ["29 09:00-1000", "31 09:00+1400", "01 09:00+1400"],
    ),
    ("0 9 30 12 *", "Pacific/Apia", ("2011-12-01T00:00", "2012-12-31T00:00"), ["31 09:00+1400", "30 09:00+1400"]),
    (
        "0 */12 * * *",
        "Pacific/Apia",
        ("2011-12-29T09:00", "2011-12-30T22:01"),
        ["29 00:00-1000", "29 12:00-1000", "31 00:00+1400", "31 12:00+1400"],
    ),
    # Casablanca leaves its summer time for Ramadan, by a negative change; Dublin calls its winter a saving.
    ("30 2 * * *", "Africa/Casablanca", ("2026-02-14T12:00", "2026-02-16T12:00"), ["15 02:30+0100", "16 02:30+0000"]),
    ("30 2 * * *", "Africa/Casablanca", ("2026-03-21T12:00", "2026-03-23T12:00"), ["22 03:30+0100", "23 02:30+0100"]),
    ("30 1 * * *", "Europe/Dublin", ("2026-03-28T12:00", "2026-03-30T12:00"), ["29 02:30+0100", "30 01:30+0100"]),
    ("30 1 * * *", "Europe/Dublin", ("2026-10-24T12:00", "2026-10-26T12:00"), ["25 01:30+0100", "26 01:30+0000"]),
    # Cairo and Beirut skip midnight.
    ("0 0 * * *", "Africa/Cairo", ("2026-04-23T12:00", "2026-04-25T12:00"), ["24 01:00+0300", "25 00:00+0300"]),
    ("@midnight", "Asia/Beirut", ("2026-03-28T12:00", "2026-03-30T12:00"), ["29 01:00+0300", "30 00:00+0300"]),
]


@pytest.mark.parametrize(("text", "zone", "span", "expected"), CHANGES, ids=lambda each: str(each)[:30])
def test_where_clocks_change_no_tick_is_lost_and_none_is_doubled(
    text: str, zone: str, span: tuple[str, str], expected: list[str]
) -> None:
    assert ticks(text, zone, *span) == expected


ZONES = {
    "Europe/Berlin": ("2027-03-27", "2027-10-30"),
    "Australia/Lord_Howe": ("2026-10-03", "2027-04-03"),
    "Pacific/Apia": ("2011-12-28", "2012-03-31"),
    "Africa/Casablanca": ("2026-02-13", "2026-03-21"),
    "Europe/Dublin": ("2026-03-28", "2026-10-24"),
    "America/New_York": ("2026-03-07", "2026-10-31"),
    "Africa/Cairo": ("2026-04-23", "2026-10-29"),
    "UTC": ("2026-11-24",),
}


def field(low: int, high: int) -> st.SearchStrategy[str]:
    value = st.integers(low, high).map(str)
    several = st.lists(value, min_size=1, max_size=3).map(",".join)
    between = st.tuples(value, value).map("-".join)
    stepped = st.integers(1, high - low).map(lambda step: f"*/{step}")
    return st.one_of(st.just("*"), value, several, between, stepped)


CRONS = st.tuples(
    field(0, 59),
    st.one_of(field(0, 23), st.sampled_from(["0-4", "1,2", "2-3", "*"])),
    st.one_of(st.just("*"), field(1, 31)),
    st.just("*"),
    st.one_of(st.just("*"), field(0, 6)),
).map(" ".join)


@settings(max_examples=60)
@given(
    text=CRONS,
    moment=st.sampled_from([(zone, day) for zone, days in ZONES.items() for day in days]),
    shift=st.integers(0, 1440),
)
@example(text="30 2,3 * * *", moment=("Europe/Berlin", "2027-03-27"), shift=0)
def test_ticks_are_those_that_a_look_at_every_minute_finds(text: str, moment: tuple[str, str], shift: int) -> None:
    zone, day = moment
    try:
        rhythm = by_cron(text, zone)
    except WhenError:
        return  # A day that never comes.
    start = at(day) + shift * MINUTE
    end = start + 2 * DAY + HOUR
    expected = by_every_minute(rhythm, start, end)
    assert [*rhythm.ticks(start, end)] == expected
    assert rhythm.last(start, end) == (expected[-1] if expected else None)


def by_every_minute(rhythm: ByCron, start: datetime, end: datetime) -> list[datetime]:
    cron = rhythm.cron

    def means(local: datetime) -> bool:
        return local.minute in cron.minutes and local.hour in cron.hours and cron.on(local.date())

    if cron.repeats:  # Every minute that there is.
        minutes = [start + count * MINUTE for count in range((end - start) // MINUTE + 1)]
        return [each for each in minutes if each < end and means(each.astimezone(rhythm.zone).replace(tzinfo=None))]
    first = (start - 2 * DAY).astimezone(rhythm.zone).replace(tzinfo=None, fold=0)
    locals_ = [first + count * MINUTE for count in range((end - start + 4 * DAY) // MINUTE)]
    found = {each.replace(tzinfo=rhythm.zone).astimezone(UTC) for each in locals_ if means(each)}
    return sorted(each for each in found if start <= each < end)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("15 minutes", 15 * MINUTE), ("every 1h30m", 90 * MINUTE), (timedelta(seconds=1), timedelta(seconds=1))],
)
def test_an_interval_is_a_duration_with_or_without_every(text: Any, expected: timedelta) -> None:
    assert interval(text) == expected


@pytest.mark.parametrize("text", ["999ms", timedelta(days=36_526), "0s", timedelta(0)])
def test_an_interval_that_nobody_can_keep_is_refused(text: Any) -> None:
    with pytest.raises(WhenError, match="from 1 second to a hundred years"):
        interval(text)


@given(
    every=st.integers(1, 10_000).map(lambda seconds: timedelta(seconds=seconds)),
    passed=st.integers(0, 1_000_000).map(lambda milliseconds: timedelta(milliseconds=milliseconds)),
)
def test_an_interval_ticks_at_the_multiples_from_its_anchor(every: timedelta, passed: timedelta) -> None:
    anchor = at("2026-11-24T10:00")
    now = anchor + passed
    tick = ByInterval(every, anchor).after(now)
    assert tick is not None
    assert ((tick - anchor) % every, now < tick <= now + every) == (timedelta(0), True)
    assert ByInterval(every, anchor).last(anchor, tick) == (tick - every if tick - every > anchor else None)


NINE = at("2026-11-24T09:00")
HOURLY = by_cron("0 * * * *", "UTC")


@pytest.mark.parametrize(
    ("misfire", "late", "hours", "following"),
    [
        ("skip", timedelta(seconds=59), [9], 10),
        ("once", timedelta(seconds=59), [9], 10),
        ("all", timedelta(seconds=59), [9], 10),
        ("skip", timedelta(hours=3, minutes=30), [], 13),
        ("once", timedelta(hours=3, minutes=30), [12], 13),
        ("all", timedelta(hours=3, minutes=30), [9, 10, 11, 12], 13),
        ("skip", timedelta(hours=3, seconds=30), [12], 13),
        ("once", timedelta(hours=3, seconds=30), [11, 12], 13),
        ("once", -MINUTE, [], 9),
        ("once", timedelta(0), [9], 10),
    ],
)
def test_missed_ticks_follow_the_misfire_rule(misfire: Any, late: timedelta, hours: list[int], following: int) -> None:
    expected = tuple(NINE.replace(hour=hour) for hour in hours)
    assert due(HOURLY, NINE, NINE + late, misfire) == Due(expected, NINE.replace(hour=following))


def test_all_missed_ticks_come_a_hundred_at_a_time() -> None:
    everysecond = by_cron("* * * * * *", "UTC")
    first = due(everysecond, NINE, NINE + HOUR, "all")
    assert (len(first.ticks), first.ticks[0], first.next) == (BATCH, NINE, NINE + timedelta(seconds=BATCH))


def test_a_year_without_workers_costs_one_job_a_moment_of_search() -> None:
    """Of thirty million ticks the newest missed one is found without counting them."""
    everysecond = by_cron("* * * * * *", "Europe/Berlin")
    found = due(everysecond, NINE - 365 * DAY, NINE, "once")
    assert (found.ticks[0], len(found.ticks)) == (NINE - timedelta(seconds=61), 62)


def test_the_last_tick_of_all_has_none_after_it() -> None:
    assert by_cron("@yearly", "UTC").after(at("9998-06-01T00:00")) is None


def test_a_tick_has_one_id_whoever_makes_it() -> None:
    berlin = NINE.astimezone(ZoneInfo("Europe/Berlin"))
    assert tick_id("a#1", berlin) == tick_id("a#1", NINE) == "a#1@2026-11-24T09:00:00Z"
    assert tick_id("a/b", NINE + timedelta(milliseconds=1_500)) == "a/b@2026-11-24T09:00:01.500Z"
