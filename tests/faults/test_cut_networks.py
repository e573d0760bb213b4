"""Networks that break between workers and the server: a proxy cuts, swallows, delays, and loses single replies."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest

from tests.faults.proxy import Command, Fate, Proxy, Rule
from tests.faults.trial import Trial


@pytest.fixture
def proxy(mongo_url: str) -> Iterator[Proxy]:
    """Give a proxy in front of the session's server."""
    with Proxy(mongo_url) as opened:
        yield opened


def losing(names: set[str], fates: list[Fate], chance: float, rng: random.Random) -> Rule:
    """Give the rule that loses some of the commands on jobs that have one of these names."""

    def rule(command: Command) -> Fate:
        return rng.choice(fates) if command.on_jobs and command.name in names and rng.random() < chance else "pass"

    return rule


EVERYTHING = {"findAndModify", "find", "update", "aggregate", "getMore", "distinct", "insert"}


@pytest.mark.parametrize(
    "calls",
    [
        pytest.param({"findAndModify", "find"}, marks=pytest.mark.full, id="claims"),
        pytest.param({"update"}, marks=pytest.mark.full, id="claims and records"),
        pytest.param(EVERYTHING, id="everything"),
    ],
)
def test_replies_that_are_lost_double_and_lose_nothing(trial: Trial, proxy: Proxy, calls: set[str], scale: int) -> None:
    """A tenth of the calls is lost: before the server has it, after it has done it, or in the middle of its reply."""
    trial.server_harmed = True
    workers = [trial.worker(url=proxy.url) for _ in range(2)]
    proxy.rule = losing(calls, ["lose before", "lose after", "half"], 0.1, trial.rng)
    trial.queue(*[["sleep 0.02"] for _ in range(60 * scale)], *[["fail", "snooze 20ms", "succeed"] for _ in range(15)])
    trial.wait_until_finished()
    proxy.mend()
    assert proxy.fates
    trial.finish()
    assert not any("worker.broken" in worker.log.read_text() for worker in workers)


def cut(proxy: Proxy) -> None:
    proxy.cut()


def swallow_up(proxy: Proxy) -> None:
    proxy.up_open = False


def swallow_down(proxy: Proxy) -> None:
    proxy.down_open = False


def swallow_both(proxy: Proxy) -> None:
    proxy.up_open = proxy.down_open = False


@pytest.mark.full
@pytest.mark.parametrize("breaks", [cut, swallow_up, swallow_down, swallow_both], ids=lambda each: each.__name__)
def test_a_worker_cut_off_for_longer_than_its_lease_is_fenced_and_comes_back(
    trial: Trial, proxy: Proxy, breaks: Callable[[Proxy], None]
) -> None:
    """Its jobs go to another worker; when the network is back it is told, and takes new jobs."""
    lonely = trial.worker(url=proxy.url)
    lonely.wait_until_started()
    first = set(trial.queue(*[["sleep 60", "sleep 0.05"] for _ in range(5)]))
    trial.wait(lambda: {line.job for line in trial.journal.lines()} >= first)
    trial.harmed.add(lonely.pid)
    breaks(proxy)
    other = trial.worker()
    trial.wait_until_finished()
    proxy.mend()
    trial.wait_for_journal(5, what="told")
    trial.kill(other)
    second = set(trial.queue(*[["succeed"] for _ in range(5)]))
    trial.wait_until_finished()
    assert {line.pid for line in trial.journal.lines() if line.job in second} == {lonely.pid}
    trial.finish_blaming(lonely)


@pytest.mark.full
def test_a_slow_network_costs_no_lease(trial: Trial, proxy: Proxy, scale: int) -> None:
    """Every message takes a tenth of a second in each direction."""
    proxy.delay = 0.1
    trial.worker(url=proxy.url)
    trial.queue(*[["sleep 0.05"] for _ in range(30 * scale)], ["sleep 3"])
    trial.finish()


@pytest.mark.full
def test_a_shorter_cut_than_the_lease_is_nothing(trial: Trial, proxy: Proxy, scale: int) -> None:
    """The connections break while jobs run, begin and end; nobody rescues anything."""
    trial.server_harmed = True
    trial.worker(url=proxy.url)
    trial.worker()
    trial.queue(*[[f"sleep {trial.rng.uniform(0.0, 0.3):.2f}"] for _ in range(100 * scale)])
    for cuts in range(5 * scale):
        trial.wait_for_journal(10 + 15 * cuts)
        proxy.break_connections()
    trial.finish()
