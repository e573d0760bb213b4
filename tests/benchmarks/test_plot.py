"""Plots are well-formed, say what they show, stay on their sheet, and place values where they belong."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks.plot import WIDTH, Axis, Bar, Scale, bars, curve, label, save, ticks

SVG = "{http://www.w3.org/2000/svg}"
LARGEST = 60_000
"""Bytes of a plot."""

WORKERS = {"near": [(4.0, 9700.0), (1.0, 8600.0), (2.0, 9900.0)], "3 ms away": [(1.0, 6000.0), (4.0, 9500.0)]}
RATES = [Bar("memshelf", (8600.0,), strong=True), Bar("a & b", (73.0,))]


def dots(text: str) -> list[tuple[float, float]]:
    return [
        (float(dot.attrib["cx"]), float(dot.attrib["cy"])) for dot in ElementTree.fromstring(text).iter(f"{SVG}circle")
    ]


def said(text: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(text).iter(f"{SVG}text")]


def test_a_curve_says_its_title_its_axes_and_its_lines() -> None:
    text = curve("Several workers", WORKERS, x=Axis("processes", log=True), y=Axis("jobs/s"))
    assert {"Several workers", "processes", "jobs/s", "near", "3 ms away"} <= set(said(text))


def test_a_curve_goes_from_left_to_right_and_higher_values_stand_higher() -> None:
    first, second, third = dots(curve("One", {"near": WORKERS["near"]}, x=Axis("processes"), y=Axis("jobs/s")))
    assert first[0] < second[0] < third[0]
    assert second[1] < third[1] < first[1]


def test_a_logarithmic_axis_gives_equal_room_to_equal_factors() -> None:
    backlog = [(1e3, 8000.0), (1e4, 8100.0), (1e5, 8000.0), (1e6, 7900.0)]
    text = curve("Backlog", {"": backlog}, x=Axis("jobs waiting", log=True), y=Axis("jobs/s"))
    across = [x for x, _ in dots(text)]
    assert [b - a for a, b in pairwise(across)] == pytest.approx([across[1] - across[0]] * 3, abs=0.2)
    assert {"1,000", "1,000,000"} <= set(said(text))


def test_a_name_with_signs_of_xml_is_only_text() -> None:
    assert "a & b" in said(bars("Rates", RATES, unit="jobs/s"))


def test_a_bar_is_as_long_as_its_value() -> None:
    text = bars("Rates", [Bar("one", (1000.0,)), Bar("three", (3000.0,))], unit="jobs/s")
    one, three = (float(bar.attrib["width"]) for bar in ElementTree.fromstring(text).iter(f"{SVG}rect"))
    assert three / one == pytest.approx(3, rel=0.01)


def test_bars_write_their_values_and_name_their_series() -> None:
    text = bars("Pick-up", [Bar("memshelf", (5.84, 31.0))], unit="ms", series=("p50", "p99"), digits=1)
    assert {"memshelf", "5.8", "31.0", "p50", "p99", "ms"} <= set(said(text))


@pytest.mark.parametrize("text", [bars("Rates", RATES, unit="jobs/s"), curve("W", WORKERS, x=Axis("x"), y=Axis("y"))])
def test_a_plot_is_small_and_nothing_leaves_its_sheet(text: str) -> None:
    sheet = ElementTree.fromstring(text)
    assert len(text.encode()) <= LARGEST
    for mark in sheet.iter():
        for side, most in (("x", WIDTH), ("cx", WIDTH), ("y", sheet.attrib["height"]), ("cy", sheet.attrib["height"])):
            assert 0 <= float(mark.attrib.get(side, 0)) <= float(most)


def test_marks_of_an_axis_are_round_and_span_the_values() -> None:
    assert ticks(Axis("jobs/s"), [8600, 73]) == [0, 2000, 4000, 6000, 8000, 10000]
    assert ticks(Axis("ms"), [0.9]) == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])
    assert ticks(Axis("ms"), [0]) == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])
    assert ticks(Axis("jobs", log=True), [3000, 500000]) == [1e3, 1e4, 1e5, 1e6]


def test_a_scale_of_one_value_divides_by_nothing() -> None:
    assert Scale(7, 7, 10, 20, log=False)(7) == 10


def test_labels_have_as_many_digits_as_they_need() -> None:
    assert [label(value) for value in (0, 0.5, 2500, 1e6)] == ["0", "0.5", "2,500", "1,000,000"]


def test_nothing_to_draw_and_too_many_lines_are_refused() -> None:
    with pytest.raises(ValueError, match="nothing to draw"):
        curve("Empty", {}, x=Axis("x"), y=Axis("y"))
    with pytest.raises(ValueError, match="7 series: must be at most 6"):
        curve("Full", {str(line): [(1, 1)] for line in range(7)}, x=Axis("x"), y=Axis("y"))


def test_a_plot_is_saved_by_its_name(tmp_path: Path) -> None:
    assert save("workers", "<svg/>", tmp_path / "plots").read_text() == "<svg/>"
    assert (tmp_path / "plots" / "workers.svg").exists()
