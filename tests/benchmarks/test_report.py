"""The report puts what was measured where it belongs, says whether a bar is held, and leaves the rest of a page be."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.__main__ import QUICK, parts
from benchmarks.report import PAGE, Exhibit, Machine, block, cells, figure, replaced, table, write
from benchmarks.row import Row

MACHINE = Machine(2, "6.0.5", "3.11.7", 0.25, 1.96, "2026-11-24")
TOLD = "2 cores; MongoDB 6.0.5, Python 3.11.7; load 0.2 before, 2.0 after; 2026-11-24"
DRAIN = Row("drain", 8600.4, "jobs/s", 430.0, "Agenda 6", "≥ 20 ×")


@pytest.mark.parametrize(
    ("ours", "by", "bar", "held"),
    [
        (90.0, 100.0, "≥ 0.9 ×", True),
        (89.0, 100.0, "≥ 0.9 ×", False),
        (2.0, 1.0, "> 1 ×", True),
        (1.0, 1.0, "> 1 ×", False),
        (1.0, 1.0, "< 1 ×", False),
        (12.0, None, "≤ 15 %", True),
        (21.0, None, "≤ 20 ms", False),
        (0.09, 0.01, "≤ 0.15", True),
        (1.2, None, "≥ 0.9", True),
        (0.8, None, "≥ 0.9", False),
        (1.0, None, "none yet", None),
        (1.0, 2.0, "", None),
    ],
)
def test_a_bar_asks_for_a_ratio_if_it_says_times_and_else_for_what_was_measured(
    ours: float, by: float | None, bar: str, held: bool | None
) -> None:
    assert Row("what", ours, "s", by, bar=bar).met is held


def test_a_row_tells_its_bar_and_whether_it_is_held() -> None:
    assert cells(DRAIN) == ("drain", "8,600 jobs/s", "Agenda 6: 430", "20.00", "≥ 20 ×, met")
    missed = Row("pick-up, p99", 31.24, "ms", 2.4, "raw", "≤ 10 ×")
    assert cells(missed) == ("pick-up, p99", "31.2 ms", "raw: 2.40", "13.02", "≤ 10 ×, **missed**")
    assert cells(Row("server CPU", 0.15, "s")) == ("server CPU", "0.15 s", "", "", "")


def test_a_figure_has_as_many_digits_as_a_measurement() -> None:
    assert [figure(value) for value in (0.021, 5.84, 31.26, 8600.4)] == ["0.02", "5.84", "31.3", "8,600"]


def test_a_table_sets_words_left_and_numbers_right() -> None:
    assert table(("what", "ms"), [("a", "1")], words=1) == "| what | ms |\n| --- | ---: |\n| a | 1 |"


def test_a_block_shows_exhibits_then_rows_then_the_machine() -> None:
    text = block([DRAIN, Exhibit("![Drain](plots/drain.svg)", {})], MACHINE)
    plot, rows, machine = text.split("\n\n")
    assert plot == "![Drain](plots/drain.svg)"
    assert rows.splitlines()[2] == "| drain | 8,600 jobs/s | Agenda 6: 430 | 20.00 | ≥ 20 ×, met |"
    assert machine == f"*{TOLD}*"


def test_a_part_is_written_between_its_markers_and_nothing_else_changes(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    other = "<!-- bench queueing -->\n\nkept\n\n<!-- end of bench -->\n"
    page.write_text(f"before\n\n<!-- bench peers -->\nold\n<!-- end of bench -->\nbetween\n{other}after\n")
    write("peers", [Exhibit("new", {"drain": "<svg/>"})], MACHINE, page)
    new = f"<!-- bench peers -->\n\nnew\n\n*{TOLD}*\n\n<!-- end of bench -->"
    assert page.read_text() == f"before\n\n{new}\nbetween\n{other}after\n"
    assert (tmp_path / "plots" / "drain.svg").read_text() == "<svg/>"


def test_writing_twice_is_as_writing_once() -> None:
    page = "<!-- bench peers -->\n<!-- end of bench -->\n"
    once = replaced(page, "peers", "text")
    assert replaced(once, "peers", "text") == once


@pytest.mark.parametrize("page", ["", "<!-- bench peers -->", "<!-- bench other --><!-- end of bench -->"])
def test_a_page_without_a_place_is_refused(page: str) -> None:
    with pytest.raises(ValueError, match="no place for peers, must have <!-- bench peers -->"):
        replaced(page, "peers", "text")


def test_every_part_has_a_place_on_the_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert {replaced(page, part, "text") != page for part in parts(QUICK)} == {True}
