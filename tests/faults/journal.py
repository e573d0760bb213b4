"""The handlers' own account of what they did: a file to which every process appends one line in one write."""

from __future__ import annotations

import json
import os
import time
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
    """The lines of one trial."""

    def __init__(self, path: Path) -> None:
        self.path = path

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
        file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(file, f"{json.dumps(line)}\n".encode())
        finally:
            os.close(file)

    def lines(self) -> list[Line]:
        """Read it."""
        return [Line(**json.loads(line)) for line in self._text().splitlines()]

    def begun(self, job: Job[Any]) -> int:
        """Count the runs of a job so far."""
        return sum(f'"begin", "job": "{job.id}"' in line for line in self._text().splitlines())

    def count(self, what: What) -> int:
        """Count the lines of a kind."""
        return self._text().count(f'{{"what": "{what}"')

    def _text(self) -> str:
        return self.path.read_text() if self.path.exists() else ""
