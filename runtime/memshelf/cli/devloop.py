"""One worker during development: started again when files change, stopped when the developer is done."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import signal
import sys
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any

from memshelf.cli.child import Child
from memshelf.cli.filewatch import Snapshot, changes, snapshot
from memshelf.logs import get
from memshelf.project import Project

PATIENCE = 5.0
"""Seconds that a worker has to end before it is ended by force."""
GRACE_PERIOD = "1s"
"""How long jobs may run on when the worker is started again, unless the developer has set it."""


class DevLoop:
    """Keeps one child at work on what the files say now."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str], *, project: Project | None) -> None:
        self._arguments = tuple(arguments)
        self._environment = {
            **environment,
            "MEMSHELF_GRACE_PERIOD": os.environ.get("MEMSHELF_GRACE_PERIOD") or GRACE_PERIOD,
        }
        self._project = project
        self._log = get("memshelf.dev")

    async def run(self) -> None:
        """Work until SIGINT or SIGTERM."""
        done = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, done.set)
        seen = self._look()
        while not done.is_set():
            child = await Child.start(self._arguments, self._environment)
            self._log.info("dev.started", child=child.pid)
            try:
                seen = await self._watch(child, seen, done)
            finally:
                await child.end(PATIENCE)

    def _look(self) -> Snapshot:
        return snapshot(self._project.folders()) if self._project else {}

    async def _watch(self, child: Child, seen: Snapshot, done: asyncio.Event) -> Snapshot:
        """Wait for the end, or for files that call for another worker; a worker that ends by itself waits with us."""
        ended = asyncio.create_task(self._report_end(child))
        try:
            while True:
                changed = await _first(done.wait(), self._changes(seen))
                if changed is None or done.is_set():
                    return seen
                seen, paths = changed
                self._log.info("dev.changed", files=sorted(path.name for path in paths))
                if await self._generated(paths):
                    return self._look()
        finally:
            ended.cancel()

    async def _changes(self, seen: Snapshot) -> tuple[Snapshot, frozenset[Path]]:
        if self._project is None:
            await asyncio.Event().wait()
            raise AssertionError("an event that nobody sets")
        return await changes(self._project.folders(), since=seen)

    async def _generated(self, paths: frozenset[Path]) -> bool:
        """Generate code when schemas have changed; tell whether a worker can start on what there is."""
        project = self._project
        if project is None or not any(path.is_relative_to(project.schemas) for path in paths):
            return True
        if importlib.util.find_spec("memshelf_gen") is None:
            self._log.warning("dev.not_generated", reason="memshelf-gen is not installed: pip install 'memshelf[gen]'")
            return True
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "memshelf_gen"),
            cwd=project.root,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=sys.stderr,
        )
        code = await process.wait()
        if code != 0:
            self._log.error("dev.not_generated", reason="memshelf-gen refused the schemas; the old worker goes on")
        return code == 0

    async def _report_end(self, child: Child) -> None:
        code = await child.wait()
        self._log.warning("dev.ended", code=code, again="when a file changes" if self._project else "never; Ctrl-C")


async def _first(*waits: Coroutine[Any, Any, Any]) -> Any:
    """Give the result of whichever ends first, and cancel the others."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return next(task.result() for task in tasks if task in ended and task.result() is not True)
    except StopIteration:
        return None
    finally:
        for task in tasks:
            task.cancel()
