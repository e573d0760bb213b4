"""Make the jobs of schedules when they are due, in every worker: there is no leader."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo.errors import ConnectionFailure, OperationFailure, PyMongoError

from memshelf.due import due
from memshelf.errors import MalformedSchedule, PayloadError, StoreUnavailable
from memshelf.flows.deploy import alive, deployments, seen_since, settle_schedules, stand, take_over
from memshelf.flows.schedules import CHANGED
from memshelf.flows.ticks import LIMIT, Step, make_jobs, move_on, next_schedules
from memshelf.logs import get
from memshelf.mongo import AsyncStore
from memshelf.reasons import reason
from memshelf.registry import Registry
from memshelf.timetable import Document, deployment, of_schema, rhythm_of

APART = 0.02
"""Seconds over which workers spread their looks at the same tick."""
WITHOUT_SCHEDULES = 3600.0
"""Seconds between two looks while no schedule is known; a program that puts one tells the workers."""
SYNC_EVERY = 60.0
"""Seconds between two comparisons of the stored schedules with those of the schemas, where there are any."""
ROUNDS = 50
"""Looks after which others have their turn, however many schedules are due."""
MISSED_BEATS = 3
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0


class Scheduler:
    """Looks when the next schedule ticks, and then makes the jobs that are due; races are settled by the server."""

    def __init__(
        self,
        store: AsyncStore,
        registry: Registry,
        worker: str,
        *,
        on_made: Callable[[], None],
        rng: random.Random,
    ) -> None:
        self._store = store
        self._registry = registry
        self._names = registry.names()
        self._on_made = on_made
        self._rng = rng
        self._event = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._told: object = None
        self._awaited: datetime | None = None
        self._unusable: set[Any] = set()
        self._waiting: set[str] = set()
        self._next_sync = self._sleep = 0.0
        self.stands: list[str] = []
        """For which deployments this worker stands: jobs' names and digests of their schedules, for its note."""
        self._log = get("memshelf.worker").bind(worker=worker)

    def hear(self, note: Mapping[str, Any]) -> None:
        """Look at once if somebody wrote on this worker's note that schedules have changed; called in any thread."""
        changed = note.get(CHANGED)
        if changed is not None and changed != self._told:
            self._told = changed
            with contextlib.suppress(RuntimeError):  # The last beats may come when the loop is closed.
                self._loop.call_soon_threadsafe(self._event.set)

    async def begin(self) -> None:
        """Act once before the first claim, so that what is due is there; a server that is away is left to `run`."""
        with contextlib.suppress(PyMongoError, StoreUnavailable):
            self._sleep = await self.act()

    async def run(self) -> None:
        """Make jobs of ticks for ever."""
        pause = FIRST_PAUSE
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._sleep):
                    await self._event.wait()
            self._event.clear()
            try:
                self._sleep, pause = await self.act(), FIRST_PAUSE
            except (PyMongoError, StoreUnavailable) as error:
                self._log.warning("schedule.failed", again_in=f"{pause:g}s", error=reason(error.__cause__ or error))
                self._sleep, pause = pause, min(LONGEST_PAUSE, pause * 2)

    async def act(self) -> float:
        """Bring in the schemas' schedules if it is time for that, make the jobs that are due, give how long to sleep.

        Raises:
            PyMongoError, StoreUnavailable: the server did not answer; call again.
        """
        if time.monotonic() >= self._next_sync:
            await self.sync()
            self._next_sync = time.monotonic() + (SYNC_EVERY * self._rng.uniform(0.75, 1.25) if self.stands else 1e9)
        seconds = await self.tick()
        return max(0.0, min(seconds, self._next_sync - time.monotonic()))

    async def tick(self) -> float:
        """Make the jobs of all ticks that are due; give the seconds until the next one, or until it is time to look.

        Raises:
            PyMongoError: the server did not answer.
        """
        rounds = 0
        while True:
            rounds += 1
            asked = time.monotonic()
            found = await self._store.run(next_schedules(self._names))
            steps = [step for step in map(self._step, found) if step is not None]
            ready = [step for step in steps if step.due.next != step.tick]
            await self._make(ready)
            if len(found) < LIMIT or len(ready) < len(found) or rounds == ROUNDS:
                break
        following = [step.due.next for step in steps if step.due.next is not None]
        soonest = min(following, default=None)
        if ready or soonest != self._awaited:
            self._awaited = soonest
            self._on_made()  # By us, or by others: whoever has a free slot looks for the jobs.
        longest = self._store.settings.process_every.total_seconds() if found else WITHOUT_SCHEDULES
        if soonest is None:
            return longest
        now: datetime = found[0]["now"]
        until = (soonest - now).total_seconds() - (time.monotonic() - asked)
        return min(longest, max(0.0, until) + self._rng.uniform(0, APART))

    async def sync(self) -> None:
        """Put the schedules of this worker's schemas into force, unless newer ones are, and their workers live.

        Raises:
            PyMongoError, StoreUnavailable: the server did not answer.
        """
        wanted = {name: tuple(self._of_schema(name)) for name in self._names}
        held = await self._store.run(deployments(self._names))
        concerned = [name for name in reversed(self._names) if wanted[name] or name in held]
        self.stands = [stand(name, deployment(wanted[name])) for name in concerned]
        for name in concerned:
            if await self._in_force(name, deployment(wanted[name]), held.get(name)):
                await self._store.run(settle_schedules(name, wanted[name], await self._store.now()))

    async def _in_force(self, name: str, digest: str, held: Document | None) -> bool:
        """Tell whether this worker's schedules of a job are in force, or are now."""
        if held is not None and held["digest"] == digest:
            self._waiting.discard(name)
            return True
        if held is not None and digest in held["earlier"]:
            settings = self._store.settings
            since = seen_since(await self._store.now(), settings.heartbeat_every, MISSED_BEATS)
            if await self._store.run(alive(name, held["digest"], since)):
                if name not in self._waiting:
                    self._waiting.add(name)
                    self._log.warning("schedule.waiting", name=name)
                return False
        taken = await self._store.run(take_over(name, digest, held))
        if taken:
            self._waiting.discard(name)
            self._log.info("schedule.deployed", name=name)
        return taken

    def _of_schema(self, name: str) -> Iterable[dict[str, Any]]:
        entry = self._registry.find(name)
        if entry is None or entry.type.name != name:
            return  # A previous name has no schedules any more.
        for scheduled in entry.type.schedule:
            try:
                yield of_schema(entry.type, scheduled, self._store.settings)
            except PayloadError as error:
                self._log.error("schedule.invalid", name=name, key=scheduled.key, error=str(error))

    def _step(self, found: Document) -> Step | None:
        """Decide what is due on a schedule; None, said once, for one that cannot be used."""
        try:
            decided = due(rhythm_of(found), found["nextAt"], found["now"], found["misfire"])
        except MalformedSchedule as error:
            if found["_id"] not in self._unusable:
                self._unusable.add(found["_id"])
                self._log.error("schedule.unusable", error=str(error))
            return None
        return Step(found["_id"], found["nextAt"], found["digest"], decided)

    async def _make(self, steps: Sequence[Step]) -> None:
        """Make the jobs of several schedules at once; one that the server refuses harms no other."""
        if not steps:
            return
        try:
            await self._store.run(make_jobs(self._store.settings.collection, steps))
        except OperationFailure as error:
            if isinstance(error, ConnectionFailure) or len(steps) == 1:
                raise
            for step in steps:
                try:
                    await self._make([step])
                except OperationFailure as refused:
                    self._log.warning("schedule.failed", schedule=step.id, error=reason(refused))
            return
        await self._store.run(move_on(steps))
