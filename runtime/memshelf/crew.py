"""The jobs of one worker at work: each is held, run, settled and recorded here."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import deque
from collections.abc import Callable
from typing import Any

import svcs
from pymongo.errors import PyMongoError

from memshelf import attempt
from memshelf.claimer import Undecodable, decode
from memshelf.errors import Problem
from memshelf.events import Listeners
from memshelf.executor import Interruption, Reason, fault, is_coroutine_handler
from memshelf.flows.record import Entry, restart
from memshelf.heartbeat import Heartbeat
from memshelf.job import Job
from memshelf.jobtype import JobType
from memshelf.mongo import AsyncStore
from memshelf.options import JobId
from memshelf.outcome import Failed, HandedBack, Outcome, Rejected
from memshelf.recorder import Recorder
from memshelf.registry import Registered, Registry
from memshelf.retry import RetryPolicy
from memshelf.running import Run, Running
from memshelf.settings import Settings
from memshelf.settle import Settlement, settle
from memshelf.tell import Teller, names
from memshelf.threads import Threads

ALONE_AFTER_LOSSES = 2
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
        on_free: Callable[[], None],
        rng: random.Random,
    ) -> None:
        self.running = Running()
        self.started = 0
        """How many attempts were begun here."""
        self.done = 0
        """How many attempts have ended here."""
        self._store = store
        self._registry = registry
        self._worker = worker
        self._on_free = on_free
        self._rng = rng
        self._alone: deque[bytes] = deque()
        self._lone: asyncio.Task[None] | None = None
        self._tasks: dict[asyncio.Task[None], Run] = {}
        self._settled: dict[tuple[JobId, str], tuple[Job[Any], Settlement]] = {}
        self._threads = Threads()
        self._services = svcs.Registry()
        if registry.services is not None:
            registry.services(self._services)
        loop = asyncio.get_running_loop()

        def interrupt_later(reason: Reason) -> Callable[[JobId, str], None]:
            return lambda job_id, token: _silent(loop.call_soon_threadsafe(self._interrupt, reason, job_id, token))

        self._heartbeat = Heartbeat(
            settings,
            worker,
            on_lost=interrupt_later("lease lost"),
            on_cancel=interrupt_later("cancelled"),
            note=note,
        )
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
        """Whether a job is at work here or waits for its turn alone."""
        return bool(self._tasks or self._alone or self.running.leftovers)

    @property
    def taken_by_one(self) -> bool:
        """Whether a job that must run alone is at work or waits for that; nothing else may start meanwhile."""
        return bool(self._alone or self._lone)

    def start_alone(self) -> bool:
        """Start the next job that must run alone, if nothing else could be lost with it; tell whether it was started.

        Handlers that nobody can stop are no hindrance: their jobs are settled, and they might never end.
        """
        if self.running.at_work or not self._alone:
            return False
        self._lone = self._start(self._alone.popleft(), alone=True)
        return True

    def start(self, raw: bytes) -> None:
        """Hold the job's lease from this moment, and run it; one that lost its worker twice runs alone, later."""
        self._start(raw, alone=False)

    def keep_for_later(self, raw: bytes) -> None:
        """Hold the lease of a job that will not be started here any more, until `end` gives it back."""
        run, _, _ = self._admit(raw)
        self._heartbeat.hold(run.record.id, run.token, capped=False)
        self._alone.append(raw)

    async def end(self, grace: float, hurry: asyncio.Event) -> None:
        """Let jobs end within the grace period, then interrupt them, and give back what is unfinished.

        Handlers in threads go on until the process leaves, so their jobs are given back last.
        """
        if self._tasks:
            await self._wait_for_tasks(grace, hurry)
        for raw in self._alone:
            run, job, _ = self._admit(raw)
            self._settle(run, job, RetryPolicy(), HandedBack())
        for in_threads in (False, True):
            ending = [task for task, run in self._tasks.items() if run.in_thread == in_threads]
            self.running.interrupt_all("shutdown", in_threads=in_threads)
            if ending:
                await asyncio.wait(ending)
            await self._flush()

    async def _wait_for_tasks(self, grace: float, hurry: asyncio.Event) -> None:
        ended = asyncio.ensure_future(asyncio.wait(set(self._tasks)))
        hurried = asyncio.create_task(hurry.wait())
        await asyncio.wait({ended, hurried}, timeout=grace, return_when=asyncio.FIRST_COMPLETED)
        for each in (ended, hurried):
            each.cancel()

    async def _flush(self) -> None:
        try:
            async with asyncio.timeout(LAST_WRITES):
                await self._recorder.flush()
        except TimeoutError:
            self._teller.log.error("worker.unrecorded", jobs=[str(job_id) for job_id, _ in self._settled])

    async def close(self) -> None:
        """Let go of the threads, the services and the heartbeat."""
        await asyncio.wait({self._threads.submit(self._heartbeat.stop)}, timeout=LAST_BEAT)
        self._threads.close()
        await attempt.close(self._services)

    def _start(self, raw: bytes, *, alone: bool) -> asyncio.Task[None] | None:
        run, job, wrong = self._admit(raw)
        waits = run.record.lost >= ALONE_AFTER_LOSSES and not alone
        self._heartbeat.hold(run.record.id, run.token, capped=not waits)
        if waits:
            self._alone.append(raw)
            return None
        if run.record.interrupted >= HANDED_BACK_TOO_OFTEN:
            self._teller.log.warning("job.interrupted_often", **names(run.record), interrupted=run.record.interrupted)
        self.running.add(run)
        self.started += 1
        task = asyncio.create_task(self._run(run, job, wrong, alone=alone))
        self._tasks[task] = run
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        run = self._tasks.pop(task)
        if task is self._lone:
            self._lone = None
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        if error is not None and run in self.running:
            kept = fault(error)
            self._teller.log.error("job.broken", **names(run.record), error=kept.type, traceback=kept.traceback)
            self._settle(run, Job[Any](run.record, lambda data: data), RetryPolicy(), Failed(kept))
        self._on_free()

    def _admit(self, raw: bytes) -> tuple[Run, Job[Any], str | None]:
        try:
            record, wrong = attempt.read_record(decode(raw))
        except Undecodable as error:
            record, wrong = attempt.read_record(error.document)[0], str(error)
        entry = self._registry.find(record.name)
        run = Run(
            record,
            entry.type.name if entry else record.name,
            Interruption(),
            record.lease or "",
            in_thread=entry is not None and not is_coroutine_handler(entry.handler),
        )
        return run, Job[Any](record, lambda data: data), wrong

    async def _run(self, run: Run, job: Job[Any], wrong: str | None, *, alone: bool) -> None:
        entry = self._registry.find(run.record.name)
        if wrong is not None or entry is None:
            text = wrong or f"no job is called {run.record.name!r} here"
            self._settle(run, job, RetryPolicy(), Rejected([Problem("document", text)], "undecodable"))
            return
        admitted = attempt.admit(run.record, entry.type, self._store.clock.now())
        if admitted.refused is not None:
            self._settle(run, admitted.job, entry.type.retries, admitted.refused)
            return
        if alone:
            with contextlib.suppress(PyMongoError):  # Then the lease ends a little earlier; the attempt may still fit.
                await self._store.run(restart(run.record.id, run.token, entry.type.timeout))
        self._teller.tell("started", admitted.job)
        await self._perform(run, entry, admitted.job)

    async def _perform(self, run: Run, entry: Registered[Any], job: Job[Any]) -> None:
        ending = await attempt.run(
            entry,
            job,
            worker=self._worker,
            services=self._services,
            interruption=run.interruption,
            threads=self._threads,
        )
        if ending.leftover is not None:
            self._leave(run, ending.leftover, entry.type)
        self._settle(run, job, entry.type.retries, ending.outcome)

    def _leave(self, run: Run, leftover: asyncio.Future[Outcome], job_type: JobType[Any]) -> None:
        """Keep the slot of a handler that nothing can stop until it ends by itself."""

        def left(_: asyncio.Future[Outcome]) -> None:
            self.running.left(run)
            self._on_free()

        self.running.leave(run)
        leftover.add_done_callback(left)
        self._teller.log.warning("job.unstoppable", **names(run.record), timeout=str(job_type.timeout))

    def _settle(self, run: Run, job: Job[Any], retries: RetryPolicy, outcome: Outcome) -> None:
        """Decide, and hand to the recorder; the lease is held until the outcome is written."""
        settlement = settle(outcome, run.record, retries, self._rng)
        self._heartbeat.hold(run.record.id, run.token, capped=False)
        self._settled[run.record.id, run.token] = (job, settlement)
        self._recorder.put(Entry(run.record.id, run.token, settlement))
        self.running.discard(run)
        self.done += 1

    def _recorded(self, entry: Entry, ours: bool) -> None:
        job, settlement = self._settled.pop((entry.id, entry.token))
        self._heartbeat.release(entry.id, entry.token)
        if not ours:
            self._teller.tell("lease lost", job)
            return
        self._teller.settled(job, settlement)

    def _interrupt(self, reason: Reason, job_id: JobId, token: str) -> None:
        if reason == "lease lost":
            self._heartbeat.release(job_id, token)
        self.running.interrupt(reason, job_id, token)


def _silent(_: asyncio.Handle) -> None:
    """Drop what scheduling a call gives."""
