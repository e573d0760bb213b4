"""Real worker processes for tests, and the waiting for what they do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from tests.runtime.lifeline import guard

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
"""Seconds after which something that should happen counts as not happening."""


class WorkerProcess:
    """`memshelf worker` for the tests' application, or for a folder's, in a process that ends with this one."""

    def __init__(
        self,
        environment: dict[str, str],
        *arguments: str,
        log: Path,
        program: tuple[str, str] = ("-m", "memshelf"),
        app: str | None = "tests.runtime.app",
        folder: Path = ROOT,
    ) -> None:
        self.log = log
        with log.open("ab") as sink:
            self._process = subprocess.Popen(
                [sys.executable, *program, *(["--app", app] if app else []), "worker", *arguments],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": f"{ROOT / 'runtime'}:{ROOT}", **environment},
                stdout=sink,
                stderr=sink,
            )
        guard(self.pid)

    def __enter__(self) -> WorkerProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        return self._process.poll() is not None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    def kill(self) -> None:
        """End it without a chance to clean up."""
        self._process.kill()
        self._process.wait()

    def wait(self) -> int:
        """Wait for its end and give its exit code."""
        return self._process.wait(timeout=PATIENCE)

    def wait_until_started(self) -> None:
        """Wait until it is ready to claim."""
        wait_until(lambda: "worker.started" in self.log.read_text(), self)


def wait_until(holds: Callable[[], bool], *workers: WorkerProcess) -> None:
    """Wait until something holds; fail with the workers' logs when it never does, or when a worker ends before."""
    end = time.monotonic() + PATIENCE
    while not holds():
        ended = [worker for worker in workers if worker.ended]
        if ended or time.monotonic() > end:
            logs = "\n".join(f"{worker.log.name}:\n{worker.log.read_text()}" for worker in workers)
            raise AssertionError(f"{'a worker ended' if ended else 'it never came to this'}\n{logs}")
        time.sleep(0.02)
