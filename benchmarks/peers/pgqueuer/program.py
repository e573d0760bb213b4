"""pgqueuer: one worker on one connection of asyncpg, durable tables, its settings for autovacuum, uvloop.

Its guide to tuning: larger batches than 10 for short jobs, and `pgq autovac` after installing. Batches of 25, 100 and
400 were tried: 100 drained more than twice as fast as 25, and 400 doubled the time of a pick-up.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
import uvloop
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver
from pgqueuer.queries import Queries
from stopwatch import PAYLOAD, Send, main, tell

URL = os.environ["BENCH_URL"]
BATCH = 100
DATA = json.dumps(PAYLOAD).encode()


async def queries() -> Queries:
    return Queries(AsyncpgDriver(await asyncpg.connect(URL)))


async def work() -> None:
    queuer = PgQueuer(AsyncpgDriver(await asyncpg.connect(URL)))

    @queuer.entrypoint("send-email")
    async def send_email(job: object) -> None:
        tell()

    await queuer.run(batch_size=BATCH, max_concurrent_tasks=4 * BATCH)


async def refill(count: int) -> None:
    connection = await asyncpg.connect(URL)
    await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    await connection.close()
    opened = await queries()
    await opened.install()
    await opened.optimize_autovacuum()
    for first in range(0, count, 1000):
        number = min(1000, count - first)
        await opened.enqueue(["send-email"] * number, [DATA] * number, [0] * number)


def fill(count: int) -> None:
    asyncio.run(refill(count))


@contextmanager
def producer() -> Iterator[Send]:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        opened = runner.run(queries())
        yield lambda: runner.run(opened.enqueue("send-email", DATA))


if __name__ == "__main__":
    if sys.argv[1] == "work":
        uvloop.run(work())
    else:
        main(fill, producer, [sys.executable, __file__, "work"])
