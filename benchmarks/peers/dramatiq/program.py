"""Dramatiq: one worker as its command starts it, with a process for each core and eight threads in each."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from stopwatch import PAYLOAD, Send, main, tell

broker = RedisBroker(url=os.environ["BENCH_URL"])
dramatiq.set_broker(broker)


@dramatiq.actor
def send_email(**payload: object) -> None:
    tell()


def fill(count: int) -> None:
    broker.client.flushall()
    with producer() as send:
        for _ in range(count):
            send()


@contextmanager
def producer() -> Iterator[Send]:
    yield lambda: send_email.send(**PAYLOAD)


if __name__ == "__main__":
    main(fill, producer, [sys.executable, "-m", "dramatiq", "program", "--skip-logging"])
