"""Run `memshelf` in a process whose clock is wrong, by what a file says at the moment; it may step at any time.

The journal and the server have the right time: the one asks the kernel, the other is another process.
"""

from __future__ import annotations

import datetime
import os
import time
from pathlib import Path
from typing import Any

VARIABLE = "ACT_CLOCK"
PROGRAM = ("-c", "from tests.faults.wrongclock import spoil; spoil(); from memshelf.cli import main; main()")
"""How to run the command in such a process."""


def spoil() -> None:
    """Spoil the clocks that this process reads; to be called before anything else is imported."""
    file = Path(os.environ[VARIABLE])
    right_time, right = time.time, datetime.datetime

    def error() -> float:
        return float(file.read_text())

    class Alike(type):
        """Makes right dates instances of the wrong class, since the driver makes right ones."""

        def __instancecheck__(cls, value: object) -> bool:
            return isinstance(value, right)

    class Wrong(datetime.datetime, metaclass=Alike):
        """Dates as they are, apart from what is now."""

        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Any:
            return right.now(tz) + datetime.timedelta(seconds=error())

    time.time = lambda: right_time() + error()
    datetime.datetime = Wrong  # type: ignore[misc]
