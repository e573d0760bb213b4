"""A process that ends what the tests have started, once the tests are no more, however they ended.

The kernel closes a pipe however its owner ends. So the test process holds the writing end, writes the ids of what it
starts, and whoever reads the other end kills them when the input ends, frozen ones and their children too.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from functools import cache

import psutil


def guard(pid: int) -> None:
    """Have a process ended with this one."""
    order = _watcher(os.getpid()).stdin
    assert order is not None
    order.write(f"{pid}\n")
    order.flush()


@cache
def _watcher(owner: int) -> subprocess.Popen[str]:
    """Give the watching process of this process; it needs no end, since it comes with ours."""
    return subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, text=True, start_new_session=True)


def watch() -> None:
    """Take process ids until the input ends, and kill what is left of them."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    guarded: list[psutil.Process] = []
    for line in sys.stdin:
        with suppress(psutil.NoSuchProcess):
            guarded.append(psutil.Process(int(line)))
    for process in guarded:
        with suppress(psutil.NoSuchProcess):  # Nor one that has the id of another, which psutil compares.
            for each in (*process.children(recursive=True), process):
                each.kill()


if __name__ == "__main__":
    watch()
