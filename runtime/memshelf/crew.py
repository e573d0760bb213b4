"""The jobs of one worker at work: each is held, run, settled and recorded here."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Literal

import svcs

from memshelf import attempt
from memshelf.arrivals import Arrivals
from memshelf.claimer import Undecodable, decode
from memshelf.errors import Problem
from memshelf.events import Listeners
from memshelf.executor import Reason, fault, interrupted
from memshelf.flows.record import Entry, RuledEntry
from memshelf.heartbeat import Heartbeat
from memshelf.interrupter import Interrupter
from memshelf.job import Job
from memshelf.mongo import AsyncStore
from memshelf.options import JobId
from memshelf.outcome import Failed, HandedBack, Outcome, Rejected
from memshelf.recorder import Recorder
from memshelf.registry import Registry
from memshelf.retention import own_retentions
from memshelf.runners import Runners
from memshelf.running import Run, Running
from memshelf.settings import Settings
from memshelf.settle import settle
from memshelf.tell import Teller, names
from memshelf.threads import Threads

HANDED_BACK_TOO_OFTEN = 3
LAST_BEAT = 3.0
"""Seconds that the heartbeat's end is waited for; it goes on in its thread while the server is away."""
LAST_WRITES = 10.0
"""Seconds that the last outcomes may take to be written when the worker stops."""


class Crew:
    """Takes raw claimed documents; everything that follows, up to the written outcome, happens by itself."""

    def __init__(
        self,
        store: AsyncStore,
        registry: Registry,
        settings: Settings,
        worker: str,
        listeners: Listeners,
        *,
        note: Callable[[], dict[str, Any]],
        on_note: Callable[[Mapping[str, Any]], None],
        on_free: Callable[[], None],
        on_due: Callable[[], None],
        rng: random.Random,
    ) -> None:
        self.running = Running()
        self.done = 0
        """How many attempts have ended here."""
        self._store = store
        self._registry = registry
        self._on_free = on_free
        self._on_due = on_due
        self._rng = rng
        self.arrivals = Arrivals(self._start, on_free)
        """Jobs that were claimed and are about to start."""
        self._started = 0
        self._alone: deque[bytes] = deque()
        self._lone: Run | None = None
        self._tasks: dict[asyncio.Task[None], Run] = {}
        self._settled: dict[int, tuple[Entry, Run]] = {}  # By the identity of the entry.
        self._threads = Threads()
        self._services = svcs.Registry()
        if registry.services is not None:
            registry.services(self._services)
        stage = attempt.Stage(worker, self._services, store, self._hold, self._limit, self._began)
        self._runners = Runners(registry, settings, stage, self._threads)
        self._one_settled = asyncio.Event()
        self._loop = loop = asyncio.get_running_loop()

        def interrupt_later(reason: Reason) -> Callable[[JobId, str], object]:
            return lambda job_id, token: loop.call_soon_threadsafe(self._told, reason, job_id, token)

        self._interrupter = Interrupter(self.running, self._give_up, settings.lease)
        lost, cancelled = interrupt_later("lease lost"), interrupt_later("cancelled")
        self._heartbeat = Heartbeat(settings, worker, on_lost=lost, on_cancel=cancelled, note=note, on_note=on_note)
        self._keeps = own_retentions(settings.retention, registry.catalog)
        self._recorder = Recorder(store, settings.retention, self._recorded)
        self._teller = Teller(worker, listeners)

    async def record(self) -> None:
        """Write outcomes, until cancelled."""
        await self._recorder.run()

    async def beat(self) -> None:
        """Keep leases alive, until closed; what breaks the heartbeat's thread is raised here."""
        await self._threads.submit(self._heartbeat.run)

    @property
    def busy(self) -> bool:
        """Whether a job is at work here, waits for its turn alone, or has an outcome that is not written yet."""
        return bool(self._tasks or self.arrivals or self._alone or self._settled or self.running.leftovers)

    def note(self) -> dict[str, int]:
        """Say how much is at work here; may be called in any thread."""
        counts = {"running": len(self.running), "leftovers": self.running.leftovers, "done": self.done}
        return {**counts, "children": self._runners.children}

    @property
    def started(self) -> int:
        """How many attempts were begun here, or are about to begin."""
        return self._started + len(self.arrivals)

    @property
    def taken_by_one(self) -> bool:
        """Whether a job that must run alone is at work or waits for that; nothing else may start meanwhile."""
        return bool(self._alone or self._lone)

    def start_alone(self) -> bool:
        """Start the next job that must run alone, if nothing else could be lost with it; tell whether it was started.

        Handlers that nobody can stop are no hindrance: their jobs are settled, and they might never end.
        """
        if self.running.at_work or self._settled or not self._alone:
            return False
        self._lone = self._start(self._alone.popleft(), alone=True)
        return True

    def keep_for_later(self, raw: bytes) -> None:
        """Hold the lease of a job that will not be started here any more, until `end` gives it back."""
        run, _ = self._admit(raw)
        self._heartbeat.hold(run.record.id, run.token, capped=False)
        self._alone.append(raw)

    async def end(self, grace: float, hurry: asyncio.Event) -> None:
        """Let jobs end within the grace period, then interrupt them, and give back what is unfinished.

        Handlers in threads go on until the process leaves, so their jobs are given back last.
        """
        self.arrivals.start_all()
        await self._wait_for_jobs(grace, hurry)
        for raw in self._alone:
            self._settle(self._admit(raw)[0], HandedBack())
        for patient in (True, False):
            for run in self.running:
                if bool(run.runner.patience) == patient:
                    self._interrupter.interrupt(run, "shutdown")
            await self._settled_all(patient=patient)
            await self._flush()

    async def _wait_for_jobs(self, grace: float, hurry: asyncio.Event) -> None:
        waits = [asyncio.create_task(each) for each in (self._settled_all(), hurry.wait())]
        await asyncio.wait(waits, timeout=grace, return_when=asyncio.FIRST_COMPLETED)
        for each in waits:
            each.cancel()

    async def _settled_all(self, *, patient: bool | None = None) -> Literal[True]:
        """Wait until every run is settled, or every run of one kind."""
        while any(patient is None or bool(run.runner.patience) == patient for run in self.running):
            self._one_settled.clear()
            await self._one_settled.wait()
        return True

    async def _flush(self) -> None:
        try:
            async with asyncio.timeout(LAST_WRITES):
                await self._recorder.flush()
        except TimeoutError:
            self._teller.log.error("worker.unrecorded", jobs=[str(entry.id) for entry, _ in self._settled.values()])

    async def close(self) -> None:
        """Let go of the children, the threads, the services and the heartbeat."""
        await self._runners.close()
        await asyncio.wait({self._threads.submit(self._heartbeat.stop)}, timeout=LAST_BEAT)
        self._threads.close()
        await self._recorder.close()
        await attempt.close(self._services)

    def _start(self, raw: bytes, *, alone: bool = False) -> Run | None:
        """Hold the job's lease from this moment, and run it; one that was lost too often runs alone, later.

        Only one waits here for that, the others are given back: its crash would take them with it, and meanwhile other
        workers may run them.
        """
        run, wrong = self._admit(raw)
        waits = run.runs_alone and not alone
        if waits and self.taken_by_one:
            self._settle(run, HandedBack(begun=False))
            return None
        self._heartbeat.hold(run.record.id, run.token, capped=not waits)
        if waits:
            self._alone.append(raw)
            return None
        if run.record.interrupted >= HANDED_BACK_TOO_OFTEN:
            self._teller.log.warning("job.interrupted_often", **names(run.record), interrupted=run.record.interrupted)
        self.running.add(run)
        self._started += 1
        task = run.task = self._loop.create_task(self._run(run, wrong, alone=alone))
        self._tasks[task] = run
        task.add_done_callback(self._ended)
        return run

    def _ended(self, task: asyncio.Task[None]) -> None:
        run = self._tasks.pop(task)
        if run is self._lone:
            self._lone = None
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        if run.given_up:
            self.running.left(run)
        elif run in self.running:
            self._settle(run, self._broken(run, error))
        self._on_free()

    def _broken(self, run: Run, error: BaseException | None) -> Outcome:
        """Say how an attempt ended whose task did not say it."""
        if run.interruption.reason is not None:  # Before its handler began.
            return interrupted(run.interruption.reason, run.timeout, None)
        kept = fault(error or RuntimeError("the attempt ended without an outcome"))
        self._teller.log.error("job.broken", **names(run.record), error=kept.type, traceback=kept.traceback)
        return Failed(kept)

    def _admit(self, raw: bytes) -> tuple[Run, str | None]:
        try:
            record, wrong = attempt.read_record(decode(raw))
        except Undecodable as error:
            record, wrong = attempt.read_record(error.document)[0], str(error)
        entry = self._registry.find(record.name)
        job = Job[Any](record, lambda data: data)
        return Run(record, record.lease or "", entry, self._runners.of(entry), job, raw), wrong

    async def _run(self, run: Run, wrong: str | None, *, alone: bool) -> None:
        """Take a job from its admission to its settlement, in a task of its own."""
        entry = run.entry
        if wrong is not None or entry is None:
            text = wrong or f"no job is called {run.record.name!r} here"
            self._settle(run, Rejected([Problem("document", text)], "undecodable"))
            return
        if alone:
            await attempt.restart(run, self._store)
        if run.given_up:  # Before its handler began.
            return
        outcome = await run.runner.run(run)
        if not run.given_up:
            self._settle(run, outcome)

    def _hold(self, run: Run, capped: bool) -> None:
        self._heartbeat.hold(run.record.id, run.token, capped=capped)

    def _limit(self, run: Run) -> None:
        self._interrupter.limit(run, run.timeout)

    def _began(self, run: Run) -> None:
        self._teller.tell("started", run.job)

    def _give_up(self, run: Run, reason: Reason) -> None:
        """Settle a job whose handler does not end; its slot stays taken until the handler ends by itself."""
        self._settle(run, interrupted(reason, run.timeout, None))
        self.running.leave(run)
        self._teller.log.warning("job.unstoppable", **names(run.record), timeout=str(run.timeout))
        if run is self._lone:
            self._lone = None
            self._on_free()

    def _settle(self, run: Run, outcome: Outcome) -> None:
        """Decide, and hand to the recorder; the lease is held until the outcome is written."""
        entry = Entry(run.record.id, run.token, settle(outcome, run.record, run.retries, self._rng))
        if self._keeps and (keep := self._keeps.get(run.record.name)) is not None:
            entry = RuledEntry(entry.id, entry.token, entry.settlement, keep)
        self._heartbeat.hold(entry.id, entry.token, capped=False)
        self._settled[id(entry)] = (entry, run)
        self._recorder.put(entry, apart=run.writes_first)
        self.running.discard(run)
        if run.deadline is not None:
            run.deadline.cancel()
        self.done += 1
        self._one_settled.set()

    def _recorded(self, entry: Entry, ours: bool) -> None:
        _, run = self._settled.pop(id(entry))
        self._heartbeat.release(entry.id, entry.token)
        if run.writes_first:
            self.running.written(run)
        if run.writes_first or not self._settled:
            self._on_free()
        if not ours:
            self._teller.tell("lease lost", run.job)
            return
        self._teller.settled(run.job, entry.settlement)
        if entry.settlement.wait is not None:
            self._on_due()

    def _told(self, reason: Reason, job_id: JobId, token: str) -> None:
        """Hear from the heartbeat that a job was taken or cancelled."""
        if reason == "lease lost":
            self._heartbeat.release(job_id, token)
        if (run := self.running.find(job_id, token)) is not None:
            self._interrupter.interrupt(run, reason)
