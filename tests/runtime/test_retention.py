"""How long jobs are kept that ended: by the settings, by a job's `keep`, by every way to end, and by a changed rule."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from memshelf import Catalog, Discard, Registered, Registry, Settings
from memshelf.flows.aside import set_aside
from memshelf.flows.purge import purge
from memshelf.flows.record import AT_ONCE, ERRORS_KEPT, SUCCESS, Entry, RuledEntry, record
from memshelf.flows.rescue import Expired, rescue
from memshelf.flows.shelf import cancel
from memshelf.mongo import AsyncStore
from memshelf.rescuer import Rescuer
from memshelf.retention import own_retentions, retention_of
from memshelf.settle import TEXT_LIMIT
from memshelf.states import State
from memshelf.sweeper import Sweeper
from tests.runtime.app.catalog import ECHO, SLOW
from tests.runtime.app.queues import JobQueue
from tests.runtime.commands import Memshelf, memshelf_for
from tests.runtime.working import drained, nothing

DAY = timedelta(days=1)
PAST = datetime(2020, 1, 1, tzinfo=UTC)
KEPT: dict[State, timedelta | None] = {
    "dead": 3 * DAY,
    "cancelled": 4 * DAY,
    "quarantined": 5 * DAY,
    "succeeded": 6 * DAY,
}
CAREFUL = dataclasses.replace(ECHO, keep=KEPT)


async def fails(job: Any, context: Any) -> None:
    raise Discard("no")


def kept(job: Any) -> timedelta | None:
    """Give how long after its end the server removes a job."""
    return job["expireAt"] - job["finishedAt"] if "expireAt" in job else None


@pytest.mark.parametrize(
    ("keep", "expected"),
    [
        ({}, {"succeeded": 7 * DAY, "cancelled": 7 * DAY}),
        ({"succeeded": DAY, "dead": 9 * DAY}, {"succeeded": DAY, "cancelled": 7 * DAY, "dead": 9 * DAY}),
        ({"succeeded": None, "cancelled": None}, {}),
    ],
)
def test_a_keep_wins_over_the_settings_state_by_state(keep: Any, expected: Any) -> None:
    job = dataclasses.replace(ECHO, keep=keep, previous_names=("old",))
    default = Settings().retention
    assert retention_of(default, job) == expected
    assert own_retentions(default, [job, SLOW]) == ({"echo": expected, "old": expected} if keep else {})
    assert retention_of(default, None) == default


@pytest.mark.parametrize(
    ("handler", "payload", "state"),
    [(nothing, {}, "succeeded"), (fails, {}, "dead"), (nothing, {"odd": 1}, "quarantined")],
)
def test_what_a_worker_ends_is_kept_as_its_job_says(
    handler: Any, payload: Any, state: State, queue: JobQueue, settings: Settings, jobs: Any
) -> None:
    queue.queue_echo({}, id="a")
    jobs.update_one({"_id": "a"}, {"$set": {"data": payload}})
    drained(settings, handler, job=CAREFUL)
    job = jobs.find_one()
    assert (job["state"], kept(job)) == (state, KEPT[state])


def test_jobs_with_and_without_a_keep_end_in_one_write_each(
    queue: JobQueue, jobs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abcd":
        queue.queue_echo({}, id=name)
    jobs.update_many({}, {"$set": {"state": "running", "lease": "t"}})
    mine: dict[State, timedelta] = {"succeeded": DAY}
    entries = [RuledEntry(name, "t", SUCCESS, mine) if name in "ac" else Entry(name, "t", SUCCESS) for name in "abcd"]
    perform, asked = queue._store._perform, list[str]()

    def note(call: Any) -> Any:
        asked.append(call.method)
        return perform(call)

    monkeypatch.setattr(queue._store, "_perform", note)
    assert queue._store.run(record(entries, {"succeeded": 2 * DAY})) == frozenset()
    assert asked == ["update_many", "update_many"]
    assert [kept(job) for job in jobs.find(sort=[("_id", 1)])] == [DAY, 2 * DAY, DAY, 2 * DAY]


def test_a_handle_a_rescue_a_sweep_and_a_command_keep_as_the_job_says(
    queue: JobQueue, jobs: Any, mongo_url: str, database_name: str
) -> None:
    own = own_retentions(queue._store.settings.retention, [CAREFUL])
    for name in ("lost", "cancelled", "malformed", "other"):
        queue.queue_echo({}, id=name)
    jobs.update_one({"_id": "lost"}, {"$set": {"state": "running", "lease": "t", "leaseUntil": PAST}})
    queue._store.run(rescue([Expired("lost", "echo", "t", PAST, 9, 5, 1, "w")], {}, AT_ONCE, own))
    assert kept(jobs.find_one({"_id": "lost"})) == KEPT["dead"]
    queue._store.run(cancel("cancelled", {"cancelled": DAY}, own=own))
    assert kept(jobs.find_one({"_id": "cancelled"})) == KEPT["cancelled"]
    jobs.update_one({"_id": "other"}, {"$set": {"name": "other"}})
    queue._store.run(cancel("other", {"cancelled": DAY}, own=own))
    assert kept(jobs.find_one({"_id": "other"})) == DAY
    jobs.database.command("collMod", "jobs", validationLevel="off")
    jobs.update_one({"_id": "malformed"}, {"$set": {"runAt": "soon"}})
    queue._store.run(set_aside({}, own))
    assert kept(jobs.find_one({"_id": "malformed"})) == KEPT["quarantined"]


def test_a_worker_gives_the_rules_to_those_who_end_jobs(settings: Settings) -> None:
    store, registry = AsyncStore(settings), Registry([Registered(CAREFUL, nothing)])
    rescuer = Rescuer(
        store, registry.catalog, every=DAY, heartbeat=DAY, on_rescued=lambda _: None, rng=random.Random(1)
    )
    assert rescuer._own == Sweeper(store, registry, "w")._own == {"echo": KEPT}


def test_a_handle_cancels_by_its_jobs_rule(settings: Settings, queue: JobQueue, jobs: Any) -> None:
    class Careful(JobQueue):
        catalog = Catalog([CAREFUL])

    queue.queue_echo({}, id="a")
    with Careful(settings=settings) as opened:
        opened.get("a").cancel()
    assert kept(jobs.find_one()) == KEPT["cancelled"]


def test_a_success_can_delete_at_once_and_nothing_else_does(queue: JobQueue, settings: Settings, jobs: Any) -> None:
    heard = []
    brief = dataclasses.replace(ECHO, keep={"succeeded": AT_ONCE})
    first = queue.queue_echo_many([{"text": str(number)} for number in range(5)])
    drained(
        settings, nothing, job=brief, on=lambda worker: worker.on("succeeded", lambda event: heard.append(event.job_id))
    )
    assert jobs.count_documents({}) == 0
    assert sorted(heard) == sorted(job.id for job in first)
    queue.queue_echo({}, id="again")
    drained(settings, nothing, job=brief)
    assert queue.queue_echo({"text": "other"}, id="again").state == "ready", "its id protects no longer"
    drained(settings, fails, job=brief)
    assert [job["state"] for job in jobs.find()] == ["dead"]


def test_a_deletion_whose_reply_was_lost_is_no_lost_lease(queue: JobQueue, jobs: Any) -> None:
    for name in ("mine", "taken"):
        queue.queue_echo({}, id=name)
    jobs.update_many({}, {"$set": {"state": "running", "lease": "t"}})
    jobs.update_one({"_id": "taken"}, {"$set": {"lease": "another's"}})
    entries = [RuledEntry(name, "t", SUCCESS, {"succeeded": AT_ONCE}) for name in ("mine", "taken")]
    for _ in range(2):
        assert queue._store.run(record(entries, {})) == {("taken", "t")}
    assert [job["_id"] for job in jobs.find()] == ["taken"]


def test_errors_are_small_whatever_a_handler_raises(queue: JobQueue, settings: Settings, jobs: Any) -> None:
    huge = type("E" * 100_000, (Exception,), {})

    async def raises(job: Any, context: Any) -> None:
        raise huge("x" * 1_000_000) from huge("y" * 1_000_000)

    queue.queue_echo({}, id="a")
    jobs.update_one({"_id": "a"}, {"$set": {"errors": [{"kind": "error", "message": "old"}] * 50}})
    drained(settings, raises)
    errors = jobs.find_one()["errors"]
    assert len(errors) == ERRORS_KEPT
    assert max(len(value) for value in errors[-1].values() if isinstance(value, str)) == TEXT_LIMIT


@pytest.fixture
def memshelf(mongo_url: str, database_name: str) -> Callable[..., Memshelf]:
    return lambda **variables: memshelf_for(mongo_url, database_name, **variables)


def test_a_changed_rule_is_applied_to_jobs_that_ended_before(
    memshelf: Callable[..., Memshelf], queue: JobQueue, jobs: Any
) -> None:
    now = datetime.now(UTC)
    for number, (state, days) in enumerate([("succeeded", 0.5), ("succeeded", 3), ("dead", 1), ("cancelled", 1)]):
        queue.queue_echo({}, id=str(number))
        ended = {"state": state, "finishedAt": now - days * DAY, "expireAt": now + 4 * DAY}
        jobs.update_one({"_id": str(number)}, {"$set": ended})
    queue.queue_echo({}, id="waits")
    changed = memshelf(keep_succeeded="2d", keep_cancelled="30d")
    dry = changed("jobs", "keep", "--dry-run", "--json").json
    assert (dry["found"], dry["overdue"], dry["changed"]) == (4, 1, 0)
    asked = changed("jobs", "keep")
    assert (asked.code, "have the server remove 1 of them at once" in asked.err) == (2, True)
    assert changed("jobs", "keep", "--yes", "--json").json["changed"] == 4
    assert [kept(job) for job in jobs.find(sort=[("_id", 1)])] == [2 * DAY, 2 * DAY, None, 30 * DAY, None]
    assert "expireAt" not in jobs.find_one({"_id": "waits"})
    assert changed("jobs", "keep").out == "every finished job is kept as long as the rules say\n"


def test_a_short_rule_leaves_the_jobs_of_ticks_for_their_minutes(
    memshelf: Callable[..., Memshelf], queue: JobQueue, jobs: Any
) -> None:
    now = datetime.now(UTC)
    for name in ("echo#1@2027-03-28T07:00:00Z", "plain"):
        queue.queue_echo({}, id=name)
    jobs.update_many({}, {"$set": {"state": "succeeded", "finishedAt": now, "expireAt": now + DAY}})
    assert memshelf(keep_succeeded="0s")("jobs", "keep", "--yes", "--json").json["changed"] == 1
    assert {job["_id"]: kept(job) for job in jobs.find()} == {"echo#1@2027-03-28T07:00:00Z": DAY, "plain": AT_ONCE}


def test_a_purge_goes_in_batches_and_has_a_limit_and_a_dry_run(
    memshelf: Callable[..., Memshelf], queue: JobQueue, jobs: Any
) -> None:
    queue.queue_echo_many([{} for _ in range(2500)])
    jobs.update_many({}, {"$set": {"state": "dead", "finishedAt": PAST}})
    purged = memshelf()
    choice = ("jobs", "purge", "--state", "dead")
    assert purged(*choice, "--dry-run").out == "2500 dead jobs would be deleted\n"
    assert purged(*choice, "--limit", "2", "--yes", "--json").json == {"found": 2, "removed": 2, "dryRun": False}
    told: list[tuple[int, int]] = []
    assert queue._store.run(purge({"state": {"$in": ["dead"]}}, 0, lambda *each: told.append(each))) == 2498
    assert told == [(1000, 2498), (2000, 2498), (2498, 2498)]


def test_a_purge_that_is_interrupted_says_what_is_deleted(
    memshelf: Callable[..., Memshelf], queue: JobQueue, jobs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from memshelf.mongo import Store

    queue.queue_echo_many([{} for _ in range(1500)])
    jobs.update_many({}, {"$set": {"state": "dead", "finishedAt": PAST}})
    perform, deletions = Store._perform, []

    def cut(self: Store, asked: Any) -> Any:
        if asked.method == "delete_many":
            deletions.append(asked)
            if len(deletions) == 2:
                raise AutoReconnect("the connection was closed")
        return perform(self, asked)

    monkeypatch.setattr(Store, "_perform", cut)
    ran = memshelf()("jobs", "purge", "--state", "dead", "--yes")
    assert (ran.code, "1,000 of 1,500 jobs are deleted" in ran.err) == (1, True)
    assert jobs.count_documents({}) == 500
