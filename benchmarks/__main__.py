"""`python -m benchmarks`: the queue beside raw pymongo and beside other queues, in one run, as tables."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from pymongo import MongoClient
from rich.console import Console
from rich.table import Table

from benchmarks import crowd, draining, growth, isolation, latency, peers, queueing, report, standing
from benchmarks.report import Exhibit
from benchmarks.row import Row
from memshelf.devserver import DevServer

Part = Callable[[str], Iterator[Row | Exhibit]]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many jobs are measured."""

    single: int = 300
    many: int = 10_000
    drained: int = 20_000
    picked: int = 100
    scheduled: int = 1_000_000
    shared: int = 20_000
    busy: int = 100
    peers: int = 15_000
    peers_picked: int = 60
    backlogs: tuple[int, ...] = (1_000, 10_000, 100_000)
    beside: tuple[int, ...] = (0, 100_000, 1_000_000)
    long: int = 1_000_000
    remembered: int = 200_000
    types: int = 200
    idle: float = 30.0
    """Seconds."""


QUICK = Sizes(30, 500, 1_000, 20, 5_000, 1_000, 20, 1_000, 10, (100, 1_000), (0, 1_000), 2_000, 2_000, 5, 6.0)


def parts(sizes: Sizes) -> dict[str, Part]:
    """Give what can be measured, each alone or all in turn."""
    return {
        "queueing": lambda url: queueing.measure(url, sizes.single, sizes.many),
        "draining": lambda url: draining.measure(url, sizes.drained),
        "latency": lambda url: latency.measure(url, sizes.picked, sizes.scheduled),
        "crowd": lambda url: crowd.measure(url, sizes.shared),
        "isolation": lambda url: isolation.measure(url, sizes.busy),
        "growth": lambda url: growth.measure(url, sizes.backlogs, sizes.beside),
        "million": lambda url: growth.measure_one(url, sizes.long),
        "standing": lambda url: standing.measure(url, sizes.remembered, sizes.types, sizes.idle),
        "peers": lambda url: peers.measure(url, sizes.peers, sizes.peers_picked),
    }


def main(
    only: Annotated[list[str] | None, typer.Argument(help=f"Of {', '.join(parts(QUICK))}; default: all.")] = None,
    quick: Annotated[bool, typer.Option(help="A small part of the jobs: only to see that it runs.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Put what was measured into docs/performance.md.")] = False,
) -> None:
    """Measure memshelf in turn with what it is measured by, on one server: medians of three, durable writes."""
    # Whoever ends a run wants its servers and folders gone too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    known = parts(QUICK if quick else Sizes())
    unknown = [name for name in only or () if name not in known]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]}: must be one of {', '.join(known)}")
    if quick and write:
        raise typer.BadParameter("--quick measures nothing that may be written: must be one of --quick and --write")
    chosen = {name: known[name] for name in only or known}
    named = os.environ.get("MEMSHELF_TEST_MONGO_URL")
    if named:
        tell(named, chosen, write=write)
        return
    with DevServer() as server:
        tell(server.url, chosen, write=write)


def tell(url: str, chosen: Mapping[str, Part], *, write: bool) -> None:
    """Measure part by part and print; the machine's load is said too, since it is part of every figure."""
    with MongoClient[dict[str, Any]](url) as client:
        version = str(client.server_info()["version"])
    for name, part in chosen.items():
        before = os.getloadavg()[0]
        entries = []
        for entry in part(url):
            entries.append(entry)
            print(entry.text if isinstance(entry, Exhibit) else "  ".join(report.cells(entry)), flush=True)
        where = report.machine(version, before)
        show(entries, f"{name}: {where.text}")
        if write:
            report.write(name, entries, where)


def show(entries: list[Row | Exhibit], title: str) -> None:
    """Print a part's rows as one table."""
    drawn = Table("what", "measured", "beside", "ratio", "bar", title=title)
    for entry in entries:
        if isinstance(entry, Row):
            drawn.add_row(*report.cells(entry))
    Console().print(drawn)


if __name__ == "__main__":
    typer.run(main)
