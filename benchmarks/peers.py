"""Other queues beside memshelf in one run, where their server and their package can be had."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

from pymongo import MongoClient

from benchmarks import draining, latency
from benchmarks.row import ROUNDS, Row, alternating

AGENDA = Path(__file__).parent / "agenda"


def measure(url: str, count: int, picked: int) -> Iterator[Row]:
    """Measure Agenda on the same server, if npm is here."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        print("Agenda is left out: there is no npm")
        return
    with tempfile.TemporaryDirectory(prefix="memshelf-agenda-") as folder:
        _install(Path(folder))
        # Agenda takes minutes for what memshelf drains in seconds, so that it is given a tenth.
        ours, agenda = alternating(
            lambda: draining.once(url, count), lambda: float(_agenda(url, folder, "drain", count // 10)["rate"])
        )
        yield Row(f"drain {count:,}, one worker", ours, "jobs/s", agenda, f"Agenda 6, {count // 10:,} jobs", "≥ 20 ×")
        waits: list[float] = []
        others: list[float] = []
        for _ in range(ROUNDS):
            waits += latency.pick_up_once(url, picked)
            others += _agenda(url, folder, "pickup", picked)["waits"]
        yield Row("pick-up, p50", median(waits), "ms", median(others), "Agenda 6, change stream", "< 1 ×")


def _install(folder: Path) -> None:
    for name in ("package.json", "agenda.mjs"):
        shutil.copy(AGENDA / name, folder)
    subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund"], cwd=folder, check=True)


def _agenda(url: str, folder: str, task: str, number: int) -> dict[str, Any]:
    database = f"agenda_bench_{uuid4().hex[:8]}"
    command = ["node", "agenda.mjs", url, database, task, str(number)]
    told = subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, text=True).stdout
    with MongoClient[dict[str, Any]](url) as client:
        client.drop_database(database)
    said: dict[str, Any] = json.loads(told)
    return said
