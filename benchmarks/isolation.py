"""Busy jobs in threads and in child processes, and what a child costs a job that does nothing."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from statistics import median
from typing import Any

from benchmarks.crunching.registry import registry
from benchmarks.place import Place, place
from benchmarks.row import ROUNDS, Row
from memshelf import Worker
from memshelf.measuring.findings import percentile

WARMING = 5
"""One in so many jobs is done before what is counted."""


def measure(url: str, count: int) -> Iterator[Row]:
    """Measure, in turn, how long so many jobs take two at a time, once both threads or both children are at work."""
    rounds = [
        [_seconds(url, name, count) for name in ("crunch-in-threads", "crunch-in-processes")] for _ in range(ROUNDS)
    ]
    threads, processes = (1 / median(each[index] for each in rounds) for index in (0, 1))
    cores = f"{os.cpu_count()} cores"
    yield Row(f"busy jobs in two processes, {cores}", processes, "jobs/s", threads, "in two threads", "> 1.5 ×")
    spent = [_seconds(url, "skip-in-processes", count * 10) for _ in range(ROUNDS)]
    yield Row("a job that does nothing in a process, two at a time", median(spent) * 1e6, "µs")
    yield Row("start of a child, with the example's imports", percentile(_starts(url), 0.5) * 1000, "ms")


def _seconds(url: str, name: str, count: int) -> float:
    """Give the seconds for one job, two at a time."""
    with place(url, max_concurrency=2, max_processes=2) as ours:
        _fill(ours, name, count)
        return _between(ours)


def _between(ours: Place) -> float:
    """Drain, and give the seconds from end to end of two jobs; the first ones warm up."""
    worker = Worker(registry, settings=ours.settings)
    ended: list[float] = []
    worker.on("succeeded", lambda event: ended.append(time.perf_counter()))
    asyncio.run(worker.run(drain=True, signals=False))
    warm = ended[len(ended) // WARMING :]
    return (warm[-1] - warm[0]) / (len(warm) - 1)


def _starts(url: str) -> list[float]:
    """Give how long the first job of a fresh child waits for it, beyond what the second one waits."""
    spent = []
    for _ in range(ROUNDS):
        with place(url, max_concurrency=1, max_processes=1) as ours:
            _fill(ours, "skip-in-processes", 1)
            began = time.perf_counter()
            first = _between_start_and_end(ours, began)
            _fill(ours, "crunch-in-threads", 1)
            began = time.perf_counter()
            spent.append(first - _between_start_and_end(ours, began))
    return spent


def _between_start_and_end(ours: Place, began: float) -> float:
    ended: list[float] = []
    worker = Worker(registry, settings=ours.settings)
    worker.on("started", lambda event: ended.append(time.perf_counter()))
    asyncio.run(worker.run(drain=True, signals=False))
    return ended[-1] - began


def _fill(ours: Place, name: str, count: int) -> None:
    job: dict[str, Any] = {"name": name, "data": {}, "state": "ready", "queue": "default", "priority": 5}
    ours.collection.insert_many([{**job, "runAt": datetime.now(UTC)} for _ in range(count)])
