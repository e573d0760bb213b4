"""Where handlers run: what may be chosen, what they find there, and what is left when the worker has ended."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memshelf import Context, Discard, InputError, Job, Registered, Registry, Retry, Settings, Snooze, Worker
from memshelf.children.frames import JOB, OUTCOME, Splitter, frame
from memshelf.children.parcel import pack, unpack
from memshelf.errors import Problem
from memshelf.executor import outcome_of
from memshelf.flows.claim import Wanted, within_free_slots
from memshelf.jobtype import JobType
from memshelf.outcome import Failed, HandedBack, Outcome, Postponed, Rejected, Stopped, Succeeded
from tests.faults.app import registry as isolated
from tests.faults.app.catalog import ACT, ISOLATED, ISOLATED_PLAIN, OWN_LOOP
from tests.faults.app.queues import JobQueue
from tests.faults.journal import VARIABLE, Journal
from tests.runtime.processes import ROOT
from tests.runtime.working import drained, nothing


def plain(job: Job[Any], context: Context) -> None:
    """Do nothing."""


@pytest.mark.parametrize(
    ("wish", "handler", "place"),
    [
        (None, nothing, "loop"),
        (None, plain, "thread"),
        ("loop", nothing, "loop"),
        ("thread", nothing, "thread"),
        ("thread", plain, "thread"),
        ("process", nothing, "process"),
        ("process", plain, "process"),
    ],
)
def test_the_kind_of_function_decides_where_nothing_else_was_wished(wish: Any, handler: Any, place: str) -> None:
    assert Registered(replace(ACT, isolation=wish), handler).isolation == place


def test_a_plain_function_in_the_loop_is_refused_when_it_is_registered() -> None:
    with pytest.raises(
        InputError, match=r"act: x-job\.isolation: loop needs a handler that is `async def`, and tests\."
    ) as refused:
        Registered(replace(ACT, isolation="loop"), plain)
    assert "make it `async def`, or choose thread or process" in str(refused.value)


def test_a_registry_that_no_child_could_import_is_refused(settings: Settings) -> None:
    with pytest.raises(InputError, match=r"isolation: process needs a registry that a child process can import"):
        drained(settings, nothing, job=ISOLATED)


def test_coroutine_functions_in_threads_have_a_loop_of_their_own(settings: Settings) -> None:
    """What blocks one blocks no other, and they are cancelled like all coroutines."""
    together, loops = threading.Barrier(2, timeout=15), set[int]()

    async def handle(job: Job[Any], context: Context) -> None:
        loops.add(id(asyncio.get_running_loop()))
        await asyncio.sleep(0)
        together.wait()

    with JobQueue(settings=settings) as queue:
        queue.queue_many(OWN_LOOP, [{"runs": ["succeed"]}] * 2)
    ended: Counter[str] = Counter()
    drained(settings, handle, job=OWN_LOOP, on=lambda worker: worker.on("succeeded", lambda _: ended.update("s")))
    assert (ended["s"], len(loops)) == (2, 2)


def test_a_coroutine_in_a_thread_is_cancelled_at_its_deadline(settings: Settings) -> None:
    told = threading.Event()

    async def handle(job: Job[Any], context: Context) -> None:
        if job.attempts > 1:
            return
        try:
            await asyncio.sleep(600)
        finally:
            told.set()

    with JobQueue(settings=settings) as queue:
        queued = queue.queue(OWN_LOOP, {"runs": ["succeed"]})
    hasty = replace(OWN_LOOP, timeout=timedelta(milliseconds=100))
    assert drained(settings, handle, job=hasty) == 0
    assert told.is_set()
    with JobQueue(settings=settings) as queue:
        assert [(each.kind, each.type) for each in queue.get(queued.id).errors] == [("timeout", "TimeoutError")]


@pytest.fixture
def at_home(settings: Settings, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Journal:
    """Give the journal of handlers that run in children of this process."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "journal"))
    return Journal(tmp_path / "journal")


def test_a_child_is_used_again_and_nothing_is_left_of_it(
    settings: Settings, at_home: Journal, capfd: pytest.CaptureFixture[str]
) -> None:
    """Handlers in a child find their services, the log and their deadline, and the next job the same process."""
    with JobQueue(settings=settings) as queue:
        queue.queue_many(ISOLATED, [{"runs": ["look"]}, {"runs": ["look"]}])
        queue.queue_many(ISOLATED_PLAIN, [{"runs": ["look"]}])
    chosen = settings.model_copy(update={"max_processes": 1, "log_format": "json"})
    before = (psutil.Process().num_fds(), threading.active_count(), psutil.Process().children())
    worker = Worker(isolated.registry, settings=chosen)
    assert asyncio.run(asyncio.wait_for(worker.run(drain=True, signals=False), 60)) == 0
    after = (psutil.Process().num_fds(), threading.active_count(), psutil.Process().children())
    (pid,) = {line.pid for line in at_home.lines()}
    assert pid != os.getpid()
    said = [json.loads(line) for line in capfd.readouterr().err.splitlines() if '"acted"' in line]
    assert {each["job"] for each in said} == {line.job for line in at_home.lines()}
    assert {(each["stamp"], each["attempt"], each["worker"]) for each in said} == {(pid, 1, worker.name)}
    assert all(800 < each["remaining"] <= 900 for each in said)
    assert after[0] <= before[0] + 1  # The driver's own may come with the first worker of a process.
    assert (after[1] <= before[1], after[2]) == (True, before[2])


def test_a_child_judges_what_it_is_given(settings: Settings, at_home: Journal, jobs: Any) -> None:
    waits = datetime.now(UTC) - timedelta(seconds=1)
    jobs.insert_one(
        {"name": "isolated", "data": {"no": 1}, "state": "ready", "queue": "default", "priority": 5, "runAt": waits}
    )
    asyncio.run(asyncio.wait_for(Worker(isolated.registry, settings=settings).run(drain=True, signals=False), 60))
    assert jobs.find_one({})["state"] == "quarantined"
    assert at_home.lines() == []


def test_a_worker_without_isolated_jobs_has_no_child_and_no_multiprocessing(settings: Settings) -> None:
    program = (
        "import asyncio, sys, psutil\n"
        "from memshelf import Settings, Worker\n"
        "from tests.runtime.app.registry import registry\n"
        "asyncio.run(Worker(registry, settings=Settings.load()).run(drain=True, signals=False))\n"
        "print([name for name in sys.modules if name.startswith('multiprocessing')], psutil.Process().children())\n"
    )
    place = {
        "MONGO_URL": settings.mongo_url.get_secret_value(),
        "DATABASE": settings.database,
        "SCHEMA_DRIFT": "ignore",
    }
    named = {f"MEMSHELF_{name}": value for name, value in place.items()}
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'runtime'}:{ROOT}", **named}
    ran = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout == "[] []\n"


def test_jobs_in_children_share_their_room_and_others_have_theirs() -> None:
    def wanted(name: str, free: int, room: int | None = None) -> Wanted:
        return Wanted(name, free, 1, 1, None, room=room)

    found = [{"_id": number, "name": name} for number, name in enumerate(["a", "b", "a", "c", "b", "c"])]
    asked = [wanted("a", 9, 2), wanted("b", 1, 2), wanted("c", 9)]
    assert within_free_slots(found, asked, 9) == [0, 1, 3, 5]


def raised(error: BaseException) -> Outcome:
    try:
        raise error
    except BaseException as caught:
        return outcome_of(caught)


@pytest.mark.parametrize(
    "outcome",
    [
        Succeeded(),
        HandedBack(),
        Stopped(),
        Postponed("later"),
        Rejected([Problem("$.a", "must be a string")]),
        raised(RuntimeError("wrong")),
        raised(Retry(after="3s", reason="later")),
        raised(Snooze("1h")),
        raised(Discard("no use")),
    ],
    ids=lambda outcome: type(outcome).__name__,
)
def test_an_outcome_comes_back_as_it_was(outcome: Outcome) -> None:
    pieces = list(Splitter().feed(frame(OUTCOME, pack(outcome))))
    assert [kind for kind, _ in pieces] == [OUTCOME]
    assert unpack(pack(outcome)) == outcome


def test_a_text_of_any_kind_and_length_can_travel() -> None:
    came = unpack(pack(raised(RuntimeError("\ud800" + "x" * 10_000))))
    assert isinstance(came, Failed)
    assert len(came.fault.message) == 4_000


@given(st.lists(st.binary(max_size=40), max_size=6), st.integers(1, 30))
def test_frames_come_whole_however_they_are_cut(contents: list[bytes], step: int) -> None:
    documents = [frame(JOB, {"content": each})[1:] for each in contents]
    stream = b"".join(frame(JOB, each) for each in documents)
    splitter = Splitter()
    found = [each for start in range(0, len(stream), step) for each in splitter.feed(stream[start : start + step])]
    assert found == [(JOB, each) for each in documents]


def test_a_job_type_says_nothing_of_isolation_unless_asked() -> None:
    assert JobType(name="a", key="a", payload=ACT.payload, schema=ACT.schema).isolation is None
    assert not Registry([Registered(ACT, nothing)]).isolates
