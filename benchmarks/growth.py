"""How cost grows: a drain with its backlog, a claim with what is finished and what is for later."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from benchmarks.place import CHUNK, Place, place, registry, stored_jobs
from benchmarks.row import ROUNDS, Row
from generated.catalog import EMAIL
from memshelf import Worker
from memshelf.flows.claim import Terms, Wanted, candidates, claim_one, read_claimed, take, within_free_slots
from memshelf.mongo import Store

EDGE = 30_000
"""Of a large backlog the first and the last so many jobs are compared; of a small one its tenths."""
ONCE = 500_000
"""A backlog from which on one round must do."""
BATCH = 200
CLAIMS = 20


def measure(url: str, backlogs: Sequence[int], beside: Sequence[int]) -> Iterator[Row]:
    """Measure drains of growing backlogs, then claims beside growing numbers of jobs that are not to be claimed."""
    for count in backlogs:
        runs = [drained(url, count) for _ in range(1 if count >= ONCE else ROUNDS)]
        rates = [(len(ended) - 1) / (ended[-1] - ended[0]) for ended in runs]
        edge = min(EDGE, count // 10)
        yield Row(f"drain {count:,}", median(rates), "jobs/s")
        yield Row(f"… its last {edge:,} by its first", median(last_by_first(each, edge) for each in runs), "×")
    for number in beside:
        with place(url) as ours:
            crowd(ours, number)
            ours.fill((CLAIMS + 1) * (BATCH + 1))
            many, one = claims(ours)
        text = f"beside {number:,} finished and {number:,} future jobs"
        yield Row(f"claim {BATCH} {text}", many, "ms")
        yield Row(f"claim one {text}", one, "ms")


def drained(url: str, count: int) -> list[float]:
    """Drain a backlog; gives when each job ran, in order."""
    ended: list[float] = []

    async def handle(job: Any, context: Any) -> None:
        ended.append(time.perf_counter())

    with place(url) as ours:
        ours.fill(count)
        asyncio.run(Worker(registry(handle), settings=ours.settings).run(drain=True, signals=False))
    assert len(ended) == count, f"{len(ended)} of {count} jobs ran"
    return sorted(ended)


def last_by_first(ended: Sequence[float], edge: int) -> float:
    """Give the rate of the last jobs by that of the first."""
    return (ended[edge] - ended[0]) / (ended[-1] - ended[-1 - edge])


def crowd(ours: Place, number: int) -> None:
    """Store so many jobs that succeeded, and so many for later."""
    now = datetime.now(UTC)
    done = {"state": "succeeded", "lease": "done", "finishedAt": now, "expireAt": now + timedelta(days=7)}
    for start in range(0, number, CHUNK):
        some = stored_jobs(min(CHUNK, number - start))
        ours.collection.insert_many([{**each, **done} for each in some], ordered=False)
    ours.fill(number, in_future=timedelta(days=100))


def claims(ours: Place) -> tuple[float, float]:
    """Claim batches, and single jobs, in turn; gives the milliseconds of each, the first ones left out."""
    store = Store(ours.settings)
    wanted = [Wanted(EMAIL.name, BATCH, 4, 5, None)]
    many, one = [], []
    for number in range(CLAIMS + 1):
        terms = Terms("bench", f"token {number}", timedelta(minutes=5), ("default",), store.now())
        began = time.perf_counter()
        found = store.run(candidates(terms, wanted, limit=BATCH, skip=0))
        ids = within_free_slots(found, wanted, BATCH)
        store.run(take(terms, wanted, ids))
        assert len(store.run(read_claimed(terms.token, ids))) == BATCH
        taken = time.perf_counter()
        terms = Terms("bench", f"token of one {number}", timedelta(minutes=5), ("default",), store.now())
        asked = time.perf_counter()
        assert store.run(claim_one(terms, wanted)).documents
        one.append((time.perf_counter() - asked) * 1000)
        many.append((taken - began) * 1000)
    store.close()
    return median(many[1:]), median(one[1:])
