"""Times a queue's worker, which runs in processes of its own: every handler tells its first line through a pipe.

The programs of the peers import this in the peers' own environment, so that it needs nothing but Python. A program
gives three things and calls `main`: how to fill the queue, how to open a producer, and the command of its worker. What
it is asked comes as `fill COUNT`, `drain COUNT` or `pickup COUNT`; what it found goes out as one line of JSON.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from tempfile import TemporaryDirectory

PAYLOAD = {"to": "ada@example.com", "subject": "Hello", "body": "How are you?", "priority": "high"}
PIPE = "MEMSHELF_BENCH_PIPE"
ROOM = 1 << 20
"""Bytes that a pipe holds, so that a handler never waits for the reader."""
PAUSE = 0.02
"""Seconds between two jobs, in which the worker is idle again."""
WARM = 5
"""Pick-ups that do not count: the first ones of a process load code and open connections."""
PATIENCE = 120.0
"""Seconds without a job after which a worker is given up."""

Send = Callable[[], object]


def main(
    fill: Callable[[int], object], producer: Callable[[], AbstractContextManager[Send]], worker: list[str]
) -> None:
    """Do what the command line says."""
    task, count = sys.argv[1], int(sys.argv[2])
    if task == "fill":
        fill(count)
        told: object = None
    elif task == "drain":
        told = drain(count, worker)
    else:
        told = pick_up(count, producer, worker)
    print(json.dumps(told))


def tell() -> None:
    """Say the time: the first line of every handler."""
    os.write(_writing(), struct.pack("d", time.perf_counter()))


def drain(count: int, worker: list[str]) -> dict[str, float]:
    """Give jobs a second, of a full queue: from the first handler to the last, and from the start of the process."""
    with _pipe() as reading:
        began = time.perf_counter()
        with _running(worker) as process:
            times: list[float] = []
            while len(times) < count:
                time.sleep(PAUSE)
                times += _told(reading, process)
    first, last = min(times), max(times)
    return {"rate": count / (last - first), "from_start": count / (last - began)}


def pick_up(count: int, producer: Callable[[], AbstractContextManager[Send]], worker: list[str]) -> dict[str, object]:
    """Give the milliseconds from the call that queues to the handler's first line, of an idle worker."""
    waits = []
    with _pipe() as reading, _running(worker) as process, producer() as send:
        for _ in range(WARM + count):
            time.sleep(PAUSE)
            sent = time.perf_counter()
            send()
            waits.append((_told(reading, process)[0] - sent) * 1000)
    return {"waits": waits[WARM:]}


@contextmanager
def _pipe() -> Iterator[int]:
    """Make a pipe with a name, which processes of the worker find in the environment."""
    with TemporaryDirectory(prefix="memshelf-pipe-") as folder:
        name = os.path.join(folder, "pipe")
        os.mkfifo(name)
        os.environ[PIPE] = name
        # Open for writing too, so that it does not end when a worker does.
        reading = os.open(name, os.O_RDWR)
        fcntl.fcntl(reading, fcntl.F_SETPIPE_SZ, ROOM)
        try:
            yield reading
        finally:
            os.close(reading)


@contextmanager
def _running(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=sys.stderr)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _told(reading: int, process: subprocess.Popen[bytes]) -> list[float]:
    """Give the times that handlers told, at least one."""
    until = time.monotonic() + PATIENCE
    while not select.select([reading], [], [], 1.0)[0]:
        if process.poll() is not None:
            raise RuntimeError(f"the worker ended with code {process.returncode}")
        if time.monotonic() > until:
            raise TimeoutError(f"the worker began no job for {PATIENCE:g} s")
    block = os.read(reading, ROOM)
    return [at for (at,) in struct.iter_unpack("d", block)]


_opened: dict[int, int] = {}


def _writing() -> int:
    """Give this process's end, opened when it is first needed: workers fork."""
    number = os.getpid()
    if number not in _opened:
        _opened[number] = os.open(os.environ[PIPE], os.O_WRONLY)
    return _opened[number]
