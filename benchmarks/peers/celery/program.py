"""Celery: one worker as its command starts it, with a process for each core, and tasks that survive their worker.

The manual: `task_acks_late` and `task_reject_on_worker_lost` for tasks that must not be lost with their process, and no
results where nobody asks for them. A prefetch of 100 for each process instead of 4 made no difference here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import redis
from celery import Celery
from stopwatch import PAYLOAD, Send, main, tell

URL = os.environ["BENCH_URL"]

app = Celery("program", broker=URL)
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
)


@app.task
def send_email(**payload: object) -> None:
    tell()


def fill(count: int) -> None:
    redis.Redis.from_url(URL).flushall()
    with producer() as send:
        for _ in range(count):
            send()


@contextmanager
def producer() -> Iterator[Send]:
    yield lambda: send_email.delay(**PAYLOAD)


if __name__ == "__main__":
    main(
        fill,
        producer,
        [sys.executable, "-W", "ignore", "-m", "celery", "-A", "program", "worker", "--loglevel", "ERROR"],
    )
