"""Several worker processes on one queue, with and without a network between them and the server."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from pymongo import monitoring

from benchmarks import rawloop
from benchmarks.place import Place, place, registry
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


def measure(url: str, count: int, processes: int = 8) -> Iterator[Row]:
    """Measure one process and several in turn; then the same at a distance."""
    port = urlsplit(url).port
    assert port is not None, "name the server's port"
    near = [_round(url, url, count, processes) for _ in range(ROUNDS)]
    yield from _rows(near, processes, "")
    with slow(port, DELAY) as delayed:
        far_url = f"mongodb://127.0.0.1:{delayed}/?directConnection=true"
        far = [_round(url, far_url, count, processes) for _ in range(ROUNDS)]
    yield from _rows(far, processes, f", {DELAY * 1000:g} ms away")


def _rows(rounds: list[tuple[Crowd, Crowd, float]], processes: int, where: str) -> Iterator[Row]:
    one, all_, raw = (
        median(each[0].rate for each in rounds),
        median(each[1].rate for each in rounds),
        median(each[2] for each in rounds),
    )
    yield Row(f"one process, {CONCURRENCY} slots{where}", one, "jobs/s", raw, "raw claim-200 loop, beside the server")
    yield Row(f"{processes} processes{where}", all_, "jobs/s", one, "one process", "≥ 0.8 ×")
    yield Row("… claims that won nothing", median(each[1].empty for each in rounds) * 100, "%", bar="≤ 15 %")


def _round(url: str, far_url: str, count: int, processes: int) -> tuple[Crowd, Crowd, float]:
    crowds = []
    for number in (1, processes):
        with place(url) as ours:
            ours.fill(count)
            crowds.append(_together(ours, far_url, number, count))
    with place(url) as other:
        raw = rawloop.drain(other, count)
    return crowds[0], crowds[1], raw


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
