"""Draining a backlog with one worker, beside the raw loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

from pymongo import monitoring

from benchmarks import rawloop
from benchmarks.place import place, registry
from benchmarks.row import ROUNDS, Row, processor_time, rate
from memshelf import Worker
from memshelf.measuring.commands import Commands

COMMANDS = Commands()


@dataclass(frozen=True, slots=True)
class Drained:
    """One drain of memshelf's beside one of the raw loop."""

    rate: float
    raw: float
    last_to_first: float
    """The rate of the last tenth by that of the first."""
    client: float
    server: float
    """CPU seconds for 1,000 jobs."""
    commands: float
    """For one job."""


def measure(url: str, count: int) -> Iterator[Row]:
    """Measure coroutine functions, and plain functions in threads."""
    monitoring.register(COMMANDS)
    runs = [_drained(url, count, _coroutine) for _ in range(ROUNDS)]
    loop = "raw claim-200 loop"
    yield Row(f"drain {count:,}, coroutines", _of(runs, "rate"), "jobs/s", _of(runs, "raw"), loop, "≥ 0.8 ×")
    yield Row("… last tenth by first tenth", _of(runs, "last_to_first"), "×", bar="≥ 0.9")
    yield Row("… commands for one job", _of(runs, "commands"), "commands", bar="≤ 0.1")
    yield Row("… client CPU for 1,000 jobs", _of(runs, "client"), "s", bar="≤ 0.15")
    yield Row("… server CPU for 1,000 jobs", _of(runs, "server"), "s")
    runs = [_drained(url, count // 2, _in_thread) for _ in range(ROUNDS)]
    yield Row(f"drain {count // 2:,}, threads", _of(runs, "rate"), "jobs/s", _of(runs, "raw"), loop, "≥ 0.4 ×")
    yield Row("… client CPU for 1,000 jobs", _of(runs, "client"), "s")


def once(url: str, count: int) -> float:
    """Drain once; gives jobs a second."""
    with place(url) as ours:
        ours.fill(count)
        worker = Worker(registry(_coroutine([])), settings=ours.settings)
        return rate(count, lambda: asyncio.run(worker.run(drain=True, signals=False)))


def _of(runs: list[Drained], name: str) -> float:
    return float(median(getattr(each, name) for each in runs))


def _drained(url: str, count: int, handler: Callable[[list[float]], Any]) -> Drained:
    ended: list[float] = []
    with place(url) as ours:
        ours.fill(count)
        COMMANDS.counted.clear()
        with processor_time(url) as cpu:
            began = time.perf_counter()
            worker = Worker(registry(handler(ended)), settings=ours.settings)
            asyncio.run(worker.run(drain=True, signals=False))
            seconds = time.perf_counter() - began
        commands = COMMANDS.of_jobs / count
    assert len(ended) == count, f"{len(ended)} of {count} jobs ran"
    with place(url) as other:
        raw = rawloop.drain(other, count)
    thousands = count / 1000
    return Drained(count / seconds, raw, _flatness(ended), cpu.client / thousands, cpu.server / thousands, commands)


def _coroutine(ended: list[float]) -> Any:
    async def handle(job: Any, context: Any) -> None:
        ended.append(time.perf_counter())

    return handle


def _in_thread(ended: list[float]) -> Any:
    def handle(job: Any, context: Any) -> None:
        ended.append(time.perf_counter())

    return handle


def _flatness(ended: list[float]) -> float:
    tenth = len(ended) // 10
    ordered = sorted(ended)
    return (ordered[tenth] - ordered[0]) / (ordered[-1] - ordered[-1 - tenth])
