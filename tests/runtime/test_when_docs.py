"""The page docs/when.md: every example in its tables does what it says."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from memshelf.durations import format_duration, parse_duration
from memshelf.errors import WhenError
from memshelf.when import resolve

PAGE = (Path(__file__).parents[2] / "docs" / "when.md").read_text(encoding="utf-8")
NOW = "2026-11-24T06:30:15.123Z"


def table(*titles: str) -> list[tuple[str, ...]]:
    """Give the rows of all tables with these columns, without the marks around a cell that is all code."""
    head = f"| {' | '.join(titles)} |\n|{'---|' * len(titles)}\n"
    rows = []
    for part in PAGE.split(head)[1:]:
        for line in part.split("\n\n")[0].splitlines():
            rows.append(tuple(re.sub(r"^`([^`]*)`$", r"\1", cell) for cell in line.strip("| ").split(" | ")))
    assert rows
    return rows


def meaning(text: str, now: str = NOW) -> str:
    instant = resolve(text, now=datetime.fromisoformat(now), timezone="Europe/Paris")
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.mark.parametrize(("text", "means"), table("Text", "Means"))
def test_an_example_means_what_the_page_says(text: str, means: str) -> None:
    assert meaning(text) == means


@pytest.mark.parametrize(("now", "text", "means"), table("At", "Text", "Means"))
def test_an_example_of_a_change_of_clocks_means_what_the_page_says(now: str, text: str, means: str) -> None:
    assert meaning(text, now) == means


@pytest.mark.parametrize(("text", "because"), table("Text", "Because"))
def test_an_example_is_refused_as_the_page_says(text: str, because: str) -> None:
    with pytest.raises(WhenError, match=re.escape(because)):
        meaning(text)


@pytest.mark.parametrize(("text", "short"), table("Text", "Is"))
def test_an_example_of_a_duration_is_what_the_page_says(text: str, short: str) -> None:
    assert format_duration(parse_duration(text)) == short


@pytest.mark.parametrize(("unit", "spellings", "most"), table("Unit", "Spellings", "At most"))
def test_a_unit_has_the_spellings_and_the_limit_that_the_page_says(unit: str, spellings: str, most: str) -> None:
    one = timedelta(**{unit: 1})
    for spelling in spellings.replace("`", "").split():
        assert parse_duration(f"1{spelling}") == one
        assert parse_duration(f"{most} {spelling}") == int(most) * one
        with pytest.raises(WhenError):
            parse_duration(f"{int(most) + 1}{spelling}")
