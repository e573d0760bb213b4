"""Several worker processes on one queue, with and without a network between them and the server."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from pymongo import monitoring

from benchmarks import rawloop
from benchmarks.place import Place, place, registry
from benchmarks.plot import Axis, curve
from benchmarks.report import Exhibit
from benchmarks.row import ROUNDS, Row
from memshelf import Settings, Worker
from memshelf.measuring.commands import Commands
from memshelf.measuring.proxy import slow

CONCURRENCY = 100
DELAY = 0.003


@dataclass(frozen=True, slots=True)
class Crowd:
    """What some processes did together."""

    rate: float
    empty: float
    """The share of claims that won nothing."""


@dataclass(frozen=True, slots=True)
class Round:
    """Crowds of several sizes, by the number of their processes, and the rate of the raw loop beside them."""

    crowds: Mapping[int, Crowd]
    raw: float


def measure(url: str, count: int, numbers: Sequence[int] = (1, 2, 4, 8)) -> Iterator[Row | Exhibit]:
    """Measure one process and several in turn; then the same at a distance."""
    port = urlsplit(url).port
    assert port is not None, "name the server's port"
    lines = {}
    near = [_round(url, url, count, numbers) for _ in range(ROUNDS)]
    yield from _rows(near, "")
    lines["beside the server"] = _line(near)
    with slow(port, DELAY) as delayed:
        far_url = f"mongodb://127.0.0.1:{delayed}/?directConnection=true"
        far = [_round(url, far_url, count, numbers) for _ in range(ROUNDS)]
    where = f"{DELAY * 1000:g} ms away"
    yield from _rows(far, f", {where}")
    lines[where] = _line(far)
    title = "Rate of several worker processes on one queue"
    drawn = curve(title, lines, x=Axis("processes", log=True), y=Axis("jobs/s"))
    yield Exhibit(f"![{title}](plots/processes.svg)", {"processes": drawn})


def _rows(rounds: Sequence[Round], where: str) -> Iterator[Row]:
    raw = median(each.raw for each in rounds)
    rates = dict(_line(rounds))
    one = rates.pop(1)
    yield Row(f"one process, {CONCURRENCY} slots{where}", one, "jobs/s", raw, "raw claim-200 loop, beside the server")
    for number, rate in rates.items():
        empty = median(each.crowds[int(number)].empty for each in rounds)
        yield Row(f"{number:g} processes{where}", rate, "jobs/s", one, "one process", "≥ 0.8 ×")
        yield Row("… claims that won nothing", empty * 100, "%", bar="≤ 15 %")


def _line(rounds: Sequence[Round]) -> list[tuple[float, float]]:
    return [(number, median(each.crowds[number].rate for each in rounds)) for number in rounds[0].crowds]


def _round(url: str, far_url: str, count: int, numbers: Sequence[int]) -> Round:
    crowds = {}
    for number in numbers:
        with place(url) as ours:
            ours.fill(count)
            crowds[number] = _together(ours, far_url, number, count)
    with place(url) as other:
        return Round(crowds, rawloop.drain(other, count))


def _together(ours: Place, url: str, number: int, count: int) -> Crowd:
    command = [sys.executable, "-m", "benchmarks.crowd", url, ours.settings.database]
    workers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(number)
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    told: list[dict[str, Any]] = [json.loads(worker.communicate()[0]) for worker in workers]
    assert sum(each["done"] for each in told) == count, told
    busy = [each for each in told if each["done"]]
    seconds = max(each["last"] for each in busy) - min(each["began"] for each in told)
    claims = sum(each["claims"] for each in told)
    # The last claim of each finds the queue empty, which nobody contends for.
    empty = sum(max(0, each["empty"] - 1) for each in told)
    return Crowd(count / seconds, empty / max(1, claims))


def main(url: str, database: str) -> None:
    """Be one of the workers: say when it is ready, and afterwards what it did."""
    commands = Commands()
    monitoring.register(commands)
    ended: list[float] = []

    async def handle(job: Any, context: Any) -> None:
        ended.append(time.time())

    settings = Settings.load(mongo_url=url, database=database, max_concurrency=CONCURRENCY)
    worker = Worker(registry(handle), settings=settings)
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.time()
    asyncio.run(worker.run(drain=True, signals=False))
    last = max(ended, default=began)
    said = {"done": len(ended), "began": began, "last": last}
    print(json.dumps({**said, "claims": commands.claims, "empty": commands.empty_claims}))


if __name__ == "__main__":
    main(*sys.argv[1:])
