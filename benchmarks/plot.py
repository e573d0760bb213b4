"""Plots for the documentation: curves through measured points, and bars, each as the text of a small SVG file.

    curve(
        "Throughput of several workers",
        {"memshelf": [(1, 8600), (2, 9900), (4, 9700)], "2 ms away": [(1, 6000), (2, 8800), (4, 9500)]},
        x=Axis("worker processes", log=True),
        y=Axis("jobs/s"),
    )

gives text; `save("workers", text)` writes it to `docs/plots/workers.svg`, and a page shows it by
`![Throughput of several workers](plots/workers.svg)`. An axis is linear and begins at 0, or logarithmic.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from benchmarks.svg import TONES, Sheet, block, breadth, path, rule, words

FOLDER = Path(__file__).parents[1] / "docs" / "plots"
WIDTH = 720
TICKS = 5
"""About so many labels on an axis."""
BAR = 16

Points: TypeAlias = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Axis:
    """What an axis shows, with its unit; `log` where each step multiplies, where 0 has no place."""

    title: str
    log: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """What belongs to one name: a value for each series; others are paler than a `strong` one."""

    name: str
    values: tuple[float, ...]
    strong: bool = False


def save(name: str, text: str, folder: Path = FOLDER) -> Path:
    """Write a plot as `docs/plots/<name>.svg` and give its path."""
    folder.mkdir(parents=True, exist_ok=True)
    written = folder / f"{name}.svg"
    written.write_text(text, encoding="utf-8")
    return written


def curve(title: str, lines: Mapping[str, Points], *, x: Axis, y: Axis, height: int = 360) -> str:
    """Draw one line for each name through its points (x, y), in the order of x, and name several above.

    On an axis of x with a logarithmic scale the marks stand at the points' own values, if there are few of them.
    """
    across = [point[0] for points in lines.values() for point in points]
    up = [point[1] for points in lines.values() for point in points]
    if not across:
        raise ValueError(f"{title}: nothing to draw, a line needs at least one point")
    named = len(lines) > 1
    top, bottom, right = (64 if named else 44), height - 44, WIDTH - 24
    ticks_y = ticks(y, up)
    left = 34 + max(breadth(label(tick)) for tick in ticks_y)
    own = sorted(set(across))
    ticks_x = own if x.log and len(own) <= 2 * TICKS else ticks(x, across)
    place_x = scale(x, ticks_x, left, right)
    place_y = scale(y, ticks_y, bottom, top)
    marks = [rule(left, place_y(tick), right, place_y(tick)) for tick in ticks_y]
    marks += [words(left - 8, place_y(tick) + 4, label(tick), anchor="end") for tick in ticks_y]
    marks += [words(place_x(tick), bottom + 18, label(tick), anchor="middle") for tick in ticks_x]
    marks += [rule(left, bottom, right, bottom, faint=False)]
    marks += [words((left + right) / 2, height - 6, x.title, anchor="middle")]
    marks += [words(12, (top + bottom) / 2, y.title, anchor="middle", turned=True)]
    marks += legend(list(lines)) if named else []
    for points, tone in zip(lines.values(), _tones(len(lines)), strict=True):
        marks.append(path([(place_x(a), place_y(b)) for a, b in sorted(points)], tone))
    return Sheet(title, WIDTH, height).text(marks)


def bars(title: str, rows: Sequence[Bar], *, unit: str, series: Sequence[str] = ("",), digits: int = 0) -> str:
    """Draw lying bars under each other, one of each series for every name, with their values written behind them."""
    if not rows:
        raise ValueError(f"{title}: nothing to draw, a bar needs a name")
    named = len(series) > 1
    axis = Axis(unit)
    marks_x = ticks(axis, [value for row in rows for value in row.values])
    left = 12 + max(breadth(row.name) for row in rows)
    right = WIDTH - 16 - max(breadth(f"{value:,.{digits}f}") for row in rows for value in row.values)
    each = BAR * len(series) + 12
    top = 60 if named else 40
    bottom = top + each * len(rows)
    place = scale(axis, marks_x, left, right)
    marks = [rule(place(tick), top - 4, place(tick), bottom) for tick in marks_x]
    marks += [words(place(tick), bottom + 16, label(tick), anchor="middle") for tick in marks_x]
    marks += [words((left + right) / 2, bottom + 36, unit, anchor="middle")]
    marks += legend(series) if named else []
    for index, row in enumerate(rows):
        y = top + each * index + 4
        marks.append(words(left - 8, y + BAR * len(series) / 2 + 4, row.name, anchor="end", bold=row.strong))
        for value, tone in zip(row.values, TONES, strict=False):
            marks.append(block(left, y, place(value) - left, BAR - 2, tone, faint=not row.strong))
            marks.append(words(place(value) + 6, y + BAR - 5, f"{value:,.{digits}f}", size=12, bold=row.strong))
            y += BAR
    return Sheet(title, WIDTH, bottom + 44).text(marks)


def legend(names: Sequence[str]) -> list[str]:
    """Name the series in their tones, in a line below the title."""
    marks, x = [], 0.0
    for name, tone in zip(names, _tones(len(names)), strict=True):
        marks += [block(x, 32, 12, 12, tone), words(x + 18, 43, name)]
        x += 18 + breadth(name) + 22
    return marks


def ticks(axis: Axis, values: Sequence[float]) -> list[float]:
    """Give round numbers that span all values: from 0 in equal steps, or powers of ten."""
    if axis.log:
        low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
        return [10.0**power for power in range(low, max(high, low + 1) + 1)]
    highest = max(*values, 0.0) or 1.0
    rough = highest / TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * 0.999)
    return [step * index for index in range(math.ceil(highest / step - 1e-9) + 1)]


@dataclass(frozen=True, slots=True)
class Scale:
    """Where a value lies between two ends; made by `scale`."""

    low: float
    high: float
    begin: float
    end: float
    log: bool

    def __call__(self, value: float) -> float:
        at, low, high = (math.log10(each) if self.log else each for each in (value, self.low, self.high))
        return self.begin + (at - low) / ((high - low) or 1) * (self.end - self.begin)


def scale(axis: Axis, marks: Sequence[float], begin: float, end: float) -> Scale:
    """Give the function from a value to a coordinate, so that the first mark lies at `begin` and the last at `end`."""
    return Scale(marks[0], marks[-1], begin, end, axis.log)


def label(value: float) -> str:
    """Write a number of an axis: `0.5`, `2,500`, `1,000,000`."""
    return f"{value:,.0f}" if value == round(value) else f"{value:g}"


def _tones(count: int) -> Sequence[str]:
    if count > len(TONES):
        raise ValueError(f"{count} series: must be at most {len(TONES)}, for more than that cannot be told apart")
    return TONES[:count]
