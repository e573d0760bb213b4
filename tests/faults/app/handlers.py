"""The handlers of the fault suite: each run does what its payload says, and says what it did in the journal.

A run is a text of steps such as `sleep 0.2; fail`; a run without a step that ends it returns.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

import svcs

from memshelf import Context, Discard, Job, Snooze
from tests.faults.app.models import ActPayload
from tests.faults.journal import Journal


@dataclass(frozen=True, slots=True)
class Stamp:
    """A service that says in which process it was made."""

    pid: int


def register(services: svcs.Registry) -> None:
    """Offer the services."""
    services.register_factory(Stamp, lambda: Stamp(os.getpid()))


CRASHES = ("exit", "segfault", "memory")
HALF_AN_HOUR = 1800.0
"""Seconds that no machine is slow by; wrong clocks are wrong by more."""


async def act(job: Job[ActPayload], context: Context) -> None:
    """Play in a coroutine."""
    journal = Journal.from_environment()
    for step in begin(journal, job):
        word, _, rest = step.partition(" ")
        match word:
            case "sleep":
                await told_if_cancelled(journal, job, float(rest))
            case "deaf":
                await deaf(float(rest))
            case "count":
                await count(context, float(rest))
            case _:
                play(journal, job, context, word, rest)
    journal.write("end", job)


async def count(context: Context, seconds: float) -> None:
    """Sleep, and hold what the context tells of time against clocks that are right."""
    before = context.remaining
    await asyncio.sleep(seconds)
    after = context.remaining
    assert before is not None
    assert after is not None
    assert before - HALF_AN_HOUR < after <= before - seconds
    assert context.deadline is not None
    left = context.deadline.timestamp() - time.clock_gettime(time.CLOCK_REALTIME)
    assert abs(left - after) < HALF_AN_HOUR


def act_in_thread(job: Job[ActPayload], context: Context) -> None:
    """Play in a thread."""
    journal = Journal.from_environment()
    for step in begin(journal, job):
        word, _, rest = step.partition(" ")
        if word == "sleep":
            time.sleep(float(rest))
        else:
            play(journal, job, context, word, rest)
    journal.write("end", job)


def begin(journal: Journal, job: Job[ActPayload]) -> list[str]:
    """Say that a run begins; give its steps."""
    earlier = journal.begin(job)
    runs = job.payload.runs
    return [step for step in runs[min(earlier, len(runs) - 1)].split("; ") if step != "succeed"]


def play(journal: Journal, job: Job[ActPayload], context: Context, word: str, rest: str) -> None:
    """Do one step that is the same for coroutine functions and plain ones."""
    match word:
        case "fail":
            raise RuntimeError("as the payload says")
        case "snooze":
            journal.write("snooze", job)
            raise Snooze(rest)
        case "discard":
            raise Discard("as the payload says")
        case "block":
            time.sleep(float(rest))
        case "look":
            context.log.info("acted", stamp=context.get(Stamp).pid, remaining=context.remaining)
        case "spawn":
            subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        case "until-asked":
            while not context.stopping:
                time.sleep(0.02)
            journal.write("told", job)
        case "block-until":
            while not os.path.exists(rest):
                time.sleep(0.05)
        case _ if word in CRASHES:
            journal.write("crash", job)
            crash(word)
        case _:
            raise AssertionError(f"no such step: {word}")


def crash(word: str) -> None:
    """End the process in the worst ways."""
    match word:
        case "exit":
            os._exit(1)
        case "segfault":
            ctypes.string_at(0)
        case "memory":  # As the kernel does when memory is short.
            os.kill(os.getpid(), signal.SIGKILL)


async def told_if_cancelled(journal: Journal, job: Job[ActPayload], seconds: float) -> None:
    """Sleep; say so if the sleep was cancelled."""
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        journal.write("told", job)
        raise


async def deaf(seconds: float) -> None:
    """Sleep, whatever is wished."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(left)
