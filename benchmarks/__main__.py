"""`python -m benchmarks`: every measurement in one run, as a table."""

from __future__ import annotations

import os
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.queueing import Sizes, measure
from memshelf.devserver import DevServer


def main(quick: Annotated[bool, typer.Option(help="A tenth of the jobs: only to see that it runs.")] = False) -> None:
    """Measure memshelf beside raw pymongo on the same server; more than 1.0 means that memshelf is ahead."""
    named = os.environ.get("MEMSHELF_TEST_MONGO_URL")
    if named:
        _report(named, quick)
        return
    with DevServer() as server:
        _report(server.url, quick)


def _report(url: str, quick: bool) -> None:
    table = Table("what", "memshelf", "raw pymongo", "unit", "ratio", title="medians of three, majority writes")
    sizes = Sizes(30, 500, 500, 10) if quick else Sizes()
    for row in measure(url, sizes):
        table.add_row(row.what, f"{row.ours:,.1f}", f"{row.raw:,.1f}", row.unit, f"{row.ratio:.2f}")
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
