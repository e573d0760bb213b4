"""Measure how fast jobs are queued: one by one beside plain inserts, and many at once."""

from __future__ import annotations

import time
from typing import Any

from memshelf.measuring.findings import OneByOne
from memshelf.measuring.place import Place
from memshelf.measuring.sample import SAMPLE
from memshelf.order import order
from memshelf.queues import BlockingQueue

LEAST = 5
"""Calls that are made however late it is."""


def one_by_one(place: Place, payload: dict[str, Any], count: int, until: float) -> OneByOne:
    """Queue one job and insert one document, in turn, until a moment of the monotonic clock at most."""
    calls: list[float] = []
    inserts: list[float] = []
    raw = place.raw_collection
    with BlockingQueue(settings=place.settings, client=place.store.client) as queue:
        _queue(queue, payload)
        for number in range(count):
            if number >= LEAST and time.monotonic() > until:
                break
            document = order(SAMPLE, payload, {}, place.store.now(), place.settings)
            began = time.perf_counter()
            raw.insert_one(document)
            between = time.perf_counter()
            _queue(queue, payload)
            calls.append((time.perf_counter() - between) * 1000)
            inserts.append((between - began) * 1000)
    return OneByOne(calls, inserts)


def many_at_once(place: Place, payload: dict[str, Any], count: int) -> float:
    """Queue jobs by one call; gives jobs a second."""
    with BlockingQueue(settings=place.settings, client=place.store.client) as queue:
        began = time.perf_counter()
        queue.queue_many(SAMPLE, [payload] * count)
        return count / (time.perf_counter() - began)


def _queue(queue: BlockingQueue, payload: dict[str, Any]) -> None:
    queue.queue(SAMPLE, payload)
