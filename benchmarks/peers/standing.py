"""How the queues stand beside each other, as a table, as plots, and as the rows that have a bar."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.peers.queues import OURS, Queue
from benchmarks.plot import Bar, bars
from benchmarks.report import Exhibit, table
from benchmarks.row import Row

DRAIN, PICK_UP = "peers-drain", "peers-pickup"
"""Plots."""
FASTER = {"Agenda": "≥ 20 ×", "pgqueuer": "> 1 ×", "BullMQ": "> 1 ×"}
"""The bar of a drain, by the queue beside it."""
DATABASES = ("MongoDB", "PostgreSQL")
"""Stores beside which pick-up has a bar: what they have acknowledged outlives their machine's end."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What one queue did: medians of all rounds."""

    queue: Queue
    version: str
    store: str
    """With its version."""
    count: int
    """Jobs of a drain."""
    drain: float
    """Jobs a second, from the first handler to the last."""
    from_start: float
    """Jobs a second, from the start of the worker's process to the last handler."""
    p50: float
    """Milliseconds from the call that queues to the handler's first line."""
    p99: float


def exhibit(standings: Sequence[Standing]) -> Exhibit:
    """Give the table of all queues, fastest drain first, and two plots."""
    by_drain = sorted(standings, key=lambda each: -each.drain)
    by_wait = sorted(standings, key=lambda each: each.p50)
    shown = table(
        ("queue", "store", "jobs", "drain, jobs/s", "… from process start", "pick-up p50, ms", "p99"),
        [
            (
                _name(each, f"{each.queue.name} {each.version}"),
                each.store,
                f"{each.count:,}",
                f"{each.drain:,.0f}",
                f"{each.from_start:,.0f}",
                f"{each.p50:.1f}",
                f"{each.p99:.1f}",
            )
            for each in by_drain
        ],
        words=2,
    )
    drains = [Bar(_label(each), (each.drain,), each.queue == OURS) for each in by_drain]
    waits = [Bar(_label(each), (each.p50, each.p99), each.queue == OURS) for each in by_wait]
    titles = {DRAIN: "Draining a backlog with one worker", PICK_UP: "Pick-up by an idle worker"}
    plots = {
        DRAIN: bars(titles[DRAIN], drains, unit="jobs/s"),
        PICK_UP: bars(titles[PICK_UP], waits, unit="ms", series=("p50", "p99"), digits=1),
    }
    return Exhibit("\n\n".join([shown, *(f"![{titles[name]}](plots/{name}.svg)" for name in plots)]), plots)


def rows(standings: Sequence[Standing]) -> Iterator[Row]:
    """Hold memshelf beside each of the others, where the project has set a bar."""
    (ours,) = (each for each in standings if each.queue == OURS)
    others = [each for each in standings if each.queue != OURS]
    for each in others:
        beside = f"{each.queue.name} {each.version}"
        yield Row("drain, one worker", ours.drain, "jobs/s", each.drain, beside, FASTER.get(each.queue.name, ""))
    for each in others:
        bar = "< 1 ×" if each.queue.store in DATABASES else ""
        yield Row("pick-up, p50", ours.p50, "ms", each.p50, f"{each.queue.name} {each.version}", bar)


def _name(each: Standing, text: str) -> str:
    return f"**{text}**" if each.queue == OURS else text


def _label(each: Standing) -> str:
    return f"{each.queue.name} ({each.queue.store})"
