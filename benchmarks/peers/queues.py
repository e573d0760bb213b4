"""The queues that are measured: where each program lies, what it keeps its jobs in, and how it is run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

HERE = Path(__file__).parent
ROOT = HERE.parents[1]

StoreName: TypeAlias = Literal["MongoDB", "Redis", "PostgreSQL"]
Language: TypeAlias = Literal["python", "node"]


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue that has a program in the folder of its name."""

    name: str
    package: str
    """What is installed; its version is told."""
    store: StoreName
    language: Language
    share: float = 1.0
    """How many jobs it drains, by those that memshelf drains: about as many seconds each."""

    @property
    def folder(self) -> Path:
        """Where its program lies."""
        return HERE / self.package


OURS = Queue("memshelf", "memshelf", "MongoDB", "python")
PEERS = (
    Queue("Agenda", "agenda", "MongoDB", "node", 2 / 15),
    Queue("pgqueuer", "pgqueuer", "PostgreSQL", "python"),
    Queue("BullMQ", "bullmq", "Redis", "node"),
    Queue("Dramatiq", "dramatiq", "Redis", "python", 1 / 5),
    Queue("Celery", "celery", "Redis", "python", 1 / 10),
)


@dataclass(frozen=True, slots=True)
class Installed:
    """A queue that can be run."""

    queue: Queue
    version: str
    command: tuple[str, ...]
    folder: Path
    """Where it is run."""
    environment: Mapping[str, str]

    def ask(self, task: str, count: int, **environment: str) -> Any:
        """Run its program once; gives what it told, read from JSON."""
        done = subprocess.run(
            [*self.command, task, str(count)],
            cwd=self.folder,
            env={**os.environ, **self.environment, **environment},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return json.loads(done.stdout.splitlines()[-1])


def ours(version: str) -> Installed:
    """Give memshelf as it is in this project."""
    paths = os.pathsep.join([str(HERE), str(ROOT), *(path for path in sys.path if path)])
    return Installed(OURS, version, (sys.executable, "program.py"), OURS.folder, {"PYTHONPATH": paths})


def install(queues: list[Queue], folder: Path) -> list[Installed]:
    """Install what can be installed, each language's in its own way, and say what is left out.

    Python's share one virtual environment: their packages have no quarrel, and it takes a third of the time.
    """
    python = [queue for queue in queues if queue.language == "python"]
    installed = _python(python, folder / "python") if python else []
    return installed + [ready for queue in queues if queue.language == "node" for ready in _node(queue, folder)]


def leave_out(name: str, reason: str) -> None:
    """Say that a queue is not measured."""
    print(f"{name} is left out: {reason}", flush=True)


def _python(queues: list[Queue], folder: Path) -> list[Installed]:
    interpreter = str(folder / "bin" / "python")
    said = _run([sys.executable, "-m", "venv", str(folder)], HERE)
    said = said or _run([interpreter, "-m", "pip", "install", "-q", "-r", "requirements.txt"], HERE)
    if said:
        for queue in queues:
            leave_out(queue.name, said)
        return []
    ask = "import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))"
    return [
        Installed(
            queue,
            subprocess.check_output([interpreter, "-c", ask, queue.package], text=True).strip(),
            (interpreter, "program.py"),
            queue.folder,
            {"PYTHONPATH": str(HERE)},
        )
        for queue in queues
    ]


def _node(queue: Queue, folder: Path) -> list[Installed]:
    if shutil.which("npm") is None or shutil.which("node") is None:
        leave_out(queue.name, "there is no npm")
        return []
    place = folder / queue.package
    place.mkdir()
    for source in (queue.folder / "package.json", queue.folder / "program.mjs", HERE / "stopwatch.mjs"):
        shutil.copy(source, place)
    if said := _run(["npm", "install", "--silent", "--no-audit", "--no-fund"], place):
        leave_out(queue.name, said)
        return []
    version = json.loads((place / "node_modules" / queue.package / "package.json").read_text())["version"]
    return [Installed(queue, version, ("node", "program.mjs"), place, {})]


def _run(command: list[str], folder: Path) -> str:
    """Run a command; gives the last line of what it said if it failed, else nothing."""
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode == 0:
        return ""
    last = (done.stdout.strip().splitlines() or [f"code {done.returncode}"])[-1]
    return f"{Path(command[0]).name} failed: {last}"
