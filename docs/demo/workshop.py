"""The demo's surroundings: a folder of its own, generated code in it, and a worker that runs beside it."""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
CONFIGURATION = """\
[tool.memshelf]
schemas = "schemas"
generated = "generated"
jobs = "jobs"
services = "jobs.services:register"
"""


@contextmanager
def workshop() -> Iterator[Path]:
    """Make a project out of the repository's schemas and handlers, without generated code; it goes with the block."""
    with tempfile.TemporaryDirectory(prefix="memshelf-demo-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        leave_out = shutil.ignore_patterns("__pycache__")
        for part in ("schemas", "jobs"):
            shutil.copytree(REPOSITORY / part, folder / part, ignore=leave_out)
        (folder / "pyproject.toml").write_text(CONFIGURATION, encoding="utf-8")
        yield folder


def configure(folder: Path, *, mongo_url: str, smtp_port: int) -> None:
    """Set the environment of this process, and so of the worker; settings of the shell's are put aside."""
    for name in list(os.environ):
        if name.startswith(("MEMSHELF_", "EXAMPLE_")) and name != "MEMSHELF_MONGOD":
            del os.environ[name]
    os.environ |= {
        "EXAMPLE_DOCUMENTS": str(folder / "documents"),
        "EXAMPLE_SMTP_HOST": "127.0.0.1",
        "EXAMPLE_SMTP_PORT": str(smtp_port),
        "MEMSHELF_DATABASE": "memshelf_demo",
        "MEMSHELF_LOG_FORMAT": "json",
        "MEMSHELF_MONGO_URL": mongo_url,
        "MEMSHELF_PROCESS_EVERY": "500ms",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }


def generator(folder: Path, *arguments: str) -> str:
    """Run memshelf-gen in the folder and give what it said.

    Raises:
        subprocess.CalledProcessError: it was not content; its `output` says why.
    """
    command = [sys.executable, "-m", "memshelf_gen", *arguments]
    done = subprocess.run(command, cwd=folder, check=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout.strip()


class WorkerProcess:
    """A real worker, in a process of its own, with its log."""

    def __init__(self, folder: Path) -> None:
        # A session of its own: Ctrl-C in the terminal reaches the demo alone, which then stops the worker in order.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "memshelf", "--app", "generated", "worker"],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, name="worker's log", daemon=True)
        self._reader.start()

    @classmethod
    @contextmanager
    def started(cls, folder: Path) -> Iterator[WorkerProcess]:
        """Run a worker until the block ends."""
        worker = cls(folder)
        try:
            yield worker
        finally:
            worker.stop()

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process.poll() is None

    def entries(self, wait: float) -> Iterator[dict[str, Any]]:
        """Give what was logged since, waiting so many seconds for the first line."""
        try:
            line = self._lines.get(timeout=wait)
            while line is not None:
                yield _entry(line)
                line = self._lines.get_nowait()
        except queue.Empty:
            return

    def stop(self) -> int:
        """Ask the worker to end, as a deployment does, and give its exit code."""
        if self.running:
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        return self._process.returncode

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as output:
            for line in output:
                self._lines.put(line.rstrip("\n"))
        self._lines.put(None)


def _entry(line: str) -> dict[str, Any]:
    """Read one line of the log; what is not an entry, such as a traceback, is shown as it is."""
    try:
        entry = json.loads(line)
    except ValueError:
        entry = None
    return entry if isinstance(entry, dict) else {"event": line}
