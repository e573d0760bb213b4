"""The process that owns a development server and ends it once nobody needs it any more, with its temporary files.

It is run by its path and imports nothing but the standard library, so that it starts at once. It reads one order a
line from its standard input and answers each with one line of JSON. The end of the input means that the other side has
stopped, or has crashed: the kernel closes a pipe however its owner ends.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from typing import Any

PATIENCE = 10.0
"""Seconds that a server has for a clean stop before it is killed."""


def main() -> None:
    """Obey orders until the input ends, then leave nothing behind."""
    for ending in (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        signal.signal(ending, signal.SIG_IGN)
    server: subprocess.Popen[bytes] | None = None
    owned: str | None = None
    try:
        for line in sys.stdin:
            order: dict[str, Any] = json.loads(line)
            fault: str | None = None
            match order["order"]:
                case "start":
                    owned = order["owned"]
                    try:
                        server = start(order)
                    except OSError as error:
                        fault = error.strerror
                case "stop":
                    end(server)
                case "kill":
                    kill(server)
                case "look":
                    pass
            answer(server, fault)
    except BrokenPipeError:
        pass
    finally:
        end(server)
        if owned is not None:
            shutil.rmtree(owned, ignore_errors=True)


def start(order: dict[str, Any]) -> subprocess.Popen[bytes]:
    """Start the server; what it prints goes to its log file."""
    with open(order["log"], "wb") as log:
        return subprocess.Popen(
            order["command"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **order["environment"]},
        )


def end(server: subprocess.Popen[bytes] | None) -> None:
    """Stop the server cleanly, or else by force."""
    if server is None or server.poll() is not None:
        return
    server.terminate()
    try:
        server.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        kill(server)


def kill(server: subprocess.Popen[bytes] | None) -> None:
    """Stop the server as a crash would."""
    if server is not None and server.poll() is None:
        server.kill()
        server.wait()


def answer(server: subprocess.Popen[bytes] | None, fault: str | None) -> None:
    """Say which process the server is, how it ended if it has, and why it could not be started."""
    pid, code = (None, None) if server is None else (server.pid, server.poll())
    print(json.dumps({"pid": pid, "exit": code, "fault": fault}), flush=True)


if __name__ == "__main__":
    main()
