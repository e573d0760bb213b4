"""Workers that are killed and frozen, again and again, at moments that chance decides."""

from __future__ import annotations

import signal
from collections import Counter

import pytest

from tests.faults.app.catalog import ACT, CAREFUL, THREAD
from tests.faults.trial import Trial


def test_workers_killed_at_random_moments(trial: Trial, scale: int) -> None:
    """SIGKILL one of three, start another, and again; half of the jobs run in threads."""
    kills = 3 * scale - 1
    for job in (ACT, THREAD):
        trial.queue(*[[f"sleep {trial.rng.uniform(0.0, 0.2):.3f}"] for _ in range(60 * scale)], job=job)
    trial.queue(*[["fail", "snooze 50ms", "succeed"] for _ in range(10)])
    for _ in range(3):
        trial.worker()
    for kill in range(kills):
        trial.wait_for_journal(10 + kill * 30 + trial.rng.randrange(20))
        trial.kill(trial.rng.choice(trial.living))
        trial.worker()
    trial.finish()


def test_a_killed_worker_repeats_only_what_was_at_work_where_each_outcome_is_written_at_once(
    trial: Trial, scale: int
) -> None:
    """SIGKILL in the first moment of a job: the one before it in the same slot is never repeated."""
    plays = [["memory", "succeed"] if number % 4 == 3 else ["succeed"] for number in range(4 * scale)]
    trial.queue(*plays, job=CAREFUL)
    while trial.unfinished():
        trial.worker(max_concurrency="1")
        trial.wait(lambda: trial.workers[-1].ended or not trial.unfinished())
    runs = Counter(line.job for line in trial.journal.lines() if line.what == "begin")
    crashed = Counter(line.job for line in trial.journal.lines() if line.what == "crash")
    assert len(crashed) == scale
    assert runs == {job: 1 + crashed[job] for job in trial.queued}
    trial.finish()


def test_a_frozen_worker_is_fenced_told_and_harmless(trial: Trial, scale: int) -> None:
    """SIGSTOP for longer than the lease, while another worker runs its jobs again; then SIGCONT."""
    for _ in range(scale):
        freeze_one(trial, jobs=5)
    trial.finish()


def freeze_one(trial: Trial, *, jobs: int) -> None:
    zombie = trial.worker()
    zombie.wait_until_started()
    told = trial.journal.count("told")
    ids = set(trial.queue(*[["sleep 60", "sleep 0.05"] for _ in range(jobs)]))
    trial.wait(lambda: {line.job for line in trial.journal.lines()} >= ids)
    trial.freeze(zombie)
    heir = trial.worker()
    trial.wait_until_finished()
    zombie.signal(signal.SIGCONT)
    trial.wait_for_journal(told + jobs, what="told")
    trial.wait(lambda: zombie.log.read_text().count('"job.lease_lost"') == jobs)
    trial.kill(heir)
    again = trial.queue(*[["succeed"] for _ in range(jobs)])
    trial.wait_until_finished()
    assert {line.pid for line in trial.journal.lines() if line.job in again} == {zombie.pid}
    zombie.signal(signal.SIGTERM)
    assert zombie.wait() == 0


@pytest.mark.full
def test_a_zombie_that_finishes_after_its_job_was_done_elsewhere_changes_nothing(trial: Trial) -> None:
    """It was frozen so late that its handler returns before its first heartbeat can tell it anything."""
    zombie = trial.worker()
    zombie.wait_until_started()
    trial.queue(*[["block 0.1; sleep 0.001"] for _ in range(5)])
    trial.wait_for_journal(1)
    trial.freeze(zombie)
    trial.worker()
    trial.wait_until_finished()
    before = list(trial.jobs.find({}))
    zombie.signal(signal.SIGCONT)
    zombie.signal(signal.SIGTERM)
    assert zombie.wait() == 0
    assert list(trial.jobs.find({})) == before
    trial.finish()
