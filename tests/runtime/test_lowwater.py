"""A worker starts to look where the waiting jobs begin, and misses nothing that lies above for longer than a moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from hypothesis import given, settings
from hypothesis import strategies as st

from memshelf.call import Call
from memshelf.drive import drive
from memshelf.flows.claim import Terms, Wanted
from memshelf.flows.look import Looked, look
from memshelf.lowwater import ORDER, PERIOD, LowWater, Mark, mark

START = datetime(2031, 5, 17, 12, tzinfo=UTC)
TERMS = Terms("worker", "token", timedelta(seconds=30), ("default",), START)

Job = dict[str, Any]


class Line:
    """The waiting jobs, found by the filters of the flows as the server would find them."""

    def __init__(self) -> None:
        self.waiting: dict[ObjectId, Job] = {}
        self.since: dict[ObjectId, float] = {}
        self.made = 0

    def add(self, name: str, priority: int, seconds: int, now: float) -> None:
        """Queue a job whose id says nothing of its time."""
        self.made += 1
        job_id = ObjectId(f"{self.made * 7919 % 10**9:024d}")
        run_at = START + timedelta(seconds=seconds)
        self.waiting[job_id] = {"_id": job_id, "name": name, "priority": priority, "runAt": run_at}
        self.since[job_id] = now

    def first(self, names: Sequence[str], limit: int) -> list[Job]:
        """Give whose turn it is."""
        return self.perform(Call("find", ({"name": {"$in": names}},), {"limit": limit, "sort": ORDER}))

    def perform(self, call: Call) -> list[Job]:
        """Answer a `find`."""
        found = [job for job in self.waiting.values() if fits(job, call.args[0])]
        for field, direction in reversed(call.options["sort"]):
            found.sort(key=lambda job: job[field], reverse=direction < 0)
        skip = call.options.get("skip", 0)
        return found[skip : skip + call.options["limit"]]


def fits(job: Job, asked: Mapping[str, Any]) -> bool:
    for field, wanted in asked.items():
        if field in job:
            tests = wanted if isinstance(wanted, Mapping) else {"$eq": wanted}
            if not all(COMPARE[sign](job[field], value) for sign, value in tests.items()):
                return False
    return True


COMPARE: Mapping[str, Any] = {
    "$eq": lambda held, value: held == value,
    "$lte": lambda held, value: held <= value,
    "$gte": lambda held, value: held >= value,
    "$in": lambda held, value: held in value,
    "$type": lambda held, value: True,
}

ADD = st.tuples(
    *(st.just("add"), st.sampled_from("aab"), st.sampled_from([5, 5, 5, 6, 4]), st.integers(-3, 0), st.integers(1, 9))
)
WAIT = st.tuples(st.just("wait"), st.sampled_from([0.1, 0.2]))
LOOK = st.tuples(
    st.just("look"), st.sampled_from(["ab", "ab", "ab", "a", "b"]), st.integers(1, 3), st.sampled_from([0, 0, 0, 2])
)


@settings(max_examples=150)
@given(st.lists(st.one_of(ADD, WAIT, LOOK, LOOK), min_size=10, max_size=60))
def test_nothing_is_passed_over_for_longer_than_a_period(steps: list[Any]) -> None:
    line, low, now = Line(), LowWater(), 0.0
    for step in steps:
        match step:
            case "add", name, priority, seconds, count:
                for _ in range(count):
                    line.add(name, priority, seconds, now)
            case "wait", seconds:
                now += seconds
            case "look", names, limit, skip:
                looked = looks(line, low, [*names], limit, skip, now)
                turn = line.first([*names], limit)
                found = [each["_id"] for each in looked.found]
                if not looked.skipped:
                    passed = [each["_id"] for each in turn if each["_id"] not in found]
                    assert all(now - line.since[job_id] < PERIOD for job_id in passed)
                    assert len(found) == len(turn)
                for job_id in found:
                    del line.waiting[job_id]


def looks(line: Line, low: LowWater, names: list[str], limit: int, skip: int, now: float) -> Looked:
    """Look as a worker's claimer does."""
    terms = replace(TERMS, start=low.start(TERMS.queues, names, now))
    wanted = [Wanted(name, limit, 4, 5, None) for name in names]
    looked = drive(look(terms, wanted, limit=limit, skip=skip), line.perform)
    low.looked(looked.found, full=looked.full, top=looked.top, skipped=looked.skipped, now=now)
    return looked


def test_a_worker_looks_from_where_it_found_the_first_job() -> None:
    line, low = Line(), LowWater()
    for seconds in range(9):
        line.add("a", 5, seconds - 9, 0.0)
    assert looks(line, low, ["a"], 3, 0, now=1.0).top
    assert low.start(("default",), ["a"], 1.1) == Mark(5, START - timedelta(seconds=9))


def test_jobs_of_one_call_are_told_apart_by_their_ids() -> None:
    line = Line()
    for _ in range(5):
        line.add("a", 5, 0, 0.0)
    found = line.first(["a"], 3)
    assert mark(found) == Mark(5, START, found[0]["_id"])


def test_a_short_line_a_new_name_a_new_queue_and_a_period_are_looked_at_from_the_top() -> None:
    line, low = Line(), LowWater()
    for seconds in range(9):
        line.add("a", 5, seconds - 9, 0.0)

    def start_after(queue: str, names: list[str], at: float, limit: int = 3) -> Mark | None:
        looks(line, low, ["a"], limit, 0, now=1.0 + PERIOD)
        return low.start((queue,), names, at)

    soon = 1.1 + PERIOD
    assert start_after("default", ["a"], soon) is not None
    assert start_after("default", ["a", "b"], soon) is None
    assert start_after("other", ["a"], soon) is None
    assert start_after("default", ["a"], 1.0 + 2 * PERIOD) is None
    assert start_after("default", ["a"], soon, limit=10) is None


def test_no_mark_is_made_of_strange_fields() -> None:
    strange: list[Any] = [{"priority": "5"}, {"priority": True}, {"runAt": None}, {"runAt": [START]}]
    job = {"_id": ObjectId(), "priority": 5, "runAt": START}
    assert [mark([{**job, **each}]) for each in strange] == [None] * len(strange)
    assert mark([]) is None
