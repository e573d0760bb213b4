"""Machines whose clocks are wrong by an hour, or step while they work: time is the server's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from memshelf.mongo import Store
from tests.faults import wrongclock
from tests.faults.trial import Trial
from tests.runtime.processes import ROOT, WorkerProcess

HOUR = 3600.0
PRODUCE = """
import datetime, json, os, sys
from tests.faults.wrongclock import spoil
spoil()
from tests.faults.app.catalog import ACT
from tests.faults.app.queues import JobQueue
with JobQueue.connect() as queue:
    queue.schedule(ACT, "in 2s", {"runs": ["succeed"]}, id=sys.argv[1] + "-soon")
    queue.schedule(ACT, "in 1h", {"runs": ["succeed"]}, id=sys.argv[1] + "-later")
    queue.queue(ACT, {"runs": ["fail", "succeed"]}, id=sys.argv[1] + "-now")
"""


class Clock:
    """The file that says by how much a process is wrong."""

    def __init__(self, path: Path, error: float) -> None:
        self.path = path
        self.step(error)

    def step(self, error: float) -> None:
        """Change it, in one write."""
        fresh = self.path.with_suffix(".new")
        fresh.write_text(str(error))
        fresh.rename(self.path)


def worker(trial: Trial, clock: Clock) -> WorkerProcess:
    return trial.worker(program=wrongclock.PROGRAM, others={wrongclock.VARIABLE: str(clock.path)})


def produce(trial: Trial, clock: Clock, prefix: str) -> None:
    """Queue from a process whose clock is wrong: one job for now, one for soon, one for an hour from now."""
    settings = trial.environment(trial.url)
    subprocess.run(
        [sys.executable, "-c", PRODUCE, prefix],
        cwd=ROOT,
        env={**settings, wrongclock.VARIABLE: str(clock.path)},
        check=True,
        timeout=60,
    )
    for name, runs in {"now": ["fail", "succeed"], "soon": ["succeed"], "later": ["succeed"]}.items():
        trial.queued[f"{prefix}-{name}"] = {"runs": runs}
        trial.acknowledged.add(f"{prefix}-{name}")


@pytest.mark.parametrize(
    "step", [pytest.param(0.0, marks=pytest.mark.full, id="steady"), pytest.param(HOUR, id="stepping")]
)
def test_nothing_runs_early_or_an_hour_late_and_no_lease_is_stolen(trial: Trial, tmp_path: Path, step: float) -> None:
    """Two workers an hour apart in either direction, whose clocks step by another hour while jobs run."""
    ahead, behind = Clock(tmp_path / "ahead", HOUR), Clock(tmp_path / "behind", -HOUR)
    for clock in (ahead, behind):
        worker(trial, clock).wait_until_started()
    ids = set(trial.queue(*[["count 3"] for _ in range(20)]))
    produce(trial, ahead, "ahead")
    produce(trial, behind, "behind")
    trial.wait(lambda: {line.job for line in trial.journal.lines()} >= ids)
    ahead.step(HOUR - step)
    behind.step(step - HOUR)
    trial.wait(lambda: trial.unfinished() == 2)
    waiting = {document["_id"]: document["runAt"] for document in trial.jobs.find({"state": "ready"})}
    assert waiting.keys() == {"ahead-later", "behind-later"}
    now = Store(trial.settings(trial.url)).now()
    assert all(0 < (due - now).total_seconds() <= HOUR for due in waiting.values())
    begun = {line.job: line.at for line in trial.journal.lines() if line.what == "begin"}
    for document in trial.jobs.find({"_id": {"$in": ["ahead-soon", "behind-soon"]}}):
        assert begun[document["_id"]] >= document["runAt"].timestamp()
    assert trial.jobs.count_documents({"lost": {"$gt": 0}}) == 0
    assert [stored.get("errors") for stored in trial.jobs.find({"_id": {"$in": sorted(ids)}})] == [None] * 20
    trial.jobs.update_many({"state": "ready"}, {"$set": {"runAt": now}})
    trial.finish()
