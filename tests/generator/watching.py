"""`memshelf-gen watch` in a process of its own, whose lines are waited for."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import IO

from tests.generator.projects import Json
from tests.generator.test_cli import ROOT

PATIENCE = 120
"""Seconds after which a line that does not come is a fault; how long it takes proves nothing."""

# A test that runs in the background of a shell was told to ignore Ctrl-C, and its children too.
_START = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from memshelf_gen.__main__ import main
main()
"""


@dataclass(frozen=True, slots=True)
class Watching:
    """The process, and the lines that it has written and nobody has read."""

    process: subprocess.Popen[str]
    lines: Queue[str]
    faults: Queue[str]

    def line(self) -> str:
        """Wait for the next line."""
        return self.lines.get(timeout=PATIENCE)

    def fault(self) -> str:
        """Wait for the next line on standard error."""
        return self.faults.get(timeout=PATIENCE)

    def round(self) -> Json:
        """Wait for the next round, of a process that writes JSON."""
        told: Json = json.loads(self.line())
        return told

    def until(self, wanted: Callable[[Json], object]) -> Json:
        """Wait for a round; others may come before it, when a change is made in several steps."""
        while True:
            told = self.round()
            if wanted(told):
                return told

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, and wait for the end."""
        self.process.send_signal(number)
        return self.process.wait(timeout=PATIENCE)


@contextmanager
def watching(folder: Path, *arguments: str) -> Iterator[Watching]:
    """Start the command in a folder; what it writes is read by threads, so that it never waits for the test."""
    path = os.pathsep.join(str(ROOT / each) for each in ("runtime", "generator"))
    process = subprocess.Popen(
        [sys.executable, "-c", _START, "watch", *arguments],
        env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    started = Watching(process, Queue(), Queue())
    threads = [
        Thread(target=_pass_on, args=each, daemon=True)
        for each in ((process.stdout, started.lines), (process.stderr, started.faults))
    ]
    for thread in threads:
        thread.start()
    try:
        yield started
    finally:
        process.kill()
        process.wait()
        for thread in threads:
            thread.join()


def _pass_on(stream: IO[str], lines: Queue[str]) -> None:
    with stream:
        for line in stream:
            lines.put(line.rstrip("\n"))
