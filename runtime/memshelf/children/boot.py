"""The first lines of a child process: it is told where to import from, and imports nothing before that.

It is run by its path. Signals that are meant for the worker reach its children too, from a terminal or a service
manager; the worker alone decides. They are not ignored, but heard and forgotten, so that programs which a handler
starts obey them.
"""

from __future__ import annotations

import json
import signal
import socket
import sys
from typing import Any


def main() -> None:
    """Learn what to do, and do it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, forget)
    channel = socket.socket(fileno=int(sys.argv[1]))
    orders: dict[str, Any] = json.loads(first_line(channel))
    sys.path[:] = orders["path"]

    from memshelf.children.work import work

    work(channel, orders)


def first_line(channel: socket.socket) -> bytes:
    """Read up to the first line break; nothing is sent after it until this process is ready."""
    line = b""
    while not line.endswith(b"\n"):
        piece = channel.recv(65_536)
        if not piece:
            sys.exit(1)
        line += piece
    return line


def forget(number: int, frame: object) -> None:
    """Hear a signal, and do nothing."""


if __name__ == "__main__":
    main()
