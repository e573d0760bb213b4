"""Everything at once, as chance has it: workers are killed, frozen, stopped and cut off, and the server is killed."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field

from memshelf.devserver import DevServer
from tests.faults.conftest import FULL, MINUTES
from tests.faults.producing import producing
from tests.faults.proxy import Command, Fate, Proxy
from tests.faults.trial import Trial
from tests.runtime.processes import WorkerProcess

WORKERS = 4
SHORT = 3
"""How many faults the short form has."""


@dataclass
class Mix:
    """A trial whose workers have a network of their own each."""

    trial: Trial
    server: DevServer
    stack: ExitStack
    networks: dict[int, Proxy] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)

    def fill_up(self) -> None:
        """Have so many workers that are well, whatever became of others."""
        while len([worker for worker in self.trial.living if worker.pid not in self.trial.harmed]) < WORKERS:
            proxy = self.stack.enter_context(Proxy(self.server.url))
            worker = self.trial.worker(url=proxy.url)
            self.networks[worker.pid] = proxy
            worker.wait_until_started()

    def anybody(self) -> WorkerProcess:
        """Give a worker that chance decides on, harmed before or not."""
        return self.trial.rng.choice(self.trial.living)

    def go_on(self, least: int = 5, most: int = 60) -> None:
        """Wait until handlers of whatever worker have begun some more jobs."""
        self.trial.wait_for_journal(self.trial.journal.count("begin") + self.trial.rng.randint(least, most))

    def kill(self) -> None:
        self.trial.kill(self.anybody())

    def freeze(self) -> None:
        victim = self.anybody()
        self.trial.freeze(victim)
        self.go_on()
        victim.signal(signal.SIGCONT)

    def stop(self) -> None:
        victim = self.anybody()
        victim.signal(signal.SIGTERM)
        self.trial.assert_ended_well(victim)

    def cut(self) -> None:
        self._break(lambda proxy: proxy.cut())

    def swallow(self) -> None:
        """Break one direction, or both."""
        up, down = self.trial.rng.choice([(False, True), (True, False), (False, False)])

        def swallow(proxy: Proxy) -> None:
            proxy.up_open, proxy.down_open = up, down

        self._break(swallow)

    def blink(self) -> None:
        self.networks[self.anybody().pid].break_connections()
        self.trial.server_harmed = True

    def lose_replies(self) -> None:
        """For a while every twentieth call of one worker is lost in one of four ways."""
        proxy = self.networks[self.anybody().pid]
        fates: tuple[Fate, ...] = ("lose before", "lose after", "half")

        def rule(command: Command) -> Fate:
            return self.trial.rng.choice(fates) if command.on_jobs and self.trial.rng.random() < 0.05 else "pass"

        self.trial.server_harmed = True
        proxy.rule = rule
        self.go_on()
        proxy.mend()

    def restart_server(self) -> None:
        self.trial.server_harmed = True
        self.server.kill()
        self.server.restart()

    def _break(self, how: Callable[[Proxy], None]) -> None:
        victim = self.anybody()
        self.trial.harmed.add(victim.pid)
        how(self.networks[victim.pid])
        self.go_on()
        self.networks[victim.pid].mend()


FAULTS: tuple[Callable[[Mix], None], ...] = (
    *(Mix.kill, Mix.freeze, Mix.stop, Mix.cut, Mix.swallow, Mix.blink, Mix.lose_replies, Mix.restart_server),
)


def test_whatever_happens_in_whatever_order_the_promises_hold(own_trial: Trial, server: DevServer) -> None:
    """Three faults, or as many as fit into the minutes that the full form is given."""
    with ExitStack() as stack:
        mix = Mix(own_trial, server, stack)
        mix.fill_up()
        with producing(own_trial, producers=2):
            end = time.monotonic() + MINUTES * 60
            while time.monotonic() < end if FULL else len(mix.done) < SHORT:
                fault = own_trial.rng.choice(FAULTS)
                mix.done.append(fault.__name__)
                fault(mix)
                mix.fill_up()
                mix.go_on()
        own_trial.finish()
