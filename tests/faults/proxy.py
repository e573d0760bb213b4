"""A network that can be cut: a proxy between clients and a server that knows where MongoDB's messages begin and end."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

import bson

HEADER = struct.Struct("<iiii")
OP_MSG = 2013
HOUSEKEEPING = frozenset({"hello", "ismaster", "isMaster", "ping", "endSessions", "killCursors"})
"""Commands of the driver's own, which no rule is asked about."""

Fate: TypeAlias = Literal["pass", "lose before", "lose after", "half", "silence"]
"""What becomes of a command: it and its reply arrive; it is lost; its reply is lost; half of its reply arrives; or it
arrives and nothing ever comes back, on a connection that stays open."""
Rule: TypeAlias = Callable[["Command"], Fate]


@dataclass(frozen=True, slots=True)
class Command:
    """One request as it passes."""

    name: str
    body: dict[str, Any]

    @property
    def on_jobs(self) -> bool:
        """Whether it is about the jobs' collection."""
        return self.body.get(self.name) == "jobs"


class Proxy:
    """Stands on a port of its own; everything passes until something is set.

    `up` and `down` are the directions from and to the client: a direction that is not `open` swallows its bytes, as a
    network does that has broken. `delay` holds up each message by so many seconds.
    """

    def __init__(self, server_url: str) -> None:
        parts = urlsplit(server_url)
        self._server = (parts.hostname or "", parts.port or 0)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lines: set[Wire] = set()
        self._guard = threading.Lock()
        self._closed = False
        self.refusing = False
        self.up_open = True
        self.down_open = True
        self.delay = 0.0
        self.rule: Rule = lambda command: "pass"
        self.fates: list[tuple[str, Fate]] = []
        """What was done to which command, in order; those that passed are left out."""
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def url(self) -> str:
        """The connection string that leads through here, and to no other member of the set."""
        return f"mongodb://127.0.0.1:{self._listener.getsockname()[1]}/?directConnection=true"

    def cut(self) -> None:
        """Break every connection; new ones are refused until `mend`."""
        self.refusing = True
        self.break_connections()

    def break_connections(self) -> None:
        """Break every connection; new ones are taken."""
        with self._guard:
            lines = list(self._lines)
        for line in lines:
            line.close()

    def mend(self) -> None:
        """Let everything pass again; connections that fell silent are broken, as they would be in the end."""
        self.rule = lambda command: "pass"
        self.refusing, self.up_open, self.down_open, self.delay = False, True, True, 0.0
        self.break_connections()

    def decide(self, command: Command) -> Fate:
        """Ask the rule, and remember what it said."""
        fate = "pass" if command.name in HOUSEKEEPING else self.rule(command)
        if fate != "pass":
            self.fates.append((command.name, fate))
        return fate

    def __enter__(self) -> Proxy:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed = self.refusing = True
        with suppress(OSError):  # Wakes the thread that accepts; closing alone does not.
            socket.create_connection(self._listener.getsockname(), timeout=1).close()
        self._listener.close()
        self.break_connections()

    def _listen(self) -> None:
        while not self._closed:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self.refusing:
                client.close()
                continue
            try:
                server = socket.create_connection(self._server, timeout=5)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            line = Wire(self, client, server)
            with self._guard:
                self._lines.add(line)
            line.start(self._ended)

    def _ended(self, line: Wire) -> None:
        with self._guard:
            self._lines.discard(line)


class Wire:
    """One client's connection, and the one to the server behind it."""

    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy = proxy
        self._client = client
        self._server = server
        self._fates: dict[int, Fate] = {}

    def start(self, ended: Callable[[Wire], None]) -> None:
        """Carry messages in both directions until either side closes."""

        def carry(source: socket.socket, pass_on: Callable[[bytes], bool]) -> None:
            with suppress(OSError):
                while (message := read_message(source)) and pass_on(message):
                    pass
            self.close()
            ended(self)

        for source, pass_on in ((self._client, self._up), (self._server, self._down)):
            threading.Thread(target=carry, args=(source, pass_on), daemon=True).start()

    def close(self) -> None:
        """Break it."""
        for side in (self._client, self._server):
            with suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)
            side.close()

    def _up(self, message: bytes) -> bool:
        command = read_command(message)
        fate = "pass" if command is None else self._proxy.decide(command)
        if fate == "lose before":
            return False
        self._fates[HEADER.unpack_from(message)[1]] = fate
        time.sleep(self._proxy.delay)
        if self._proxy.up_open:
            self._server.sendall(message)
        return True

    def _down(self, message: bytes) -> bool:
        fate = self._fates.pop(HEADER.unpack_from(message)[2], "pass")
        time.sleep(self._proxy.delay)
        if fate == "lose after":
            return False
        if fate == "half":
            self._client.sendall(message[: len(message) // 2])
            return False
        if fate != "silence" and self._proxy.down_open:
            self._client.sendall(message)
        return True


def read_message(source: socket.socket) -> bytes:
    """Read one whole message; empty when the other side has closed."""
    header = read_exactly(source, HEADER.size)
    if len(header) < HEADER.size:
        return b""
    return header + read_exactly(source, HEADER.unpack(header)[0] - HEADER.size)


def read_exactly(source: socket.socket, size: int) -> bytes:
    """Read so many bytes, fewer if the other side closes."""
    parts: list[bytes] = []
    while size > 0 and (part := source.recv(min(size, 65_536))):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def read_command(message: bytes) -> Command | None:
    """Read what a message asks for; None for one of the old protocol, in which drivers begin."""
    if HEADER.unpack_from(message)[3] != OP_MSG:
        return None
    at = HEADER.size + 4
    while at < len(message) and message[at] == 1:  # A sequence of documents stands before the body.
        at += 1 + int.from_bytes(message[at + 1 : at + 5], "little")
    body = bson.decode(message[at + 1 : at + 1 + int.from_bytes(message[at + 1 : at + 5], "little")])
    return Command(next(iter(body)), body)
