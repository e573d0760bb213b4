"""Producers beside a trial, which queue small jobs for as long as it lasts and queue again what was uncertain."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from pymongo.errors import PyMongoError

from tests.faults.app.catalog import ACT
from tests.faults.app.queues import JobQueue
from tests.faults.trial import Trial, queue_until_acknowledged

PLAYS = (["succeed"], ["sleep 0.02"], ["sleep 0.1"], ["fail", "succeed"], ["snooze 20ms", "succeed"])
"""What the jobs of one batch do, run by run."""
BACKLOG = 200
"""How many jobs may wait before the producers do."""


@contextmanager
def producing(trial: Trial, *, producers: int) -> Iterator[None]:
    """Queue small jobs from threads, each with a client of its own, until the block ends."""
    ended = threading.Event()
    broken: list[BaseException] = []

    def produce(producer: int) -> None:
        try:
            with JobQueue(settings=trial.settings(trial.url)) as queue:
                number = 0
                while not ended.is_set():
                    if behind(trial):
                        ended.wait(0.1)
                        continue
                    ids = [f"p{producer}-{number}-{index}" for index in range(len(PLAYS))]
                    payloads = [{"runs": runs} for runs in PLAYS]
                    trial.queued.update(zip(ids, payloads, strict=True))
                    queue_until_acknowledged(queue, ACT, ids, payloads)
                    trial.acknowledged.update(ids)
                    number += 1
                    ended.wait(0.05)  # The pace of the load; nothing is expected of it.
        except BaseException as error:
            broken.append(error)

    threads = [threading.Thread(target=produce, args=(number,)) for number in range(producers)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    assert not broken, broken


def behind(trial: Trial) -> bool:
    """Tell whether the workers have enough to do; a machine may be slow."""
    with suppress(PyMongoError):
        return int(trial.jobs.count_documents({"state": "ready"}, limit=BACKLOG)) == BACKLOG
    return False
