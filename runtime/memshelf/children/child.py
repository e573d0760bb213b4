"""One child process as its worker sees it: it is given jobs, asked to end them, and killed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from memshelf.children.frames import ASK, BEGUN, BROKEN, END, HEAD, JOB, OUTCOME, READY, TERMS, frame, length
from memshelf.children.parcel import unpack as unpack_outcome
from memshelf.executor import Reason
from memshelf.outcome import Outcome
from memshelf.unpack import unpack

BOOT = Path(__file__).with_name("boot.py")
LOOK = 1.0
"""Seconds between two looks whether the process lives; a process that its handler forked may hold its pipe."""
BREATH = 0.005
"""Seconds between two looks whether a process that was killed is gone."""


class Lost(Exception):
    """The process ended in the middle of something; the text says how."""


@dataclass(frozen=True, slots=True)
class Orders:
    """What a child process must know before its first job."""

    module: str
    """Whose `registry` it imports."""
    worker: str
    log_format: str
    log_level: str
    path: list[str] = field(default_factory=lambda: list(sys.path))
    parent: int = field(default_factory=os.getpid)


class Child:
    """A process that runs one job at a time; it stands in a session of its own, with all that its handlers start."""

    def __init__(
        self, process: subprocess.Popen[bytes], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.jobs = 0
        """Jobs that it has run."""
        self.began = False
        """Whether the handler of its newest job has begun."""
        self.memory = 0
        """Resident bytes after its last job."""
        self._process = process
        self._reader = reader
        self._writer = writer
        loop = asyncio.get_running_loop()
        self._ready: asyncio.Future[None] = loop.create_future()
        self._reply: asyncio.Future[Outcome] | None = None
        self._tell_begun: Callable[[], None] = _nothing
        self._life = asyncio.create_task(self._listen())

    @classmethod
    async def start(cls, orders: Orders) -> Child:
        """Start a process; it is not ready yet.

        Raises:
            OSError: the system has no process to give.
        """
        ours, theirs = socket.socketpair()
        try:
            process = _spawn(theirs.fileno())
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        reader, writer = await asyncio.open_connection(sock=ours)
        writer.write(json.dumps(asdict(orders)).encode() + b"\n")
        return cls(process, reader, writer)

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it has not ended, as far as is known."""
        return not self._life.done()

    def on_end(self, told: Callable[[Child], None]) -> None:
        """Have a function called when the process has ended and is gone."""
        self._life.add_done_callback(lambda _: told(self))

    async def wait_until_ready(self) -> None:
        """Wait until it has imported its registry.

        Raises:
            Lost: it could not.
        """
        await asyncio.shield(self._ready)

    async def run(self, raw: bytes, now: datetime, begun: Callable[[], None]) -> Outcome:
        """Have a job run.

        Args:
            raw: the claimed document.
            now: the server's time.
            begun: called when the job was judged and its handler begins.

        Raises:
            Lost: the process ended meanwhile.
        """
        self._reply = asyncio.get_running_loop().create_future()
        self._tell_begun = begun
        self.began = False
        self.jobs += 1
        if not self.alive:
            raise Lost(self._how())
        self._writer.write(frame(TERMS, {"now": now}))
        self._writer.write(frame(JOB, raw))
        return await self._reply

    def ask(self, reason: Reason) -> None:
        """Wish that the handler ends."""
        if self.alive:
            self._writer.write(frame(ASK, {"reason": reason}))

    def kill(self) -> None:
        """Kill the process and its group; its id is its own until it is reaped here."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    async def end(self, patience: float) -> None:
        """Have it close its services and end, by force after so many seconds."""
        if self.alive:
            self._writer.write(frame(END))
            await asyncio.wait({self._life}, timeout=patience)
        self.kill()
        await asyncio.wait({self._life})

    async def _listen(self) -> None:
        """Hear the process until its end, then clear away what is left of it."""
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                while (head := await self._head()) is not None:
                    self._hear(head[:1], head[1:] + await self._reader.readexactly(length(head)))
        finally:
            self.kill()
            while self._process.poll() is None:  # noqa: ASYNC110 - nothing tells of an end before it is reaped
                await asyncio.sleep(BREATH)
            self._writer.close()
            for future in (self._ready, self._reply):
                if future is not None and not future.done():
                    future.set_exception(Lost(self._how()))
            with contextlib.suppress(Exception):  # Nobody may have waited; then nobody needs to be told.
                self._ready.exception()

    async def _head(self) -> bytes | None:
        while True:
            try:
                async with asyncio.timeout(LOOK):
                    return await self._reader.readexactly(HEAD)
            except TimeoutError:
                if _gone(self.pid):
                    return None

    def _hear(self, kind: bytes, document: bytes) -> None:
        match kind:
            case _ if kind == READY:
                self._ready.set_result(None)
            case _ if kind == BROKEN:
                self._ready.set_exception(Lost(f"its handlers cannot be imported: {unpack(document)['error']}"))
            case _ if kind == BEGUN:
                self.began = True
                self._tell_begun()
            case _ if kind == OUTCOME and self._reply is not None:
                said: dict[str, Any] = unpack(document)
                self.memory = said["memory"]
                self._reply.set_result(unpack_outcome(said))

    def _how(self) -> str:
        """Say how the process ended."""
        code = self._process.returncode
        if code is None or code >= 0:
            return f"exited with code {code}"
        name = signal.Signals(-code).name
        return f"was killed by {name}" + (", as by a system that is short of memory" if -code == signal.SIGKILL else "")


def _spawn(channel: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, str(BOOT), str(channel)],
        pass_fds=(channel,),
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )


def _gone(pid: int) -> bool:
    """Tell whether a process has ended, and leave it to be reaped; where the system cannot tell, the pipe must."""
    if not hasattr(os, "waitid"):
        return False
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _nothing() -> None:
    """Do nothing."""
