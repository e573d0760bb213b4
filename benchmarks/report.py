"""What was measured, as it stands in `docs/performance.md`: a block for each part, between two markers."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.plot import save
from benchmarks.row import Row

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
END = "<!-- end of bench -->"


@dataclass(frozen=True, slots=True)
class Exhibit:
    """What a part shows beside its rows."""

    text: str
    """Markdown."""
    plots: Mapping[str, str]
    """Text of SVG files, by their names in `docs/plots` without the suffix."""


@dataclass(frozen=True, slots=True)
class Machine:
    """Where and when something was measured; the load is part of every figure."""

    cores: int
    mongodb: str
    python: str
    before: float
    """Processes that ran or wanted to, on an average of a minute."""
    after: float
    day: str

    @property
    def text(self) -> str:
        """Give a line for people."""
        server = f"MongoDB {self.mongodb}, Python {self.python}"
        return f"{self.cores} cores; {server}; load {self.before:.1f} before, {self.after:.1f} after; {self.day}"


def machine(mongodb: str, before: float) -> Machine:
    """Describe this machine after a measurement that began at a load."""
    today = datetime.now(UTC).date().isoformat()
    return Machine(os.cpu_count() or 1, mongodb, platform.python_version(), before, os.getloadavg()[0], today)


def write(part: str, entries: Iterable[Row | Exhibit], where: Machine, page: Path = PAGE) -> None:
    """Put a part's block into the page, in place of its former one, and its plots beside the page.

    Raises ValueError if the page has no place for it.
    """
    known = list(entries)
    text = replaced(page.read_text(encoding="utf-8"), part, block(known, where))
    for each in known:
        if isinstance(each, Exhibit):
            for name, plot in each.plots.items():
                save(name, plot, page.parent / "plots")
    page.write_text(text, encoding="utf-8")


def begin(part: str) -> str:
    """Give the marker before a part's block."""
    return f"<!-- bench {part} -->"


def replaced(page: str, part: str, text: str) -> str:
    """Give the page with another text between the markers of a part."""
    before, opened, rest = page.partition(begin(part))
    _, closed, after = rest.partition(END)
    if not opened or not closed:
        raise ValueError(f"{PAGE.name}: no place for {part}, must have {begin(part)} and below it {END}")
    return f"{before}{opened}\n\n{text.strip()}\n\n{closed}{after}"


def block(entries: Sequence[Row | Exhibit], where: Machine) -> str:
    """Write exhibits, rows and the machine."""
    exhibits = [each for each in entries if isinstance(each, Exhibit)]
    rows = [each for each in entries if isinstance(each, Row)]
    texts = [each.text for each in exhibits]
    if rows:
        texts.append(table(("what", "measured", "beside", "ratio", "bar"), [cells(row) for row in rows], words=1))
    return "\n\n".join([*texts, f"*{where.text}*"])


def cells(row: Row) -> tuple[str, ...]:
    """Write a row: what it measured, beside what, and whether it holds its bar."""
    beside = "" if row.by is None else f"{row.yardstick}: {figure(row.by)}"
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}" if row.ratio < 100 else f"{row.ratio:,.0f}"
    verdict = {True: ", met", False: ", **missed**", None: ""}[row.met]
    measured = f"{figure(row.ours)} {row.unit}".replace(" commands", "")
    return row.what, measured, beside, ratio, row.bar + verdict


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, words: int) -> str:
    """Write a table of Markdown whose first columns are words and whose others are numbers."""
    lines = [" | ".join(head), " | ".join("---" if index < words else "---:" for index in range(len(head)))]
    return "\n".join(f"| {line} |" for line in [*lines, *(" | ".join(row) for row in rows)])


def figure(value: float) -> str:
    """Write a number in as many digits as a measurement has."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}"
