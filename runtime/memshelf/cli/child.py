"""A worker in a process of its own, on a leash: it stops when its parent says so, or is no more.

The leash is a pipe, of which the parent holds the writing end. The child waits for the end of its reading end, which
comes when the parent lets go, and also when the parent is killed; one byte tells it to hurry. Children stand in a
session of their own: Ctrl-C in a terminal reaches the parent alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence

STOP, HURRY = b"s", b"h"


class Child:
    """`memshelf …` in another process, seen from its parent."""

    def __init__(self, process: asyncio.subprocess.Process, leash: int) -> None:
        self._process = process
        self._leash: int | None = leash

    @classmethod
    async def start(cls, arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> Child:
        """Start it; `--leash` is added to its arguments."""
        reading, writing = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "memshelf", *arguments, "--leash", str(reading)),
                env=None if environment is None else {**os.environ, **environment},
                pass_fds=(reading,),
                stdin=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )
        except BaseException:
            os.close(writing)
            raise
        finally:
            os.close(reading)
        return cls(process, writing)

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def stop(self) -> None:
        """Ask it to stop within its grace period."""
        self._say(STOP)

    def hurry(self) -> None:
        """Ask it to end at once."""
        self._say(HURRY)

    async def wait(self) -> int:
        """Wait for its end and give its exit code, negative for a signal."""
        code = await self._process.wait()
        if self._leash is not None:
            os.close(self._leash)
            self._leash = None
        return code

    async def end(self, patience: float) -> int:
        """Stop it, by force after so many seconds; give its exit code."""
        self.stop()
        try:
            return await asyncio.wait_for(self.wait(), patience)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):  # It ended in this very moment.
                self._process.kill()
            return await self.wait()

    def _say(self, word: bytes) -> None:
        if self._leash is not None:
            with contextlib.suppress(BrokenPipeError):  # It has ended already.
                os.write(self._leash, word)


def obey(leash: int, told: Callable[[bool], object], *, patience: float) -> None:
    """Have `told` called, in a thread, when the parent lets go (False) or says to hurry (True).

    This process is ended by force if it is still there so many seconds after it was first told.
    """

    def watch() -> None:
        word = os.read(leash, 1)
        threading.Thread(target=enforce, name="memshelf-leash-end", daemon=True).start()
        with contextlib.suppress(RuntimeError):  # The loop is closed: the process is about to end by itself.
            told(word == HURRY)
            while word and word != HURRY:
                word = os.read(leash, 1)
            if word == HURRY:
                told(True)

    def enforce() -> None:
        time.sleep(patience)
        os._exit(1)

    threading.Thread(target=watch, name="memshelf-leash", daemon=True).start()
