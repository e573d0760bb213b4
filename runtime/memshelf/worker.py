"""A worker: claims jobs, has their handlers run, and goes on until it is told to stop."""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import signal
import socket
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from memshelf.background import end
from memshelf.claimer import RETRYABLE, Claimer
from memshelf.crew import Crew
from memshelf.errors import StoreUnavailable
from memshelf.events import Event, EventName, Listener, Listeners
from memshelf.executor import fault
from memshelf.flows.prepare import prepare
from memshelf.flows.rescue import Rescued
from memshelf.logs import get
from memshelf.lookout import Lookout
from memshelf.memory import resident_memory
from memshelf.mongo import AsyncStore
from memshelf.pulse import Pulse
from memshelf.reasons import reason
from memshelf.registry import Registry
from memshelf.rescuer import Rescuer
from memshelf.scheduler import Scheduler
from memshelf.settings import Settings
from memshelf.sources import unwanted
from memshelf.sweeper import Sweeper
from memshelf.wake import Waker

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0
SHORTEST_PAUSE = 0.001
FEW = 10
"""A worker with more to claim waits for a moment while less than one part in so many of its slots is free."""
LINGER = 0.002
LAST_WORDS = 10.0
"""Seconds that listeners may still take when the worker stops."""
RETURN = timedelta(seconds=1.5)
"""How long an owner may take to extend its leases when the server is back, however fast it beats otherwise: the driver
looks for a server twice a second."""


class Worker:
    """Runs the jobs of a registry, `max_concurrency` at once."""

    def __init__(
        self,
        registry: Registry,
        *,
        settings: Settings | None = None,
        client: AsyncMongoClient[Any] | None = None,
        name: str | None = None,
    ) -> None:
        self.registry = registry
        self.settings = settings or Settings.load()
        self.name = name or f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        self._listeners = Listeners()
        self._store = AsyncStore(self.settings, client)
        self._rng = random.Random()
        self._stopping = asyncio.Event()
        self._hurry = asyncio.Event()
        self._broken: BaseException | None = None
        self._held_back = True
        self._ending = False
        self._waker = Waker(self._store, enabled=self.settings.change_streams)
        self._log = get("memshelf.worker").bind(worker=self.name)

    def on(self, event: EventName, listener: Listener) -> None:
        """Have a function or coroutine function called for every event of a name.

        Raises:
            ValueError: there is no such event.
        """
        self._listeners.add(event, listener)

    def stop(self) -> None:
        """Stop claiming and end within the grace period; a second call ends it at once.

        Call it in the event loop's thread.
        """
        if self._stopping.is_set():
            self._hurry.set()
        self._stopping.set()
        self._waker.wake()

    async def run(self, *, drain: bool = False, limit: int | None = None, signals: bool = True) -> int:
        """Work until told to stop.

        Args:
            drain: end when no job is due any more and none is running.
            limit: end after so many attempts.
            signals: stop on SIGTERM and SIGINT.

        Returns:
            How many handlers are still at work in threads, which nothing can stop; 0 after a clean stop.

        Raises:
            SchemaDriftError: the schema folder has changed since code was generated, and the settings refuse that.
            StoreUnavailable: the server was not found at start.
        """
        loop = asyncio.get_running_loop()
        caught = (signal.SIGTERM, signal.SIGINT) if signals else ()
        for number in caught:
            loop.add_signal_handler(number, self.stop)
        try:
            packages = (entry.type.schema.package for entry in self.registry)
            for each in unwanted(packages, self.settings.schema_drift):
                self._log.warning("worker.schemas_changed", package=each.package, files=each.listed)
            return await self._run(drain, limit) if await self._prepared() else 0
        finally:
            await self._store.close()
            for number in caught:
                loop.remove_signal_handler(number)

    async def _prepared(self) -> bool:
        """Make the collection ready; tell whether it is, or whether the worker was told to stop before that."""
        preparing = asyncio.create_task(self._prepare())
        stopped = asyncio.create_task(self._stopping.wait())
        await asyncio.wait({preparing, stopped}, return_when=asyncio.FIRST_COMPLETED)
        ready = preparing.done()
        await end([each for each in (preparing, stopped) if not each.done()])
        if ready:
            preparing.result()
        return ready

    async def _prepare(self) -> None:
        await self._store.now()
        try:
            await self._store.run(prepare(self.settings.collection))
        except PyMongoError as error:
            raise StoreUnavailable(f"the collection of the jobs cannot be made ready: {reason(error)}") from error

    async def _run(self, drain: bool, limit: int | None) -> int:
        self._claimer = Claimer(self._store, self.registry, self.settings, self.name, self._rng)
        self._pulse = Pulse()
        self._scheduler = Scheduler(self._store, self.registry, self.name, on_made=self._waker.wake, rng=self._rng)
        self._crew = self._gather_crew()
        await self._scheduler.begin()
        helpers = (
            *(self._crew.record(), self._crew.beat(), self._rescuer().run(), self._waker.run(), self._pulse.run()),
            *(each(self._store, self.registry, self.name).run() for each in (Lookout, Sweeper)),
            self._scheduler.run(),
        )
        background = [asyncio.create_task(each) for each in helpers]
        for task in background:
            task.add_done_callback(self._stop_if_broken)
        self._log.info("worker.started", jobs=sorted(self.registry.names()), concurrency=self.settings.max_concurrency)
        try:
            await self._work(drain, limit)
            for raw in await self._claimer.last_look():
                self._crew.keep_for_later(raw)
            self._log.info("worker.stopping", running=len(self._crew.running), grace=str(self.settings.grace_period))
            await self._crew.end(self.settings.grace_period.total_seconds(), self._hurry)
        finally:
            await end(background)
            await self._crew.close()
            await self._listeners.settle(0.0 if self._hurry.is_set() else LAST_WORDS)
        if self._broken is not None:
            raise self._broken
        self._log.info("worker.stopped", done=self._crew.done, leftovers=self._crew.running.leftovers)
        return self._crew.running.leftovers

    def _gather_crew(self) -> Crew:
        started = datetime.now(UTC)

        def note() -> dict[str, Any]:
            """Say how this worker is, for whoever asks about its health; called in the heartbeat's thread."""
            return {
                "host": socket.gethostname(),
                "pid": os.getpid(),
                "startedAt": started,
                **crew.note(),
                "capacity": self.settings.max_concurrency,
                "wake": self._waker.mode,
                "blocked": self._pulse.still,
                "memory": resident_memory(),
                "names": sorted(self.registry.names()),
                "queues": list(self.settings.queues),
                **({"schedules": self._scheduler.stands} if self._scheduler.stands else {}),
            }

        crew = Crew(
            self._store,
            self.registry,
            self.settings,
            self.name,
            self._listeners,
            note=note,
            on_note=self._scheduler.hear,
            on_free=self._freed,
            on_due=self._waker.wake,
            rng=self._rng,
        )
        return crew

    def _rescuer(self) -> Rescuer:
        return Rescuer(
            self._store,
            self.registry.catalog,
            every=self.settings.heartbeat_every,
            heartbeat=max(self.settings.heartbeat_every, RETURN),
            on_rescued=self._rescued,
            rng=self._rng,
        )

    async def _work(self, drain: bool, limit: int | None) -> None:
        """Claim while there are free slots and due jobs; sleep in between."""
        self._ending = drain or limit is not None
        pause, moment = FIRST_PAUSE, SHORTEST_PAUSE
        while not self._stopping.is_set():
            try:
                left = self.settings.max_concurrency if limit is None else limit - self._crew.started
                if left <= 0 and not self._crew.busy:
                    return
                started = await self._claim(left)
                if started:
                    moment = SHORTEST_PAUSE
                if started and self._claimer.expects_more:
                    self._waker.rest()
                    continue
                await asyncio.sleep(0)  # What was started goes first.
                seconds = await self._idle_seconds()
                if seconds == 0 and started:
                    self._claimer.expects_more = self._claimer.several_due
                    continue
                if drain and seconds > 0 and not self._crew.busy and not self._held_back:
                    return
                if seconds == 0:  # Due, and not to be had: others were faster, or the server's clock is behind.
                    seconds, moment = moment, min(FIRST_PAUSE, moment * 2)
                pause = FIRST_PAUSE
            except (*RETRYABLE, StoreUnavailable) as error:
                self._log.warning("claim.failed", again_in=f"{pause:g}s", error=reason(error.__cause__ or error))
                seconds, pause = pause, min(LONGEST_PAUSE, pause * 2)
            await self._waker.sleep(seconds)

    async def _claim(self, most: int) -> bool:
        """Start what may start now, and no more than `most`; tell whether anything did."""
        if self._crew.taken_by_one:
            self._claimer.expects_more = False  # The next one may have to run alone as well.
            return self._crew.start_alone()
        free = self._free(most)
        if free <= 0:
            return False
        if self._claimer.expects_more and free * FEW < self.settings.max_concurrency:
            await asyncio.sleep(LINGER)  # More slots will be free in a moment, and one claim costs what three do.
            free = self._free(most)
        documents = await self._claimer.claim(free, self._crew.running.by_type(), len(self._crew.arrivals))
        self._crew.arrivals.take(documents)
        return bool(documents)

    def _free(self, most: int) -> int:
        return min(most, self.settings.max_concurrency - len(self._crew.running) - len(self._crew.arrivals))

    def _freed(self) -> None:
        """Look for work when a slot is free, if the want of slots held some back."""
        if self._held_back or self._ending:
            self._waker.wake()

    async def _idle_seconds(self) -> float:
        """Give how long there is nothing to claim: until a slot is free, the next job is due, or it is time to poll."""
        longest = self.settings.process_every.total_seconds()
        self._held_back = True  # Until it is known better: a slot may come free while the server is asked.
        if self._crew.taken_by_one or self._free(self.settings.max_concurrency) <= 0:
            return longest
        await self._claimer.look_around()
        running = self._crew.running.by_type()
        self._held_back = self._claimer.holds_back(running, len(self._crew.arrivals))
        seconds = min(longest, await self._claimer.seconds_until_due(running, len(self._crew.arrivals)))
        if seconds > 0:
            self._waker.attend()
        return seconds

    def _rescued(self, rescued: Rescued) -> None:
        expired = rescued.expired
        name: EventName = "dead" if rescued.action == "lose" else "rescued"
        self._log.warning("job." + name, job=str(expired.id), name=expired.name, lost=expired.lost + 1)
        self._listeners.tell(Event(name, None, expired.id, expired.name))
        self._waker.wake()

    def _stop_if_broken(self, task: asyncio.Task[None]) -> None:
        """Stop when a part of the worker failed: without a heartbeat or a recorder it would only do harm."""
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._log.error("worker.broken", error=type(error).__name__, traceback=fault(error).traceback)
            self._broken = self._broken or error
            self.stop()
