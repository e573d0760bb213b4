"""How cost grows: a drain with its backlog, a claim with what is finished and what is for later.

The server's CPU says more than the wall on a machine with other work.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from benchmarks.place import CHUNK, Place, place, registry, stored_jobs
from benchmarks.plot import Axis, curve
from benchmarks.report import Exhibit
from benchmarks.row import ROUNDS, Row, processor_time
from generated.catalog import EMAIL
from memshelf import Worker
from memshelf.flows.claim import Terms, Wanted, candidates, claim_one, read_claimed, take, within_free_slots
from memshelf.mongo import Store

EDGE = 30_000
"""Of a large backlog the first and the last so many jobs are compared; of a small one its tenths."""
ONCE = 100_000
"""A backlog from which on one round must do."""
LEAST = 1_000
"""Fewer jobs are a few batches, of which the first ones are small."""
PARTS = 20
"""Into which a long drain is divided."""
BATCH = 200
CLAIMS = 20
WANTED = [Wanted(EMAIL.name, BATCH, 4, 5, None)]


def measure(url: str, backlogs: Sequence[int], beside: Sequence[int]) -> Iterator[Row | Exhibit]:
    """Measure drains of growing backlogs, then claims beside growing numbers of jobs that are not to be claimed."""
    drains = []
    for count in backlogs:
        runs = [drained(url, count) for _ in range(1 if count >= ONCE else ROUNDS)]
        yield from drain_rows(count, runs)
        drains.append((count, median(each.rate for each in runs)))
    for number in beside:
        with place(url) as ours:
            crowd(ours, number)
            ours.fill((CLAIMS + 1) * (BATCH + 1))
            many, one, server = claims(ours)
        text = f"beside {number:,} finished and {number:,} future jobs"
        yield Row(f"claim {BATCH} {text}", many, "ms")
        yield Row("… server CPU", server, "ms")
        yield Row(f"claim one {text}", one, "ms")
    title = "Rate of a drain by its backlog"
    drawn = curve(title, {"memshelf": drains}, x=Axis("jobs that wait", log=True), y=Axis("jobs/s"))
    yield Exhibit(f"![{title}](plots/backlogs.svg)", {"backlogs": drawn})


def measure_one(url: str, count: int) -> Iterator[Row | Exhibit]:
    """Measure one long drain, and how its rate goes."""
    run = drained(url, count)
    yield from drain_rows(count, [run])
    title = f"Rate over a drain of {count:,} jobs"
    drawn = curve(title, {"memshelf": run.course()}, x=Axis("jobs that ran"), y=Axis("jobs/s"))
    yield Exhibit(f"![{title}](plots/long-drain.svg)", {"long-drain": drawn})


def drain_rows(count: int, runs: Sequence[Drained]) -> Iterator[Row]:
    """Give the rows of some drains of one backlog."""
    edge = min(EDGE, count // 10)
    yield Row(f"drain {count:,}", median(each.rate for each in runs), "jobs/s")
    if edge >= LEAST:
        yield Row(f"… its last {edge:,} by its first", median(each.last_by_first(edge) for each in runs), "×")
    yield Row("… server CPU for 1,000 jobs", median(each.server for each in runs) / count * 1000, "s")


@dataclass(frozen=True, slots=True)
class Drained:
    """One drain: when each job ran, in order, and the server's CPU seconds."""

    ended: Sequence[float]
    server: float

    @property
    def rate(self) -> float:
        """Jobs a second."""
        return (len(self.ended) - 1) / (self.ended[-1] - self.ended[0])

    def last_by_first(self, edge: int) -> float:
        """Give the rate of the last jobs by that of the first."""
        return (self.ended[edge] - self.ended[0]) / (self.ended[-1] - self.ended[-1 - edge])

    def course(self) -> list[tuple[float, float]]:
        """Give the rate of each part, by how many jobs had run at its end."""
        size = len(self.ended) // PARTS
        ends = range(size, len(self.ended), size)
        return [(float(end), size / (self.ended[end] - self.ended[end - size])) for end in ends]


def drained(url: str, count: int) -> Drained:
    """Drain a backlog once."""
    ended: list[float] = []

    async def handle(job: Any, context: Any) -> None:
        ended.append(time.perf_counter())

    with place(url) as ours:
        ours.fill(count)
        with processor_time(url) as cpu:
            asyncio.run(Worker(registry(handle), settings=ours.settings).run(drain=True, signals=False))
    assert len(ended) == count, f"{len(ended)} of {count} jobs ran"
    return Drained(sorted(ended), cpu.server)


def crowd(ours: Place, number: int) -> None:
    """Store so many jobs that succeeded, and so many for later."""
    now = datetime.now(UTC)
    done = {"state": "succeeded", "lease": "done", "finishedAt": now, "expireAt": now + timedelta(days=7)}
    for start in range(0, number, CHUNK):
        some = stored_jobs(min(CHUNK, number - start))
        ours.collection.insert_many([{**each, **done} for each in some], ordered=False)
    ours.fill(number, in_future=timedelta(days=100))


def claims(ours: Place) -> tuple[float, float, float]:
    """Claim batches, and then single jobs; gives the milliseconds of either, and the server's CPU for a batch."""
    store = Store(ours.settings)
    batch(store, "first")
    with processor_time(ours.settings.mongo_url.get_secret_value()) as cpu:
        many = [batch(store, f"batch {number}") for number in range(CLAIMS)]
    one = [single(store, f"one {number}") for number in range(CLAIMS)]
    store.close()
    return median(many), median(one), cpu.server / CLAIMS * 1000


def batch(store: Store, token: str) -> float:
    """Claim some jobs; gives milliseconds."""
    terms = Terms("bench", token, timedelta(minutes=5), ("default",), store.now())
    began = time.perf_counter()
    found = store.run(candidates(terms, WANTED, limit=BATCH, skip=0))
    ids = within_free_slots(found, WANTED, BATCH)
    store.run(take(terms, WANTED, ids))
    won = store.run(read_claimed(terms.token, ids))
    seconds = time.perf_counter() - began
    assert len(won) == BATCH
    return seconds * 1000


def single(store: Store, token: str) -> float:
    """Claim one job; gives milliseconds."""
    terms = Terms("bench", token, timedelta(minutes=5), ("default",), store.now())
    began = time.perf_counter()
    claimed = store.run(claim_one(terms, WANTED))
    seconds = time.perf_counter() - began
    assert claimed.documents
    return seconds * 1000
