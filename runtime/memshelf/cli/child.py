"""A worker in a process of its own, on a leash: it stops when its parent says so, or is no more.

The leash is a pipe. The parent holds its writing end and never writes; the child waits for the end of its reading end,
which comes when the parent lets go, and also when the parent is killed. Asking twice is the same as asking once, so a
child that was signalled by somebody else as well is not hurried by mistake. Children stand in a session of their own:
Ctrl-C in a terminal reaches the parent alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence


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
        if self._leash is not None:
            os.close(self._leash)
            self._leash = None

    def hurry(self) -> None:
        """Ask it, when it is stopping already, to end at once."""
        self.stop()
        if self._process.returncode is None:
            self._process.terminate()

    async def wait(self) -> int:
        """Wait for its end and give its exit code, negative for a signal."""
        code = await self._process.wait()
        self.stop()
        return code

    async def end(self, patience: float) -> int:
        """Stop it, by force after so many seconds; give its exit code."""
        self.stop()
        try:
            return await asyncio.wait_for(self.wait(), patience)
        except TimeoutError:
            self._process.kill()
            return await self.wait()


def obey(leash: int, stop: Callable[[], object], *, patience: float) -> None:
    """Have `stop` called, in a thread, when the parent lets go; end this process if that did not end it in time."""

    def watch() -> None:
        while os.read(leash, 1):
            pass
        with contextlib.suppress(RuntimeError):  # The loop is closed: the process is about to end by itself.
            stop()
        time.sleep(patience)
        os._exit(1)

    threading.Thread(target=watch, name="memshelf-leash", daemon=True).start()
