"""Private servers of other queues: Redis and PostgreSQL with durable settings, on loopback, in a temporary folder."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

DEBIAN = "/usr/lib/postgresql"
PATIENCE = 30.0
"""Seconds for a server to open its port."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    version: str
    """Its name and version, for people: `Redis 7.0.15`."""
    url: str


@contextmanager
def redis() -> Iterator[Server | None]:
    """Run Redis as queues want it: an append-only file that is synced every second, and nothing evicted.

    Gives None where it is not installed.
    """
    program = found("redis-server")
    if program is None:
        yield None
        return
    version = _said([program, "--version"]).split("v=")[1].split()[0]
    with TemporaryDirectory(prefix="memshelf-redis-") as folder:
        port = free_port()
        durable = ["--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--maxmemory-policy", "noeviction"]
        command = [program, "--bind", "127.0.0.1", "--port", str(port), "--dir", folder, *durable]
        with _running(command, port, Path(folder) / "log"):
            yield Server(f"Redis {version}", f"redis://127.0.0.1:{port}/0")


@contextmanager
def postgres() -> Iterator[Server | None]:
    """Run PostgreSQL as it comes: every commit is synced. Gives None where it is not installed.

    It refuses to be run by root; then `nobody` runs it.
    """
    program, initdb = found("postgres"), found("initdb")
    if program is None or initdb is None:
        yield None
        return
    version = _said([program, "--version"]).split()[2]
    user = "nobody" if os.getuid() == 0 else None
    with TemporaryDirectory(prefix="memshelf-postgres-") as folder:
        if user:
            shutil.chown(folder, user)
        data, port = f"{folder}/data", free_port()
        _said([initdb, "-D", data, "-U", "postgres", "--auth", "trust", "--encoding", "UTF8"], user)
        # Spelt out, though they are its defaults.
        durable = ["-c", "fsync=on", "-c", "synchronous_commit=on"]
        command = [program, "-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", folder, *durable]
        with _running(command, port, Path(folder) / "log", user):
            yield Server(f"PostgreSQL {version}", f"postgresql://postgres@127.0.0.1:{port}/postgres")


def found(program: str) -> str | None:
    """Look for a program on the PATH, then where Debian has the newest PostgreSQL."""
    installed = Path(DEBIAN).glob("*/bin")
    folders = sorted(installed, key=lambda path: float(path.parent.name), reverse=True)
    return shutil.which(program) or shutil.which(program, path=os.pathsep.join(map(str, folders)))


def free_port() -> int:
    """Give a port of loopback that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _said(command: Sequence[str], user: str | None = None) -> str:
    done = subprocess.run(
        command, user=user, cwd="/", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} ended with code {done.returncode}: {done.stdout.strip()}")
    return done.stdout


@contextmanager
def _running(command: Sequence[str], port: int, log: Path, user: str | None = None) -> Iterator[None]:
    """Run a server until the block ends; it is up when its port is."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, user=user, cwd="/", stdout=output, stderr=output)
    try:
        until = time.monotonic() + PATIENCE
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{command[0]} does not open port {port}: {log.read_text()[-500:]}")
            time.sleep(0.05)
        yield
    finally:
        # For PostgreSQL this is its fast shutdown, for Redis its only one.
        process.send_signal(signal.SIGINT)
        process.wait()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
