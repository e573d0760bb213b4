"""Run handlers in child processes, which can be killed."""

from __future__ import annotations

from functools import partial
from typing import Any

from memshelf import attempt
from memshelf.attempt import Stage
from memshelf.children.child import Child, Lost
from memshelf.children.pool import Pool
from memshelf.executor import interrupted
from memshelf.job import Job
from memshelf.logs import get
from memshelf.outcome import Failed, Fault, HandedBack, Outcome, Postponed
from memshelf.reading import read_payload
from memshelf.running import Run
from memshelf.tell import names


class InChild:
    """Gives each job to a child process, which judges it too; one that does not end when it is asked is killed."""

    def __init__(self, stage: Stage, pool: Pool, patience: float) -> None:
        self.patience = patience
        self._stage = stage
        self._pool = pool
        self._at_work: dict[Run, Child] = {}
        self._log = get("memshelf.worker").bind(worker=stage.worker)

    async def run(self, run: Run) -> Outcome:
        """Have a child process judge a job and run its handler."""
        job_type = run.registered.type
        run.job = Job[Any](run.record, partial(read_payload, job_type))
        outcome = await self._in_some_child(run)
        run.interruption.over = True
        reason = run.interruption.reason
        return outcome if reason is None else interrupted(reason, job_type.timeout, outcome)

    def ask(self, run: Run) -> None:
        """Have the child set `context.stopping`, and cancel a coroutine; a job that waits for a child waits no more."""
        child = self._at_work.get(run)
        if child is not None and run.interruption.reason is not None:
            child.ask(run.interruption.reason)
        elif run.task is not None:
            run.task.cancel()

    def kill(self, run: Run) -> bool:
        """Kill the child."""
        child = self._at_work.get(run)
        if child is not None:
            self._log.warning("child.killed", pid=child.pid, **names(run.record), reason=run.interruption.reason)
            child.kill()
        return True

    async def _found(self, run: Run) -> Child:
        """Give an idle child, or start one, which is no part of the attempt: its deadline is set anew then."""
        if self._pool.idle:
            return await self._pool.take()
        self._stage.hold(run, False)
        child = await self._pool.take()
        try:
            await attempt.restart(run, self._stage.store)
        except BaseException:
            self._pool.give_back(child)
            raise
        self._stage.hold(run, True)
        return child

    async def _in_some_child(self, run: Run) -> Outcome:
        """Find a child; one that ran other jobs before may end by what they left, and then the job is not to blame."""
        limited = False
        while True:
            try:
                child = await self._found(run)
            except Lost as error:
                self._log.error("child.unstartable", **names(run.record), error=str(error))
                return Postponed(f"no child process could be started: {error}")
            self._at_work[run] = child
            if not limited:
                self._stage.limit(run)
                limited = True
            try:
                return await child.run(run.raw, self._stage.now(), partial(self._stage.began, run))
            except Lost as error:
                if run.interruption.reason is not None:
                    return HandedBack()
                self._log.warning("child.crashed", pid=child.pid, **names(run.record), error=str(error))
                if child.began or child.jobs == 1:
                    return Failed(Fault("ProcessCrashed", f"the handler's process {error}"), "crash")
            finally:
                del self._at_work[run]
                self._pool.give_back(child)
