"""`memshelf dev`: a server and a worker that follows the files, and nothing that stays behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from pymongo import MongoClient

from memshelf import Settings
from memshelf.cli.filewatch import snapshot
from tests.runtime.app.queues import JobQueue
from tests.runtime.processes import PATIENCE, ROOT

PROJECT = """
[tool.memshelf]
schemas = "schemas"
generated = "dev_shelf.generated"
jobs = "dev_shelf.jobs"
"""
CATALOG = "from tests.runtime.app.catalog import catalog as catalog\n"
REGISTRY = """
import dev_shelf.jobs
from memshelf.registry import Registered, Registry
from tests.runtime.app.catalog import ECHO

registry = Registry([Registered(ECHO, dev_shelf.jobs.handle)])
"""
HANDLER = """
import os

async def handle(job, context):
    with open(os.environ["APP_JOURNAL"], "a") as journal:
        print("{word}", file=journal)
"""


class Dev:
    """`memshelf dev` in a project of its own."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder = folder
        self.journal = folder / "journal"
        self._log = (folder / "log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "memshelf", "dev", "--json", *arguments],
            cwd=folder,
            env={
                **os.environ,
                "PYTHONPATH": f"{ROOT / 'runtime'}:{ROOT / 'generator'}:{ROOT}",
                "APP_JOURNAL": str(self.journal),
                "MEMSHELF_LOG_FORMAT": "json",
                "MEMSHELF_PROCESS_EVERY": "100ms",
            },
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        assert self.process.stdout is not None
        self.url: str = json.loads(self.process.stdout.readline())["url"]

    def told(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8")

    def wait_until(self, holds: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < end, self.told()
            time.sleep(0.02)

    def started(self, number: int) -> None:
        self.wait_until(lambda: self.told().count('"worker.started"') >= number)

    def close(self) -> None:
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self._log.close()
            if self.process.stdout is not None:
                self.process.stdout.close()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "schemas").mkdir()
    package = tmp_path / "dev_shelf"
    (package / "generated").mkdir(parents=True)
    (package / "generated" / "catalog.py").write_text(CATALOG)
    (package / "generated" / "registry.py").write_text(REGISTRY)
    (package / "jobs").mkdir()
    (package / "jobs" / "__init__.py").write_text(HANDLER.format(word="first"))
    return tmp_path


@pytest.fixture
def dev(project: Path) -> Iterator[Dev]:
    running = Dev(project)
    yield running
    running.close()


def echo(dev: Dev) -> None:
    with JobQueue(settings=Settings.load(mongo_url=dev.url)) as queue:
        queue.queue_echo({})


def lines(dev: Dev) -> list[str]:
    return dev.journal.read_text().split() if dev.journal.exists() else []


def test_a_worker_follows_the_files_and_survives_their_mistakes(dev: Dev) -> None:
    handler = dev.folder / "dev_shelf" / "jobs" / "__init__.py"
    dev.started(1)
    echo(dev)
    dev.wait_until(lambda: lines(dev) == ["first"])
    handler.write_text(HANDLER.format(word="second"))
    dev.started(2)
    echo(dev)
    dev.wait_until(lambda: lines(dev) == ["first", "second"])
    handler.write_text("def handle(job, context\n")
    dev.wait_until(lambda: '"dev.ended"' in dev.told())
    assert "SyntaxError" in dev.told()
    handler.write_text(HANDLER.format(word="third"))
    dev.started(3)
    echo(dev)
    dev.wait_until(lambda: lines(dev) == ["first", "second", "third"])


@pytest.mark.slow
def test_a_schema_that_changes_is_generated_and_one_with_a_fault_harms_nobody(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'runtime'}:{ROOT / 'generator'}"}
    subprocess.run([sys.executable, "-m", "memshelf_gen", "init"], cwd=tmp_path, env=environment, check=True)
    schema = tmp_path / "schemas" / "greeting.yaml"
    good = schema.read_text(encoding="utf-8")
    running = Dev(tmp_path)
    try:
        running.started(1)
        schema.write_text(good.replace("x-job:", "x-jop:"), encoding="utf-8")
        running.wait_until(lambda: '"dev.not_generated"' in running.told())
        assert running.told().count('"worker.started"') == 1
        schema.write_text(good.replace("properties:", "properties:\n  shelf: {type: string}"), encoding="utf-8")
        running.started(2)
        assert "shelf" in (tmp_path / "generated" / "models" / "greeting.py").read_text(encoding="utf-8")
    finally:
        running.close()


def test_the_end_leaves_nothing_behind(dev: Dev) -> None:
    dev.started(1)
    family = psutil.Process(dev.process.pid).children(recursive=True)
    assert any("mongod" in process.name() for process in family)
    dev.process.send_signal(signal.SIGINT)
    assert dev.process.wait(PATIENCE) == 0
    _, alive = psutil.wait_procs(family, timeout=PATIENCE)
    assert alive == []
    assert "Traceback" not in dev.told()


@pytest.mark.slow
def test_a_killed_parent_leaves_nothing_behind(dev: Dev) -> None:
    dev.started(1)
    family = psutil.Process(dev.process.pid).children(recursive=True)
    dev.process.kill()
    dev.process.wait()
    _, alive = psutil.wait_procs(family, timeout=PATIENCE)
    assert alive == []


def test_jobs_stay_in_a_folder_that_was_given(project: Path) -> None:
    def count() -> int:
        running = Dev(project, "--folder", str(project / "shelf"), "--no-reload")
        try:
            running.started(1)
            with MongoClient[dict[str, Any]](running.url) as client:
                client["memshelf"]["kept"].insert_one({})
                return client["memshelf"]["kept"].count_documents({})
        finally:
            running.close()

    assert [count(), count()] == [1, 2]


def test_a_snapshot_sees_code_and_schemas_and_nothing_else(tmp_path: Path) -> None:
    for name in ("a.py", "b/c.yaml", "b/d.json", "b/e.txt", "b/__pycache__/f.py", ".git/g.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    seen = snapshot([tmp_path, tmp_path / "nowhere"])
    assert {path.relative_to(tmp_path).as_posix() for path in seen} == {"a.py", "b/c.yaml", "b/d.json"}
    (tmp_path / "a.py").write_text("1")
    assert snapshot([tmp_path]) != seen
