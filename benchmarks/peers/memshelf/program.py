"""memshelf: one worker of 400 slots, a producer that blocks, everything else by default."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from stopwatch import Send, main, tell

from benchmarks.place import email, prepared, registry
from generated import JobQueue
from memshelf import Settings, Worker


def settings() -> Settings:
    return Settings.load(mongo_url=os.environ["BENCH_URL"], database=os.environ["BENCH_DATABASE"], max_concurrency=400)


def fill(count: int) -> None:
    with prepared(settings()) as place:
        place.fill(count)


@contextmanager
def producer() -> Iterator[Send]:
    with JobQueue(settings=settings()) as queue:
        yield lambda: queue.queue_email(email())


async def handle(job: Any, context: Any) -> None:
    tell()


if __name__ == "__main__":
    if sys.argv[1] == "work":
        asyncio.run(Worker(registry(handle), settings=settings()).run())
    else:
        main(fill, producer, [sys.executable, __file__, "work"])
