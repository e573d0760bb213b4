"""How the demo looks: steps, the worker's log, and one table of jobs that changes while one watches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from memshelf.states import STATES, State

COLOURS: dict[State, str] = {
    "ready": "blue",
    "running": "yellow",
    "succeeded": "green",
    "dead": "red",
    "cancelled": "bright_black",
    "quarantined": "magenta",
}
SIGNS: dict[State, str] = {
    "ready": "○",
    "running": "◐",
    "succeeded": "●",
    "dead": "✖",
    "cancelled": "◌",
    "quarantined": "▲",
}


NOTHING = timedelta()
ROOMY = 96
"""Columns of a terminal that is wide enough for errors beside the table."""
SHOWN_OTHERWISE = {"timestamp", "level", "event", "job", "name", "worker", "attempt", "logger", "exception"}
"""The fields of a log entry that have a place of their own in its line, or none."""


@dataclass(frozen=True, slots=True)
class Row:
    """One job, as the table shows it."""

    title: str
    state: State
    attempts: int
    took: timedelta | None
    """How long the last attempt ran."""
    ended: timedelta | None
    """How long after the start of the demo's worker the job was over."""
    words: str
    """How the last attempt that went wrong did so."""
    right: bool | None
    """Whether it ended as it should; None while it has not ended."""


def head() -> RenderableType:
    """Draw the title."""
    text = Text.assemble(("memshelf", "bold cyan"), "  jobs described once by a schema, carried through MongoDB")
    return Padding(Panel(text, box=box.ROUNDED, border_style="cyan", expand=False, padding=(0, 2)), (1, 0, 0, 0))


def step(label: str, text: str, seconds: float | None = None) -> RenderableType:
    """Draw one thing that is done."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=1)
    grid.add_column(width=10)
    grid.add_column(ratio=1)
    took = "" if seconds is None else f"  {seconds:.1f} s"
    grid.add_row(Text("✔", "green"), Text(label, "bold"), Text.assemble(text, (took, "bright_black")))
    return Padding(grid, (0, 0, 0, 1))


def refusal(call: str, message: str) -> RenderableType:
    """Draw a call that was refused, with the reason."""
    body = Group(Text(f">>> {call}", "bright_black"), Text(message, "red"))
    title = Text(" refused where it was queued, so no worker ever sees it ", "bold")
    return Padding(Panel(body, title=title, title_align="left", box=box.ROUNDED, border_style="red"), (1, 1))


def rule(text: str) -> RenderableType:
    """Draw a line across the terminal with words in it."""
    return Rule(Text(text, "bold"), style="bright_black", align="left")


def log_line(entry: dict[str, Any], titles: dict[str, str]) -> Text:
    """Draw one line of the worker's log; a job is named as in the table."""
    if "timestamp" not in entry:  # not of the log: a traceback of Python's own, say
        return Text(f" {entry.get('event', '')}", "red")
    at = datetime.fromisoformat(entry["timestamp"]).astimezone()
    attempt = f" #{entry['attempt']}" if "attempt" in entry else ""
    title = titles.get(str(entry.get("job")))
    # An error is told twice, by the attempt that failed and by what becomes of its job; once is enough here.
    hidden = SHOWN_OTHERWISE | ({"error"} if entry["event"] in ("job.retrying", "job.dead") else set())
    rest = "  ".join(f"{key}={value}" for key, value in entry.items() if key not in hidden)
    colour = {"warning": "yellow", "error": "red", "critical": "bold red"}.get(str(entry.get("level")), "green")
    line = Text()
    line.append(f" {at:%H:%M:%S}.{at.microsecond // 1000:03d} ", "bright_black")
    line.append(f"{entry['event']:<22} ", colour)
    line.append(f"{title}{attempt}  " if title else "", "bold")
    line.append(rest, "bright_black")
    return line


def table(rows: Sequence[Row], *, width: int) -> Table:
    """Draw the jobs; the last errors only where there is room to read them."""
    roomy = width >= ROOMY
    grid = Table(box=box.SIMPLE_HEAD, expand=roomy, padding=(0, 1, 0, 0), header_style="bold")
    grid.add_column("", width=1)
    grid.add_column("job", no_wrap=True, width=26)
    grid.add_column("state", width=13)
    grid.add_column("attempts", justify="right", width=8)
    grid.add_column("took", justify="right", width=7)
    grid.add_column("after", justify="right", width=6)
    if roomy:
        grid.add_column(" last error", ratio=1, no_wrap=True, style="bright_black")
    for row in rows:
        grid.add_row(
            _mark(row.right),
            row.title,
            Text(f"{SIGNS[row.state]} {row.state}", COLOURS[row.state]),
            str(row.attempts),
            "" if row.took is None else _short(row.took),
            "" if row.ended is None else _short(row.ended),
            *([f" {row.words}"] if roomy else []),
        )
    return grid


def counts(states: Iterable[State]) -> Text:
    """Draw how many jobs are in which state, a block for each."""
    counted = Counter(states)
    parts = [
        (f"{SIGNS[state]} {state} {counted[state]} {'█' * counted[state]}   ", COLOURS[state])
        for state in STATES
        if counted[state]
    ]
    return Text.assemble(" ", *parts)


def verdict(rows: Sequence[Row], exit_code: int, seconds: float) -> RenderableType:
    """Draw the last line: whether everything ended as it should."""
    wrong = sum(row.right is not True for row in rows)
    if wrong:
        text = Text(f"✘ {wrong} of {len(rows)} jobs did not end as they should", "bold red")
    elif exit_code:
        text = Text(f"✘ the worker ended with exit code {exit_code}, 0 would be right", "bold red")
    else:
        text = Text(f"✔ all {len(rows)} jobs ended as they should, after {seconds:.0f} seconds", "bold green")
    return Padding(text, (1, 1))


def screen() -> Console:
    """Give the terminal; without one, lines are wide enough for the table."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=120)


def _mark(right: bool | None) -> Text:
    match right:
        case None:
            return Text("")
        case True:
            return Text("✔", "green")
        case False:
            return Text("✘", "bold red")


def _short(span: timedelta) -> str:
    seconds = span.total_seconds()
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
