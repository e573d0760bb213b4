"""One run at a time in a project: whoever writes waits for all others, whoever compares waits for those that write."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

if sys.platform != "win32":
    import fcntl


@contextmanager
def turn(folder: Path, *, writes: bool) -> Iterator[None]:
    """Hold a project's folder until the end of the block; a process that is killed lets go of it.

    Where folders cannot be locked, on Windows and on some network file systems, nobody waits.
    """
    if sys.platform == "win32":
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX if writes else fcntl.LOCK_SH)
        yield
    finally:
        os.close(handle)
