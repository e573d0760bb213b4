"""Schedules that tick every second or two while workers are killed, stopped, cut off, or wrong about the time."""

from __future__ import annotations

import signal
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from memshelf.devserver import DevServer
from memshelf.mongo import Store
from tests.faults import dying, wrongclock
from tests.faults.app.catalog import ACT
from tests.faults.test_wrong_clocks import Clock
from tests.faults.trial import Trial

SECOND = timedelta(seconds=1)
HOUR = 3600.0
PAYLOAD = {"runs": ["succeed"]}


def schedule(trial: Trial, rhythm: str, *, misfire: Any = "all", key: str = "a") -> datetime:
    """Put a schedule; give its first tick."""
    first = trial._producer.every(ACT, rhythm, PAYLOAD, key=key, misfire=misfire).next_tick
    assert first is not None
    return first


def made(trial: Trial, key: str = "a") -> list[datetime]:
    """Give the ticks that have made jobs; a second job of one tick would be a second document or a second id."""
    found = [each for each in trial.jobs.find({}, {"_id": 1}) if each["_id"].startswith(f"act:{key}@")]
    return sorted(datetime.fromisoformat(each["_id"].partition("@")[2].replace("Z", "+00:00")) for each in found)


def ends(trial: Trial) -> Counter[str]:
    return Counter(line.job for line in trial.journal.lines() if line.what == "end")


def assert_each_tick_made_one_job(trial: Trial, first: datetime, every: timedelta = SECOND) -> None:
    ticks = made(trial)
    assert ticks == [first + count * every for count in range(len(ticks))], trial.told()


def test_workers_that_are_killed_and_stopped_leave_no_gap_and_no_double(trial: Trial, scale: int) -> None:
    """Four workers; one is killed, one is stopped for some ticks and goes on, and one takes their place."""
    first = schedule(trial, "* * * * * *")
    workers = [trial.worker() for _ in range(4)]
    for each in workers:
        each.wait_until_started()
    trial.wait(lambda: len(made(trial)) >= 2 * scale)
    trial.freeze(workers[0])
    trial.kill(workers[1])
    trial.worker()
    trial.wait(lambda: len(made(trial)) >= 5 * scale)
    workers[0].signal(signal.SIGCONT)
    trial.wait(lambda: len(made(trial)) >= 8 * scale)
    assert_each_tick_made_one_job(trial, first)
    trial.wait(lambda: len(ends(trial)) >= 7 * scale)
    assert set(ends(trial).values()) == {1}


def test_a_worker_killed_between_the_two_writes_of_a_tick_leaves_one_job(trial: Trial) -> None:
    first = schedule(trial, "every 2 seconds")
    for _ in range(2):
        doomed = trial.worker(program=dying.PROGRAM)
        doomed.wait()
        trial.harmed.add(doomed.pid)
    assert len(made(trial)) >= 1
    trial.worker().wait_until_started()
    trial.wait(lambda: len(ends(trial)) >= 3)
    assert_each_tick_made_one_job(trial, first, 2 * SECOND)
    assert set(ends(trial).values()) == {1}


def test_ticks_of_an_outage_are_made_up_for(own_trial: Trial, server: DevServer) -> None:
    """SIGKILL `mongod` for some ticks: all of them are there afterwards, since none is a minute late."""
    trial = own_trial
    first = schedule(trial, "* * * * * *", misfire="skip")
    for _ in range(2):
        trial.worker().wait_until_started()
    trial.wait(lambda: len(made(trial)) >= 2)
    server.kill()
    down = time.time()
    while time.time() < down + 3:
        time.sleep(0.05)
    server.restart()
    trial.wait(lambda: len(made(trial)) >= 8)
    assert_each_tick_made_one_job(trial, first)


def test_clocks_an_hour_wrong_in_either_direction_make_no_tick_early_or_late(trial: Trial, tmp_path: Path) -> None:
    """The workers' clocks also step by two hours meanwhile."""
    first = schedule(trial, "* * * * * *")
    later = schedule(trial, "every 30 minutes", key="later")
    clocks = [Clock(tmp_path / name, error) for name, error in (("ahead", HOUR), ("behind", -HOUR))]
    for clock in clocks:
        others = {wrongclock.VARIABLE: str(clock.path)}
        trial.worker(program=wrongclock.PROGRAM, others=others).wait_until_started()
    trial.wait(lambda: len(made(trial)) >= 3)
    clocks[0].step(-HOUR)
    clocks[1].step(HOUR)
    trial.wait(lambda: len(made(trial)) >= 6)
    assert_each_tick_made_one_job(trial, first)
    now = Store(trial.settings(trial.url)).now()
    assert all(each <= now + SECOND for each in made(trial))
    assert (made(trial, "later"), later > now) == ([], True)
    assert all(each["startedAt"] >= each["runAt"] for each in trial.jobs.find({"startedAt": {"$exists": True}}))


@pytest.mark.full
def test_a_long_stop_of_all_workers_makes_one_job_by_the_default_rule(trial: Trial) -> None:
    """They are stopped for more than a minute, as a machine that sleeps is."""
    first = schedule(trial, "every 2 seconds", misfire="once")
    workers = [trial.worker() for _ in range(2)]
    for each in workers:
        each.wait_until_started()
        trial.wait(lambda: bool(made(trial)))
        trial.freeze(each)
    asleep = datetime.now(UTC)
    while datetime.now(UTC) < asleep + 75 * SECOND:
        time.sleep(0.5)
    for each in workers:
        each.signal(signal.SIGCONT)
    trial.wait(lambda: made(trial)[-1] > asleep + 75 * SECOND)
    ticks = made(trial)
    gaps = [later - earlier for earlier, later in pairwise(ticks) if later - earlier != 2 * SECOND]
    assert (ticks[0], len(gaps)) == (first, 1)
    assert 4 * SECOND < gaps[0] < 20 * SECOND
