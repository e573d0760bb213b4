"""`python -m benchmarks`: the queue beside raw pymongo and beside other queues, in one run, as a table."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks import crowd, draining, latency, peers, queueing
from benchmarks.row import Row
from memshelf.devserver import DevServer

Part = Callable[[str], Iterator[Row]]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many jobs are measured."""

    single: int = 300
    many: int = 10_000
    drained: int = 20_000
    picked: int = 100
    scheduled: int = 1_000_000
    shared: int = 20_000
    peers: int = 5_000


QUICK = Sizes(30, 500, 1_000, 20, 5_000, 1_000, 300)


def parts(sizes: Sizes) -> dict[str, Part]:
    """Give what can be measured, each alone or all in turn."""
    return {
        "queueing": lambda url: queueing.measure(url, sizes.single, sizes.many),
        "draining": lambda url: draining.measure(url, sizes.drained),
        "latency": lambda url: latency.measure(url, sizes.picked, sizes.scheduled),
        "crowd": lambda url: crowd.measure(url, sizes.shared),
        "peers": lambda url: peers.measure(url, sizes.peers, sizes.picked),
    }


def main(
    only: Annotated[list[str] | None, typer.Argument(help=f"Of {', '.join(parts(QUICK))}; default: all.")] = None,
    quick: Annotated[bool, typer.Option(help="A small part of the jobs: only to see that it runs.")] = False,
) -> None:
    """Measure memshelf in turn with what it is measured by, on one server: medians of three, durable writes."""
    known = parts(QUICK if quick else Sizes())
    unknown = [name for name in only or () if name not in known]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]}: must be one of {', '.join(known)}")
    chosen = [known[name] for name in only or known]
    named = os.environ.get("MEMSHELF_TEST_MONGO_URL")
    if named:
        report(named, chosen)
        return
    with DevServer() as server:
        report(server.url, chosen)


def report(url: str, chosen: list[Part]) -> None:
    """Measure and print; the machine's load is said too, since it is part of every figure."""
    cores, before = os.cpu_count(), os.getloadavg()[0]
    table = Table("what", "measured", "unit", "beside", "ratio", "bar")
    for part in chosen:
        for row in part(url):
            beside = "" if row.by is None else f"{row.by:,.2f} ({row.yardstick})"
            ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
            table.add_row(row.what, f"{row.ours:,.2f}", row.unit, beside, ratio, row.bar)
            print(f"{row.what}: {row.ours:,.2f} {row.unit} {beside} {ratio} {row.bar}", flush=True)
    Console().print(table)
    print(f"{cores} cores; load {before:.1f} before, {os.getloadavg()[0]:.1f} after")


if __name__ == "__main__":
    typer.run(main)
