"""The handlers' own account of what they did: a file to which every process appends one line in one write."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from memshelf import Job

VARIABLE = "ACT_JOURNAL"
What: TypeAlias = Literal["begin", "end", "snooze", "crash", "told"]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that one run did."""

    what: What
    job: str
    token: str
    """The lease under which it ran."""
    attempt: int
    pid: int
    at: float
    """Seconds of this machine's real clock, however wrong the process believes it."""


class Journal:
    """The lines of one trial; what was read once is not read again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lines: list[Line] = []
        self._counts: Counter[str] = Counter()
        self._read = 0

    @classmethod
    def from_environment(cls) -> Journal:
        """Give the journal that the process was told to keep."""
        return cls(Path(os.environ[VARIABLE]))

    def write(self, what: What, job: Job[Any]) -> None:
        """Add one line; it is in the kernel's hands when this returns, and survives whatever comes to the process."""
        line = {
            "what": what,
            "job": str(job.id),
            "token": job._record.lease,
            "attempt": job.attempts,
            "pid": os.getpid(),
            "at": time.clock_gettime(time.CLOCK_REALTIME),
        }
        append(self.path, f"{json.dumps(line)}\n".encode())

    def begin(self, job: Job[Any]) -> int:
        """Say that a run begins; give how many of the same job have begun before, in whatever process."""
        self.write("begin", job)
        return append(self.path.with_name(f"runs of {job.id}"), b".") - 1

    def lines(self) -> list[Line]:
        """Read it."""
        self._read_on()
        return list(self._lines)

    def count(self, what: What) -> int:
        """Count the lines of a kind."""
        self._read_on()
        return self._counts[what]

    def _read_on(self) -> None:
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            file.seek(self._read)
            whole = file.read().rpartition(b"\n")[0]
        if whole:
            fresh = [Line(**json.loads(line)) for line in whole.splitlines()]
            self._read += len(whole) + 1
            self._lines += fresh
            self._counts.update(line.what for line in fresh)


def append(path: Path, content: bytes) -> int:
    """Write to the end of a file, at once; give how long it is now."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(file, content)
        return os.lseek(file, 0, os.SEEK_CUR)
    finally:
        os.close(file)
