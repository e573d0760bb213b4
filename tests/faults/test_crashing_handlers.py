"""Handlers that end the interpreter: each crash is counted as a loss, and it is the guilty job that dies of it."""

from __future__ import annotations

from collections import Counter

from tests.faults.app.catalog import ACT, FRAGILE
from tests.faults.app.handlers import CRASHES
from tests.faults.trial import Trial

ALONE_FROM = 2
"""Losses after which a job runs alone: no other loses more by its crashes."""


def test_a_job_that_crashes_its_worker_dies_and_its_neighbours_do_not(trial: Trial, scale: int) -> None:
    """A crash of each kind among neighbours; whenever a worker dies, another one is started, with a fresh job first.

    So the next worker takes many jobs at once, of which some must run alone: the guilty one, and all that it made
    suspect.
    """
    job, kinds = (FRAGILE, [trial.rng.choice(CRASHES)]) if scale == 1 else (ACT, CRASHES)
    for kind in kinds:
        guilty = trial.queue([f"sleep 0.05; {kind}"], job=job, end="dead")
        neighbours = trial.queue(*[["sleep 0.2"] for _ in range(20)], job=job)
        while trial.unfinished():
            if not trial.living:
                neighbours += trial.queue(["sleep 0.2"], job=job, priority=9)
                trial.worker(lease="1s", heartbeat_every="250ms")
            trial.wait(lambda: not trial.living or not trial.unfinished())
        crashes = [line.job for line in trial.journal.lines() if line.what == "crash" and line.job in guilty]
        assert crashes == guilty * (job.max_lost + 1)
        assert all(stored["lost"] <= ALONE_FROM for stored in trial.jobs.find({"_id": {"$in": neighbours}}))
    trial.finish()
    assert_ran_alone(trial)


def assert_ran_alone(trial: Trial) -> None:
    """From a job's second loss on, nothing else began in its process beside it, and nothing was lost with it."""
    lines = trial.journal.lines()
    losses = Counter[str]()
    for crash in (line for line in lines if line.what == "crash"):
        losses[crash.job] += 1
        if losses[crash.job] <= ALONE_FROM:
            continue
        ended = {line.token + line.job for line in lines if line.what == "end"}
        beside = {
            line.job
            for line in lines
            if line.pid == crash.pid and line.what == "begin" and line.token + line.job not in ended
        }
        assert beside == {crash.job}
