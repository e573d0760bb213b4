"""What a child process does: it runs one job after the other, and ends with its worker.

A thread reads what the worker says. When the worker is gone the thread ends the process, and whatever processes the
handler has started in its group, even while the handler is at work.
"""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import importlib
import os
import signal
import socket
import threading
from collections.abc import Callable
from contextvars import copy_context
from datetime import datetime
from queue import SimpleQueue
from typing import Any

import svcs

from memshelf.attempt import admit, close, read_record, surround
from memshelf.children.frames import ASK, BEGUN, BROKEN, END, JOB, OUTCOME, READY, TERMS, Splitter, frame
from memshelf.children.parcel import pack
from memshelf.claimer import decode
from memshelf.context import Context
from memshelf.executor import AnyHandler, Interruption, Reason, execute, execute_plain
from memshelf.isolation import is_coroutine_handler
from memshelf.job import Job
from memshelf.logs import configure
from memshelf.memory import resident_memory
from memshelf.outcome import Outcome, Postponed
from memshelf.registry import Registry
from memshelf.unpack import unpack

PIECE = 1 << 16
LOOK = 1.0
"""Seconds between two looks whether the worker is still there; a process that a handler forks may hold the pipe."""


def work(channel: socket.socket, orders: dict[str, Any]) -> None:
    """Run jobs until the worker has no more."""
    with contextlib.suppress(OSError, ValueError, RuntimeError):  # There may be no standard error.
        faulthandler.enable()
    inbox: SimpleQueue[Assignment | None] = SimpleQueue()
    listener = Listener(channel, orders["parent"], inbox)
    threading.Thread(target=listener.run, name="memshelf-leash", daemon=True).start()
    try:
        registry: Registry = importlib.import_module(orders["module"]).registry
    except BaseException as error:  # Importing runs what people wrote.
        channel.sendall(frame(BROKEN, {"error": f"{type(error).__name__}: {error}"}))
        raise
    configure(orders["log_format"], orders["log_level"])
    desk = Desk(registry, orders["worker"], lambda kind: channel.sendall(frame(kind)))
    channel.sendall(frame(READY))
    while (assignment := inbox.get()) is not None:
        outcome = desk.attempt(assignment)
        channel.sendall(frame(OUTCOME, {**pack(outcome), "memory": resident_memory()}))
    desk.close()


class Assignment:
    """One job that the worker wants run."""

    def __init__(self, raw: bytes, now: datetime) -> None:
        self.raw = raw
        self.now = now
        """The server's time."""
        self.interruption = Interruption()
        self._cancel: Callable[[], None] | None = None
        self._guard = threading.Lock()

    def ask(self, reason: Reason) -> None:
        """Wish that its handler ends; called in the listener's thread."""
        with self._guard:
            if self.interruption.begin(reason) and self._cancel is not None:
                self._cancel()

    def on_ask(self, cancel: Callable[[], None]) -> None:
        """Have a function called, in whatever thread, when its handler is to end, or at once if that was said."""
        with self._guard:
            self._cancel = cancel
            if self.interruption.is_set():
                cancel()


class Listener:
    """Hears the worker, in a thread."""

    def __init__(self, channel: socket.socket, parent: int, inbox: SimpleQueue[Assignment | None]) -> None:
        self._channel = channel.dup()
        self._channel.settimeout(LOOK)
        self._parent = parent
        self._inbox = inbox
        self._newest: Assignment | None = None

    def run(self) -> None:
        """Listen until the worker is gone, and end with it."""
        try:
            splitter, now = Splitter(), datetime.min
            while piece := self._receive():
                for kind, document in splitter.feed(piece):
                    if kind == TERMS:
                        now = unpack(document)["now"]
                    elif kind == JOB:
                        self._newest = Assignment(document, now)
                        self._inbox.put(self._newest)
                    elif kind == ASK and self._newest is not None:
                        self._newest.ask(unpack(document)["reason"])
                    elif kind == END:
                        self._inbox.put(None)
        finally:
            leave()

    def _receive(self) -> bytes:
        while os.getppid() == self._parent:
            with contextlib.suppress(TimeoutError):
                return self._channel.recv(PIECE)
        return b""


def leave() -> None:
    """End this process at once, with all that stands in its group."""
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


class Desk:
    """Runs handlers in this process's main thread: plain functions as they are, coroutine functions in one loop."""

    def __init__(self, registry: Registry, worker: str, tell: Callable[[bytes], None]) -> None:
        self._registry = registry
        self._worker = worker
        self._tell = tell
        self._loop = asyncio.Runner()
        self._services = svcs.Registry()
        if registry.services is not None:
            registry.services(self._services)

    def attempt(self, assignment: Assignment) -> Outcome:
        """Judge a job and run its handler to its end."""
        record, _ = read_record(decode(assignment.raw))
        entry = self._registry.find(record.name)
        if entry is None:
            return Postponed(f"a child process, whose code is newer, knows no job {record.name!r}")
        admitted = admit(record, entry.type, assignment.now)
        if admitted.refused is not None:
            return admitted.refused
        self._tell(BEGUN)
        surroundings = copy_context()
        context = surroundings.run(
            surround, admitted.job, entry.type, self._worker, self._services, assignment.interruption, assignment.now
        )
        if is_coroutine_handler(entry.handler):
            attempt = self._in_loop(entry.handler, admitted.job, context, assignment)
            return self._loop.run(attempt, context=surroundings)
        outcome = surroundings.run(execute_plain, entry.handler, admitted.job, context)
        assignment.interruption.over = True
        if context.container is not None:
            self._loop.run(close(context.container))
        return outcome

    async def _in_loop(self, handler: AnyHandler, job: Job[Any], context: Context, assignment: Assignment) -> Outcome:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()

        def cancel() -> None:
            if task is not None and not assignment.interruption.over:
                task.cancel()

        assignment.on_ask(lambda: _silent(loop.call_soon_threadsafe(cancel)))
        outcome = await execute(handler, job, context)
        assignment.interruption.over = True
        if context.container is not None:
            await close(context.container)
        return outcome

    def close(self) -> None:
        """Close the services of this process."""
        self._loop.run(close(self._services))
        self._loop.close()


def _silent(_: asyncio.Handle) -> None:
    """Drop what scheduling a call gives."""
