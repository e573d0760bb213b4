"""Other queues beside memshelf in one run, each by a program that does the same two tasks."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

from pymongo import MongoClient

from benchmarks.peers import servers
from benchmarks.peers.queues import PEERS, Installed, Queue, StoreName, install, leave_out, ours
from benchmarks.peers.servers import Server
from benchmarks.peers.standing import Standing, exhibit, rows
from benchmarks.report import Exhibit
from benchmarks.row import ROUNDS, Row
from memshelf.measuring.findings import percentile


def measure(url: str, count: int, picked: int) -> Iterator[Row | Exhibit]:
    """Measure every queue in turn, a round for a round; gives a table and plots of all, and what the bars ask."""
    with ExitStack() as opened:
        running = _servers(url, opened)
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="memshelf-peers-")))
        present = [queue for queue in PEERS if _has_store(queue, running)]
        queues = [ours(version("memshelf")), *install(present, folder)]
        drains: dict[str, list[Any]] = {each.queue.name: [] for each in queues}
        waits: dict[str, list[float]] = {each.queue.name: [] for each in queues}
        for _ in range(ROUNDS):
            for each in queues:
                told = _asked(each, running, "drain", max(100, int(count * each.queue.share)))
                drains[each.queue.name].append(told)
            for each in queues:
                waits[each.queue.name] += _asked(each, running, "pickup", picked)["waits"]
        standings = [
            _standing(each, running, count, drains[each.queue.name], waits[each.queue.name]) for each in queues
        ]
    yield exhibit(standings)
    yield from rows(standings)


def _servers(url: str, opened: ExitStack) -> Mapping[StoreName, Server | None]:
    with MongoClient[dict[str, Any]](url) as client:
        mongo = Server(f"MongoDB {client.server_info()['version']}", url)
    return {
        "MongoDB": mongo,
        "Redis": opened.enter_context(servers.redis()),
        "PostgreSQL": opened.enter_context(servers.postgres()),
    }


def _has_store(queue: Queue, running: Mapping[StoreName, Server | None]) -> bool:
    if running[queue.store] is None:
        leave_out(queue.name, f"{queue.store} is not installed")
    return running[queue.store] is not None


def _asked(each: Installed, running: Mapping[StoreName, Server | None], task: str, count: int) -> Any:
    """Ask a program for one task, with an empty store to begin with."""
    server = running[each.queue.store]
    assert server is not None, each.queue.name
    place = {"BENCH_URL": server.url, "BENCH_DATABASE": f"bench_{each.queue.package}_{uuid4().hex[:8]}"}
    each.ask("fill", count if task == "drain" else 0, **place)
    told = each.ask(task, count, **place)
    if each.queue.store == "MongoDB":
        with MongoClient[dict[str, Any]](server.url) as client:
            client.drop_database(place["BENCH_DATABASE"])
    print(f"  {each.queue.name}, {task} {count:,}: {_brief(told)}", flush=True)
    return told


def _brief(told: Any) -> str:
    if "waits" in told:
        return f"p50 {median(told['waits']):.1f} ms"
    return f"{told['rate']:,.0f} jobs/s, {told['from_start']:,.0f} from the start of the process"


def _standing(
    each: Installed, running: Mapping[StoreName, Server | None], count: int, drains: list[Any], waits: list[float]
) -> Standing:
    server = running[each.queue.store]
    assert server is not None, each.queue.name
    return Standing(
        each.queue,
        each.version,
        server.version,
        max(100, int(count * each.queue.share)),
        median(told["rate"] for told in drains),
        median(told["from_start"] for told in drains),
        median(waits),
        percentile(waits, 0.99),
    )
