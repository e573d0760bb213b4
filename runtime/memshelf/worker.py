"""A worker: claims jobs, runs their handlers, records what became of them, until it is told to stop."""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import signal
import socket
from collections import deque
from datetime import UTC, datetime
from typing import Any

import svcs
from pymongo import AsyncMongoClient

from memshelf import attempt
from memshelf.claimer import RETRYABLE, Claimer, Undecodable, decode
from memshelf.errors import Problem, StoreUnavailable
from memshelf.events import Event, EventName, Listener, Listeners
from memshelf.executor import Interruption
from memshelf.flows.prepare import prepare
from memshelf.flows.record import Entry
from memshelf.flows.rescue import Rescued
from memshelf.handle import retention
from memshelf.heartbeat import Heartbeat
from memshelf.job import Job
from memshelf.jobtype import Registered, Registry
from memshelf.logs import get
from memshelf.memory import resident_memory
from memshelf.mongo import AsyncStore
from memshelf.outcome import Outcome, Rejected
from memshelf.recorder import Recorder
from memshelf.rescuer import Rescuer
from memshelf.running import Run, Running
from memshelf.settings import Settings
from memshelf.settle import Settlement
from memshelf.states import Action
from memshelf.threads import Threads
from memshelf.wake import Waker

ALONE_AFTER_LOSSES = 2
HANDED_BACK_WARNING = 3
LAST_WRITES = 10.0
"""Seconds that the last outcomes may take to be written when the worker stops."""

TOLD: dict[Action, tuple[EventName, ...]] = {
    "succeed": ("succeeded",),
    "retry": ("failed", "retrying"),
    "die": ("failed", "dead"),
    "snooze": ("snoozed",),
    "hand back": ("handed back",),
    "postpone": ("postponed",),
    "quarantine": ("quarantined",),
    "stop": ("cancelled",),
}


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
        self.started_at: datetime | None = None
        self.done = 0
        """How many attempts this worker has ended."""
        self._listeners = Listeners()
        self._store = AsyncStore(self.settings, client)
        self._running = Running()
        self._alone: deque[bytes] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._settled: dict[Any, tuple[Job[Any], Settlement]] = {}
        self._threads = Threads()
        self._rng = random.Random()
        self._services = svcs.Registry()
        self._log = get("memshelf.worker").bind(worker=self.name)

    def on(self, event: EventName, listener: Listener) -> None:
        """Have a function or coroutine function called for every event of a name."""
        self._listeners.add(event, listener)

    def stop(self) -> None:
        """Stop claiming and end within the grace period; a second call ends it at once.

        Call it from the event loop's thread.
        """
        if self._stopping.is_set():
            self._hurry.set()
        self._stopping.set()
        self._waker.wake()

    async def run(self, *, drain: bool = False, signals: bool = True) -> int:
        """Work until told to stop.

        Args:
            drain: end when no job is due any more and none is running.
            signals: stop on SIGTERM and SIGINT.

        Returns:
            How many handlers are still at work in threads, which nothing can stop; 0 after a clean stop.

        Raises:
            StoreUnavailable: the server was not found at start.
        """
        self._stopping, self._hurry = asyncio.Event(), asyncio.Event()
        self._waker = Waker(self._store, enabled=self.settings.change_streams)
        if signals:
            self._listen_to_signals()
        await self._begin()
        background = [
            asyncio.create_task(each.run(), name=type(each).__name__)
            for each in (self._recorder, self._rescuer, self._waker)
        ]
        try:
            await self._work(drain)
            await self._end()
        finally:
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
            await asyncio.to_thread(self._heartbeat.stop)
            self._threads.close()
            await self._listeners.settle()
            await self._services.aclose()
            await self._store.close()
        self._log.info("worker.stopped", done=self.done, leftovers=self._running.leftovers)
        return self._running.leftovers

    async def _begin(self) -> None:
        kept = retention(self.settings)
        await self._store.now()
        await self._store.run(prepare(self.settings.collection))
        if self.registry.services is not None:
            self.registry.services(self._services)
        self._claimer = Claimer(self._store, self.registry, self.settings, self.name, self._rng)
        self._recorder = Recorder(self._store, kept, self._recorded)
        self._rescuer = Rescuer(
            self._store,
            kept,
            every=self.settings.heartbeat_every,
            heartbeat=self.settings.heartbeat_every,
            on_rescued=self._rescued,
            rng=self._rng,
        )
        loop = asyncio.get_running_loop()
        self._heartbeat = Heartbeat(
            self.settings,
            self.name,
            on_lost=lambda job_id, token: loop.call_soon_threadsafe(self._lost, job_id, token),
            on_cancel=lambda job_id, token: loop.call_soon_threadsafe(
                self._running.interrupt, "cancelled", job_id, token
            ),
            note=self.note,
        )
        self._heartbeat.start()
        self.started_at = datetime.now(UTC)
        self._log.info("worker.started", jobs=sorted(self.registry.names()), concurrency=self.settings.max_concurrency)

    async def _work(self, drain: bool) -> None:
        """Claim while there are free slots and due jobs; sleep in between."""
        pause = 0.1
        while not self._stopping.is_set():
            try:
                claimed = await self._claim()
                pause = 0.1
                if claimed:
                    continue
                if drain and not self._tasks and not len(self._running):
                    return
                seconds = await self._idle_seconds()
            except (*RETRYABLE, StoreUnavailable) as error:
                self._log.warning("claim.failed", again_in=f"{pause:g}s", error=type(error).__name__)
                seconds, pause = pause, min(5.0, pause * 2)
            await self._waker.sleep(seconds)

    async def _claim(self) -> bool:
        """Start what may start now; tell whether anything did."""
        if self._alone:
            if len(self._running):
                return False
            self._start(self._alone.popleft(), alone=True)
            return True
        free = self.settings.max_concurrency - len(self._running)
        if free <= 0:
            return False
        documents = await self._claimer.claim(free, self._running.of_type)
        for raw in documents:
            self._start(raw)
        return bool(documents)

    async def _idle_seconds(self) -> float:
        longest = self.settings.process_every.total_seconds()
        if len(self._running) >= self.settings.max_concurrency or self._alone:
            return longest
        await self._claimer.look_around()
        due = await self._claimer.next_due()
        if due is None:
            return longest
        return min(longest, max(0.001, (due - await self._store.now()).total_seconds()))

    def _start(self, raw: bytes, *, alone: bool = False) -> None:
        """Hold the job's lease from this moment and give it a task."""
        try:
            record, wrong = attempt.read_record(decode(raw))
        except Undecodable as error:
            record, wrong = attempt.read_record(error.document)[0], str(error)
        token = record.lease or ""
        self._heartbeat.hold(record.id, token)
        if record.lost >= ALONE_AFTER_LOSSES and not alone:
            self._alone.append(raw)
            return
        entry = self.registry.find(record.name)
        run = Run(record, entry.type.name if entry else record.name, Interruption(), token)
        self._running.add(run)
        task = asyncio.create_task(self._run(run, entry, wrong))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, run: Run, entry: Registered[Any] | None, wrong: str | None) -> None:
        if wrong is not None or entry is None:
            job = Job[Any](run.record, lambda data: data)
            self._settle(run, job, entry, Rejected([Problem("document", wrong or "unknown name")], "undecodable"))
            return
        admitted = attempt.admit(run.record, entry.type, await self._store.now())
        if admitted.refused is not None:
            self._settle(run, admitted.job, entry, admitted.refused)
            return
        self._tell("started", admitted.job)
        ending = await attempt.run(
            entry,
            admitted.job,
            worker=self.name,
            services=self._services,
            interruption=run.interruption,
            threads=self._threads,
        )
        if ending.leftover is not None:
            self._running.leave(run)
            ending.leftover.add_done_callback(lambda _: (self._running.left(run), self._waker.wake()))
            self._log.warning("job.unstoppable", job=str(run.record.id), name=run.record.name)
        self._settle(run, admitted.job, entry, ending.outcome)

    def _settle(self, run: Run, job: Job[Any], entry: Registered[Any] | None, outcome: Outcome) -> None:
        """Decide and hand to the recorder; the lease is held until the record is written."""
        job_type = (entry or next(iter(self.registry))).type
        settlement = attempt.decide(outcome, run.record, job_type, self._rng)
        self._heartbeat.recording(run.record.id)
        self._settled[run.record.id, run.token] = (job, settlement)
        self._recorder.put(Entry(run.record.id, run.token, settlement))
        self._running.discard(run)
        self.done += 1
        self._waker.wake()

    def _recorded(self, entry: Entry, ours: bool) -> None:
        job, settlement = self._settled.pop((entry.id, entry.token))
        self._heartbeat.release(entry.id, entry.token)
        if not ours:
            self._tell("lease lost", job)
            return
        error = "" if settlement.error is None else f"{settlement.error['type']}: {settlement.error['message']}"
        for name in TOLD.get(settlement.action, ()):
            self._tell(name, job, error, settlement)

    def _tell(
        self, name: EventName, job: Job[Any], error: str = "", settlement: Settlement | None = None
    ) -> None:
        wait = None if settlement is None else settlement.wait
        fields: dict[str, object] = {"job": str(job.id), "name": job.name, "attempt": job.attempts}
        if error:
            fields["error"] = error
        if wait is not None:
            fields["again_in"] = f"{wait.total_seconds():g}s"
        quiet = name in ("started", "succeeded", "retrying", "snoozed", "handed back", "cancelled")
        (self._log.info if quiet else self._log.warning)("job." + name.replace(" ", "_"), **fields)
        self._listeners.tell(Event(name, job, job.id, job.name, error, wait))

    def _rescued(self, rescued: Rescued) -> None:
        expired = rescued.expired
        name: EventName = "dead" if rescued.action == "lose" else "rescued"
        self._log.warning("job." + name, job=str(expired.id), name=expired.name, lost=expired.lost + 1)
        self._listeners.tell(Event(name, None, expired.id, expired.name))
        self._waker.wake()

    def _lost(self, job_id: Any, token: str) -> None:
        self._heartbeat.release(job_id, token)
        self._running.interrupt("lease lost", job_id, token)

    async def _end(self) -> None:
        """Let jobs end within the grace period, then interrupt them and give back what is unfinished."""
        self._log.info("worker.stopping", running=len(self._running), grace=str(self.settings.grace_period))
        if self._tasks:
            hurry = asyncio.create_task(self._hurry.wait())
            ended = asyncio.ensure_future(asyncio.wait(set(self._tasks)))
            await asyncio.wait(
                {hurry, ended},
                timeout=self.settings.grace_period.total_seconds(),
                return_when=asyncio.FIRST_COMPLETED,
            )
            hurry.cancel()
            self._running.interrupt("shutdown")
            await ended
        while self._alone:
            self._give_back(self._alone.popleft())
        try:
            await asyncio.wait_for(self._recorder.flush(), timeout=LAST_WRITES)
        except TimeoutError:
            self._log.error("worker.unrecorded", jobs=[str(job_id) for job_id, _ in self._settled])

    def _give_back(self, raw: bytes) -> None:
        record, _ = attempt.read_record(decode(raw))
        run = Run(record, record.name, Interruption(), record.lease or "")
        from_shutdown = Settlement("hand back", charged=False)
        self._settled[record.id, run.token] = (Job[Any](record, lambda data: data), from_shutdown)
        self._recorder.put(Entry(record.id, run.token, from_shutdown))

    def note(self) -> dict[str, Any]:
        """Say how this worker is, for whoever asks about its health; called from the heartbeat's thread too."""
        return {
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "startedAt": self.started_at,
            "running": len(self._running),
            "capacity": self.settings.max_concurrency,
            "leftovers": self._running.leftovers,
            "done": self.done,
            "wake": self._waker.mode,
            "memory": resident_memory(),
            "names": sorted(self.registry.names()),
        }

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
