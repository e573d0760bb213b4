"""What a worker takes that stands there: memory over many jobs, commands when there are none, CPU until it is ready."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from pymongo import AsyncMongoClient, monitoring

from benchmarks.place import place, registry
from benchmarks.plot import Axis, curve
from benchmarks.project import write_project
from benchmarks.report import Exhibit
from benchmarks.row import ROUNDS, Row
from memshelf import Settings, Worker
from memshelf.memory import resident_memory
from memshelf_gen.pipeline import generate
from memshelf_gen.settings import read_config

STEPS = 10
MEGABYTE = 1_000_000


def measure(url: str, jobs: int, types: int, idle: float) -> Iterator[Row | Exhibit]:
    """Measure memory over a drain, start-up with many job types, and an idle worker for some seconds."""
    resident = memory(url, jobs)
    yield Row("memory of a worker before its first job", resident[0], "MB")
    yield Row(f"… after {jobs // STEPS:,} jobs", resident[1], "MB")
    yield Row(f"… after {jobs:,} jobs", resident[-1], "MB", resident[1], f"after {jobs // STEPS:,}", "≤ 1.1 ×")
    title = f"Resident memory of a worker over {jobs:,} jobs"
    points = [(float(jobs * number // STEPS), megabytes) for number, megabytes in enumerate(resident)]
    drawn = curve(title, {"memshelf": points}, x=Axis("jobs that ran"), y=Axis("MB"))
    yield Exhibit(f"![{title}](plots/memory.svg)", {"memory": drawn})
    yield Row(f"CPU of a worker with {types} job types that finds no job", starting(url, types), "s", bar="< 1")
    with place(url, max_concurrency=20) as ours:
        counted = asyncio.run(idle_commands(ours.settings, idle))
    total = sum(counted.values())
    yield Row("commands of an idle worker", total / idle, "a second", bar="≤ 5")
    for name, number in counted.most_common():
        yield Row(f"… {name}", number / idle, "a second")


def memory(url: str, jobs: int) -> list[float]:
    """Give the resident megabytes of a worker process before its first job, and after each tenth of them."""
    with place(url) as ours:
        ours.fill(jobs)
        command = [sys.executable, "-m", "benchmarks.standing", url, ours.settings.database, str(jobs)]
        told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    resident: list[float] = json.loads(told)
    return resident


def starting(url: str, types: int) -> float:
    """Give the CPU seconds of `memshelf worker --drain` that finds nothing to do, compiled files in place."""
    with TemporaryDirectory() as folder, place(url) as ours:
        config = read_config(write_project(Path(folder), types))
        generate(config)
        environment = {
            **{key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"},
            "PYTHONPATH": os.pathsep.join([folder, *sys.path]),
            "PYTHONPYCACHEPREFIX": str(Path(folder) / "compiled"),
            "MEMSHELF_MONGO_URL": url,
            "MEMSHELF_DATABASE": ours.settings.database,
        }
        command = [sys.executable, "-m", "memshelf", "worker", "--drain", "--log-level", "error"]
        readings = []
        for _ in range(ROUNDS + 1):
            before = getrusage(RUSAGE_CHILDREN)
            subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
            after = getrusage(RUSAGE_CHILDREN)
            readings.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return median(readings[1:])  # The first run leaves the compiled files.


class Names(monitoring.CommandListener):
    """Counts commands by their names."""

    def __init__(self) -> None:
        self.counted: Counter[str] = Counter()

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """Count one."""
        self.counted[event.command_name] += 1

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Count nothing."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Count nothing."""


async def idle_commands(settings: Settings, seconds: float) -> Counter[str]:
    """Count the commands of a worker with nothing to do, from when it has settled down."""

    async def handle(job: Any, context: Any) -> None:
        """Never called."""

    names = Names()
    client = AsyncMongoClient[Any](settings.mongo_url.get_secret_value(), event_listeners=[names])
    worker = Worker(registry(handle), settings=settings, client=client)
    work = asyncio.create_task(worker.run(signals=False))
    await asyncio.sleep(settings.process_every.total_seconds())
    names.counted.clear()
    await asyncio.sleep(seconds)
    counted = Counter(names.counted)
    worker.stop()
    await work
    await client.close()
    return counted


def main(url: str, database: str, jobs: str) -> None:
    """Be the worker whose memory is measured; say it at every step."""
    done = 0
    resident: list[float] = []

    async def handle(job: Any, context: Any) -> None:
        nonlocal done
        done += 1
        if done % (int(jobs) // STEPS) == 0:
            resident.append(resident_memory() / MEGABYTE)

    worker = Worker(registry(handle), settings=Settings.load(mongo_url=url, database=database, max_concurrency=400))
    resident.append(resident_memory() / MEGABYTE)
    asyncio.run(worker.run(drain=True, signals=False))
    print(json.dumps(resident))


if __name__ == "__main__":
    main(*sys.argv[1:])
