"""Schedules as they are stored and as they make jobs: one for each tick, whoever is late, killed, old or new."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient, MongoClient
from pymongo.errors import AutoReconnect, PyMongoError
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from memshelf import (
    Catalog,
    Context,
    InputError,
    Job,
    PayloadError,
    Registered,
    Registry,
    ScheduleNotFoundError,
    Settings,
    WhenError,
    Worker,
)
from memshelf.due import due
from memshelf.flows.deploy import stand
from memshelf.flows.ticks import Step, make_jobs, move_on, next_schedules
from memshelf.jobtype import BundledSchema, JobType, Scheduled
from memshelf.mongo import AsyncStore, Store
from memshelf.scheduler import Scheduler
from memshelf.timetable import rhythm_of
from tests.faults.losing import LOSSES, LosingStore
from tests.runtime.app.catalog import ECHO, LETTER
from tests.runtime.app.queues import AsyncJobQueue, JobQueue
from tests.runtime.commands import Memshelf, memshelf_for
from tests.runtime.working import drained, nothing, with_worker

HOUR = timedelta(hours=1)
LETTER_DATA = {"to": "Ada", "copies": 2}


@pytest.fixture
def stored(mongo_client: MongoClient[dict[str, Any]], database_name: str) -> Any:
    """Give the collection of the schedules."""
    return mongo_client[database_name]["jobs_schedules"]


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    opened = Store(settings)
    yield opened
    opened.close()


def late(stored: Any, by: timedelta, schedule_id: str = "echo:a") -> datetime:
    """Have a schedule wait for a tick that is past; give that tick."""
    tick = datetime.now(UTC).replace(microsecond=0, second=0, minute=0) - by // HOUR * HOUR
    alone = f"0 {tick.hour} {tick.day} {tick.month} *"  # No other tick comes near, whatever the time of the test.
    stored.update_one({"_id": schedule_id}, {"$set": {"nextAt": tick, "cron": alone}})
    return tick


def steps(store: Store) -> list[Step]:
    """Read what is due, as a worker does."""
    found = store.run(next_schedules(["echo"]))
    return [
        Step(each["_id"], each["nextAt"], each["digest"], due(rhythm_of(each), each["nextAt"], each["now"], "once"))
        for each in found
    ]


def ids(jobs: Any) -> list[str]:
    return sorted(str(each["_id"]) for each in jobs.find({}, {"_id": 1}))


def scheduler(settings: Settings, *types: JobType[Any], act: Callable[[Scheduler], Any]) -> Any:
    """Have a worker's scheduler act."""

    async def run() -> Any:
        store = AsyncStore(settings)
        registry = Registry([Registered(each, nothing) for each in types or (ECHO,)])
        one = Scheduler(store, registry, "w", on_made=lambda: None, rng=random.Random(1))
        try:
            return await act(one)
        finally:
            await store.close()

    return asyncio.run(run())


def test_a_schedule_is_stored_with_what_its_jobs_carry(queue: JobQueue, stored: Any) -> None:
    made = queue.every(
        LETTER, "0 9 * * mon-fri", LETTER_DATA, key="a", timezone="Europe/Berlin", misfire="all", priority=7
    )
    assert (made.id, made.source, made.cron, made.timezone) == (
        "send-letter:a",
        "run time",
        "0 9 * * mon-fri",
        "Europe/Berlin",
    )
    assert (made.misfire, made.priority, made.queue, made.payload) == ("all", 7, "post", LETTER_DATA)
    assert made.next_tick is not None
    assert made.next_tick > datetime.now(UTC)
    assert (made.paused, made.last_tick) == (False, None)
    assert queue.schedules.list() == queue.schedules.list("letter") == [queue.schedules.get("send-letter:a")] == [made]
    assert queue.schedules.list("echo") == []
    assert stored.count_documents({}) == 1


def test_the_same_call_again_changes_nothing_and_another_one_changes_what_differs(queue: JobQueue, stored: Any) -> None:
    first = queue.every(ECHO, timedelta(hours=1), {}, key="a")
    before = stored.find_one({})
    assert queue.every(ECHO, "every 1 hour", {}, key="a") == first
    assert stored.find_one({}) == before

    queue.every(ECHO, "60m", {}, key="a", priority=9)
    after = stored.find_one({})
    assert (after["nextAt"], after["anchor"], after["job"]["priority"]) == (before["nextAt"], before["anchor"], 9)

    changed = queue.every(ECHO, "@daily", {}, key="a")
    assert (changed.every, changed.cron, changed.timezone) == (None, "@daily", "UTC")
    assert changed.next_tick != before["nextAt"]
    assert stored.count_documents({}) == 1


@pytest.mark.parametrize(
    ("error", "rhythm", "payload", "options", "said"),
    [
        (WhenError, "0 25 * * *", LETTER_DATA, {"key": "a"}, "hour"),
        (WhenError, "sometimes", LETTER_DATA, {"key": "a"}, "five fields"),
        (WhenError, "every 0s", LETTER_DATA, {"key": "a"}, "from 1 second"),
        (WhenError, "@daily", LETTER_DATA, {"key": "a", "timezone": "Mars/Base"}, "not a time zone"),
        (InputError, "15 minutes", LETTER_DATA, {"key": "a", "timezone": "UTC"}, "an interval has none"),
        (InputError, 15, LETTER_DATA, {"key": "a"}, "a cron text, or an interval"),
        (InputError, "@daily", LETTER_DATA, {"key": ""}, "key: must be a text"),
        (InputError, "@daily", LETTER_DATA, {}, "key: must be a text"),
        (InputError, "@daily", LETTER_DATA, {"key": "a", "misfire": "never"}, "skip, once or all"),
        (InputError, "@daily", LETTER_DATA, {"key": "a", "priority": 10}, "0 to 9"),
        (PayloadError, "@daily", {"to": 1}, {"key": "a"}, "send-letter"),
    ],
)
def test_what_cannot_be_a_schedule_is_refused_and_not_stored(
    queue: JobQueue, stored: Any, error: type[Exception], rhythm: Any, payload: Any, options: Any, said: str
) -> None:
    with pytest.raises(error) as caught:
        queue.every(LETTER, rhythm, payload, **options)
    assert said in str(caught.value)
    assert stored.count_documents({}) == 0


def test_asyncio_queues_have_the_same_schedules(settings: Settings, queue: JobQueue) -> None:
    async def story() -> None:
        async with AsyncJobQueue(settings=settings) as other:
            made = await other.every(ECHO, "@daily", {}, key="a")
            assert await other.schedules.list() == [made] == queue.schedules.list()
            assert (await other.schedules.pause("echo:a")).paused
            assert (await other.schedules.get("echo:a")).next_tick is None
            assert not (await other.schedules.resume("echo:a")).paused
            assert (await other.schedules.remove("echo:a")).id == "echo:a"
            with pytest.raises(ScheduleNotFoundError, match="schedules list"):
                await other.schedules.get("echo:a")

    asyncio.run(story())


def test_a_due_tick_makes_one_job_like_any_other(queue: JobQueue, settings: Settings, stored: Any, jobs: Any) -> None:
    payload = {"to": "$name", "copies": 2}
    queue.every(LETTER, "0 * * * *", payload, key="a", meta={"of": "$data"})
    tick = late(stored, HOUR * 0, "send-letter:a")
    plain = queue.queue(LETTER, payload, meta={"of": "$data"})
    seen: list[Any] = []

    async def handle(job: Job[Any], context: Context) -> None:
        seen.append(job.id)

    drained(settings, handle, job=LETTER)
    made, queued = (jobs.find_one({"_id": each}) for each in (f"send-letter:a@{tick:%Y-%m-%dT%H:%M:%SZ}", plain.id))
    own = ("_id", "runAt", "startedAt", "finishedAt", "expireAt", "lease", "deadline")
    assert {key: made[key] for key in made if key not in own} == {key: queued[key] for key in queued if key not in own}
    assert made["runAt"] == tick
    assert (made["_id"] in seen, stored.find_one({})["lastAt"]) == (True, tick)
    assert stored.find_one({})["nextAt"] > datetime.now(UTC)


@pytest.mark.parametrize(("misfire", "made"), [("skip", 0), ("once", 1), ("all", 49)])
def test_after_an_outage_the_misfire_rule_decides(
    queue: JobQueue, settings: Settings, stored: Any, jobs: Any, misfire: Any, made: int
) -> None:
    """Two days without a worker, for a schedule that ticks at every hour's second minute."""
    queue.every(ECHO, f"{(datetime.now(UTC).minute + 30) % 60} * * * *", {}, key="a", misfire=misfire)
    waits = stored.find_one({})["nextAt"]
    stored.update_one({}, {"$set": {"nextAt": waits - 49 * HOUR}})
    drained(settings, nothing)
    assert jobs.count_documents({"state": "succeeded"}) == made
    assert stored.find_one({})["nextAt"] == waits
    if misfire == "once":
        assert ids(jobs) == [f"echo:a@{waits - HOUR:%Y-%m-%dT%H:%M:%SZ}"]


def test_two_workers_that_are_late_alike_make_one_job(queue: JobQueue, store: Store, stored: Any, jobs: Any) -> None:
    queue.every(ECHO, "0 * * * *", {}, key="a")
    late(stored, HOUR)
    one, other = steps(store), steps(store)
    for each in (one, other):
        store.run(make_jobs("jobs", each))
    for each in (one, other):
        store.run(move_on(each))
    assert len(ids(jobs)) == 1
    assert steps(store)[0].due.ticks == ()


def test_a_worker_that_was_stopped_for_long_makes_no_second_job(
    queue: JobQueue, store: Store, stored: Any, jobs: Any
) -> None:
    """It read what was due, and goes on when the job has been made by another, run, and removed by its retention."""
    queue.every(ECHO, "0 * * * *", {}, key="a")
    late(stored, HOUR)
    asleep = steps(store)
    awake = steps(store)
    store.run(make_jobs("jobs", awake))
    store.run(move_on(awake))
    jobs.delete_many({})
    waits = stored.find_one({})

    store.run(make_jobs("jobs", asleep))
    store.run(move_on(asleep))
    assert (ids(jobs), stored.find_one({})) == ([], waits)


def test_a_worker_whose_idea_of_the_time_is_ahead_makes_nothing_early(
    queue: JobQueue, store: Store, stored: Any, jobs: Any
) -> None:
    queue.every(ECHO, "0 * * * *", {}, key="a")
    (found,) = store.run(next_schedules(["echo"]))
    ahead = due(rhythm_of(found), found["nextAt"], found["now"] + 3 * HOUR, "all")
    assert ahead.ticks
    store.run(make_jobs("jobs", [Step(found["_id"], found["nextAt"], found["digest"], ahead)]))
    assert ids(jobs) == []


@pytest.mark.parametrize("change", ["pause", "remove", "change", "resume"])
def test_what_happens_to_a_schedule_while_a_worker_thinks_wins(
    queue: JobQueue, store: Store, stored: Any, jobs: Any, change: str
) -> None:
    queue.every(ECHO, "0 * * * *", {}, key="a")
    late(stored, HOUR)
    read = steps(store)
    match change:
        case "pause":
            queue.schedules.pause("echo:a")
        case "resume":
            queue.schedules.pause("echo:a")
            queue.schedules.resume("echo:a")
        case "remove":
            queue.schedules.remove("echo:a")
        case _:
            queue.every(ECHO, "30 3 * * *", {}, key="a")
    after = stored.find_one({})
    store.run(make_jobs("jobs", read))
    store.run(move_on(read))
    assert (ids(jobs), stored.find_one({})) == ([], after)


def test_a_change_of_the_payload_keeps_a_tick_that_is_due(
    queue: JobQueue, settings: Settings, stored: Any, jobs: Any
) -> None:
    queue.every(LETTER, "0 * * * *", LETTER_DATA, key="a")
    tick = late(stored, HOUR * 0, "send-letter:a")
    queue.every(LETTER, stored.find_one({})["cron"], {**LETTER_DATA, "templateId": "new"}, key="a")
    drained(settings, nothing, job=LETTER)
    assert [(each["runAt"], each["data"]["templateId"]) for each in jobs.find({})] == [(tick, "new")]


def test_ticks_of_a_pause_make_no_job_and_the_pause_survives_changes(
    queue: JobQueue, settings: Settings, stored: Any, jobs: Any
) -> None:
    queue.every(ECHO, "0 * * * *", {}, key="a", misfire="all")
    late(stored, 3 * HOUR)
    queue.schedules.pause("echo:a")
    queue.every(ECHO, "0 * * * *", {}, key="a", misfire="all", priority=1)
    assert queue.schedules.get("echo:a").paused
    drained(settings, nothing)
    assert queue.schedules.pause("echo:a").paused
    resumed = queue.schedules.resume("echo:a")
    drained(settings, nothing)
    assert ids(jobs) == []
    assert (resumed.paused, resumed == queue.schedules.resume("echo:a")) == (False, True)
    assert resumed.next_tick is not None
    assert resumed.next_tick > datetime.now(UTC)


class Anything(BundledSchema):
    """A schema that takes every object."""

    def load(self) -> dict[str, Any]:
        return {"type": "object"}


def test_payloads_come_through_the_server_as_they_are(
    queue: JobQueue, settings: Settings, stored: Any, jobs: Any
) -> None:
    """The server makes the jobs' documents itself, with all that an aggregation could mistake."""
    job = dataclasses.replace(ECHO, schema=Anything("tests.runtime.app", "any", "sha256:any"))
    odd = {"z": 1, "a": {"$literal": "$name", "b.c": [None, 1.5, 2**62]}, "$set": "$$ROOT", "": {"$ref": "x", "$id": 1}}
    queue.every(job, "0 * * * *", odd, key="a")
    late(stored, HOUR * 0)
    drained(settings, nothing, job=job)
    handle = queue.get(ids(jobs)[0])
    assert (handle.state, json.dumps(handle._record.data)) == ("succeeded", json.dumps(odd))


def test_one_schedule_that_the_server_refuses_harms_no_other(
    queue: JobQueue, settings: Settings, stored: Any, jobs: Any
) -> None:
    for key in "abc":
        queue.every(ECHO, "0 * * * *", {}, key=key)
        late(stored, HOUR * 0, f"echo:{key}")
    stored.update_one({"_id": "echo:b"}, {"$set": {"job.priority": "high"}})
    stored.insert_one({**stored.find_one({"_id": "echo:a"}), "_id": "echo:z", "cron": "never"})
    drained(settings, nothing)
    assert [each.partition("@")[0] for each in ids(jobs)] == ["echo:a", "echo:c"]


def test_the_job_of_a_tick_outlives_its_success_for_a_while_whatever_its_retention(
    queue: JobQueue, settings: Settings, stored: Any, jobs: Any
) -> None:
    """A worker that is late would make it again before the schedule has moved on, if nothing told that it was there."""
    job = dataclasses.replace(ECHO, keep={"succeeded": timedelta(0)})
    queue.every(job, "0 * * * *", {}, key="a")
    tick = late(stored, HOUR * 0)
    queue.queue_echo({}, id="other")
    drained(settings, nothing, job=job)
    (kept,) = jobs.find({})
    assert (kept["runAt"], kept["state"]) == (tick, "succeeded")
    assert kept["expireAt"] - kept["finishedAt"] == timedelta(minutes=5)


def test_a_schedule_of_a_job_that_nobody_here_runs_waits_for_whoever_does(
    queue: JobQueue, settings: Settings, stored: Any, jobs: Any
) -> None:
    queue.every(LETTER, "0 * * * *", LETTER_DATA, key="a")
    late(stored, HOUR * 0, "send-letter:a")
    drained(settings, nothing)
    assert ids(jobs) == []
    drained(settings, nothing, job=LETTER)
    assert len(ids(jobs)) == 1


def test_three_hundred_schedules_of_one_moment_are_a_few_commands(
    queue: JobQueue, settings: Settings, stored: Any, jobs: Any
) -> None:
    queue.every(ECHO, "0 * * * *", {}, key="a")
    tick = late(stored, HOUR * 0)
    model = stored.find_one({})
    stored.insert_many([{**model, "_id": f"echo:{number}"} for number in range(299)])
    log = Log()

    async def act() -> None:
        async with AsyncMongoClient[Any](settings.mongo_url.get_secret_value(), event_listeners=[log]) as client:
            registry = Registry([Registered(ECHO, nothing)])
            store = AsyncStore(settings, client)
            await Scheduler(store, registry, "w", on_made=lambda: None, rng=random.Random(1)).tick()

    asyncio.run(act())
    assert jobs.count_documents({"runAt": tick}) == 300
    assert len(log.asked) <= 12


@pytest.mark.parametrize("lost", range(6))
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_tick_makes_one_job_whichever_call_is_lost(
    queue: JobQueue, settings: Settings, stored: Any, jobs: Any, lost: int, moment: Any
) -> None:
    """Two schedules are due; each call is lost, before or after the server has done it, and all is done again."""
    for key in "ab":
        queue.every(ECHO, "0 * * * *", {}, key=key)
        late(stored, HOUR * 0, f"echo:{key}")
    losing = LosingStore(settings)
    losing.lose(lost, moment, LOSSES[moment][0])
    for _ in range(4):
        with contextlib.suppress(PyMongoError):
            ready = [each for each in steps(losing) if each.due.ticks]
            if ready:
                losing.run(make_jobs("jobs", ready))
                losing.run(move_on(ready))
    losing.close()
    assert len(ids(jobs)) == 2
    assert stored.count_documents({"lastAt": {"$ne": None}}) == 2


# What schemas have.


def scheduled(*schedules: Scheduled, job: JobType[Any] = ECHO, digest: str | None = None) -> JobType[Any]:
    schema = job.schema if digest is None else dataclasses.replace(job.schema, digest=digest)
    return dataclasses.replace(job, schedule=schedules, schema=schema)


def deployed(settings: Settings, *types: JobType[Any]) -> Scheduler:
    async def act(one: Scheduler) -> Scheduler:
        await one.sync()
        return one

    found: Scheduler = scheduler(settings, *types, act=act)
    return found


def cron(text: str, key: str = "1", **more: Any) -> Scheduled:
    return Scheduled(key=key, cron=text, **more)


def test_a_worker_brings_its_schemas_schedules_and_takes_away_what_is_gone(queue: JobQueue, settings: Settings) -> None:
    queue.every(ECHO, "@daily", {}, key="mine")
    deployed(settings, scheduled(cron("@hourly"), Scheduled(key="2", every=HOUR, misfire="skip")))
    assert [(each.id, each.source, each.rhythm, each.misfire) for each in queue.schedules.list()] == [
        ("echo#1", "schema", "@hourly (UTC)", "once"),
        ("echo#2", "schema", "every 1h", "skip"),
        ("echo:mine", "run time", "@daily (UTC)", "once"),
    ]
    deployed(settings, scheduled(cron("@weekly")))
    assert [each.rhythm for each in queue.schedules.list()] == ["@weekly (UTC)", "@daily (UTC)"]
    deployed(settings, ECHO)
    assert [each.id for each in queue.schedules.list()] == ["echo:mine"]


def test_a_schedule_of_a_schema_keeps_its_pause_and_its_anchor_when_it_changes(
    queue: JobQueue, settings: Settings, stored: Any
) -> None:
    deployed(settings, scheduled(Scheduled(key="1", every=HOUR)))
    anchor = stored.find_one({"_id": "echo#1"})["anchor"] - timedelta(minutes=17)
    stored.update_one({"_id": "echo#1"}, {"$set": {"anchor": anchor}})
    queue.schedules.pause("echo#1")
    deployed(settings, scheduled(Scheduled(key="1", every=HOUR, misfire="all"), digest="sha256:new"))
    held = stored.find_one({"_id": "echo#1"})
    assert (held["anchor"], held["paused"], held["misfire"], held["job"]["schema"]) == (
        anchor,
        True,
        "all",
        "sha256:new",
    )
    tick = queue.schedules.resume("echo#1").next_tick
    assert tick is not None
    assert (tick - anchor) % HOUR == timedelta(0)


def test_a_schedule_that_a_schema_has_is_not_removed_but_one_of_a_schema_that_is_gone_is(
    queue: JobQueue, settings: Settings
) -> None:
    deployed(settings, scheduled(cron("@hourly")))
    with pytest.raises(InputError, match="the job's schema has it"):
        with_schedule(settings).schedules.remove("echo#1")
    assert queue.schedules.remove("echo#1").id == "echo#1"  # Its catalog has no such schedule.


def with_schedule(settings: Settings) -> JobQueue:
    class Queue(JobQueue):
        catalog = Catalog([scheduled(cron("@hourly"))])

    return Queue(settings=settings)


def note(mongo_client: Any, settings: Settings, one: Scheduler, name: str) -> Any:
    """Leave the note of a worker that is alive."""
    notes = mongo_client[settings.database]["jobs.workers"]
    notes.insert_one({"_id": name, "seenAt": datetime.now(UTC), "schedules": one.stands})
    return notes


def test_old_and_new_workers_together_do_not_fight(
    queue: JobQueue, settings: Settings, mongo_client: MongoClient[dict[str, Any]]
) -> None:
    old, new = scheduled(cron("@hourly")), scheduled(cron("@daily"))
    deployed(settings, old)
    notes = note(mongo_client, settings, deployed(settings, new), "new")
    for _ in range(2):  # An old worker is started again, or compares once more.
        deployed(settings, old)
        assert [each.rhythm for each in queue.schedules.list()] == ["@daily (UTC)"]

    deployed(settings, scheduled(cron("@weekly")))  # A newer deployment takes over at once.
    assert [each.rhythm for each in queue.schedules.list()] == ["@weekly (UTC)"]

    notes.delete_many({})
    deployed(settings, old)  # A deployment is taken back: nobody of the newer one is left.
    assert [each.rhythm for each in queue.schedules.list()] == ["@hourly (UTC)"]


def test_a_schedule_that_a_new_schema_has_dropped_does_not_come_back_by_an_old_worker(
    queue: JobQueue, settings: Settings, mongo_client: MongoClient[dict[str, Any]]
) -> None:
    old = scheduled(cron("@hourly"))
    deployed(settings, old)
    without = deployed(settings, ECHO)
    assert without.stands == [stand("echo", "none")]
    note(mongo_client, settings, without, "new")
    deployed(settings, old)
    assert queue.schedules.list() == []


def test_a_renamed_job_takes_its_schedule_along(
    queue: JobQueue, settings: Settings, mongo_client: MongoClient[dict[str, Any]]
) -> None:
    old = scheduled(cron("@hourly"))
    renamed = dataclasses.replace(old, name="shout", previous_names=("echo",))
    deployed(settings, old)
    note(mongo_client, settings, deployed(settings, renamed), "new")
    deployed(settings, old)
    assert [each.id for each in queue.schedules.list()] == ["shout#1"]


def test_a_schema_that_changes_without_its_schedule_is_a_deployment_too(
    queue: JobQueue, settings: Settings, stored: Any, mongo_client: MongoClient[dict[str, Any]]
) -> None:
    """Its jobs carry the digest of the schema, so that old workers must not put theirs back."""
    old, new = scheduled(cron("@hourly")), scheduled(cron("@hourly"), digest="sha256:new")
    deployed(settings, old)
    note(mongo_client, settings, deployed(settings, new), "new")
    deployed(settings, old)
    assert stored.find_one({"_id": "echo#1"})["job"]["schema"] == "sha256:new"


def test_a_payload_that_this_schema_refuses_is_left_out(queue: JobQueue, settings: Settings) -> None:
    deployed(
        settings, scheduled(cron("@hourly", payload={"to": ""}), cron("@daily", "2", payload=LETTER_DATA), job=LETTER)
    )
    assert [each.id for each in queue.schedules.list()] == ["send-letter#2"]


# Workers.


class Log(CommandListener):
    """Keeps the commands that concern schedules."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def started(self, event: CommandStartedEvent) -> None:
        if event.command.get(event.command_name) == "jobs_schedules":
            self.asked.append(event.command_name)

    def succeeded(self, event: CommandSucceededEvent) -> None: ...

    def failed(self, event: CommandFailedEvent) -> None: ...


def test_without_schedules_a_worker_asks_twice_at_its_start_and_never_again(
    queue: JobQueue, settings: Settings
) -> None:
    quick = settings.model_copy(update={"process_every": timedelta(milliseconds=10)})
    log = Log()

    async def work() -> None:
        async with AsyncMongoClient[Any](settings.mongo_url.get_secret_value(), event_listeners=[log]) as client:
            worker = Worker(Registry([Registered(ECHO, nothing)]), settings=quick, client=client)
            running = asyncio.create_task(worker.run(signals=False))
            done = asyncio.Semaphore(0)
            worker.on("succeeded", lambda event: done.release())
            for _ in range(20):  # Polls go by, and beats.
                await asyncio.to_thread(queue.queue, ECHO, {}, at="in 50ms")
                await done.acquire()
            worker.stop()
            await running

    asyncio.run(asyncio.wait_for(work(), 60))
    assert log.asked == ["find", "aggregate"]


def test_a_schedule_that_is_put_reaches_a_worker_that_knew_of_none(queue: JobQueue, settings: Settings) -> None:
    """Its next look would be an hour away: its heartbeat tells it."""

    async def story(worker: Worker) -> None:
        done = asyncio.Semaphore(0)
        worker.on("succeeded", lambda event: done.release())
        await asyncio.to_thread(queue.queue, ECHO, {})
        await done.acquire()
        await asyncio.to_thread(queue.every, ECHO, "* * * * * *", {}, key="a")
        for _ in range(3):
            await done.acquire()

    with_worker(settings.model_copy(update={"process_every": HOUR}), nothing, story)


def test_several_workers_make_one_job_of_each_tick_on_time(queue: JobQueue, settings: Settings, jobs: Any) -> None:
    """The second is waited for: polling is an hour away."""
    job = scheduled(cron("* * * * * *"), cron("* * * * * *", "2"))
    patient = settings.model_copy(update={"process_every": HOUR})
    seen: list[Any] = []

    async def handle(job: Job[Any], context: Context) -> None:
        seen.append(job.id)

    async def work() -> None:
        workers = [Worker(Registry([Registered(job, handle)]), settings=patient) for _ in range(4)]
        running = [asyncio.create_task(each.run(signals=False)) for each in workers]
        enough = asyncio.Event()
        for each in workers:
            each.on("succeeded", lambda event: enough.set() if len(seen) >= 8 else None)
        await enough.wait()
        for each in workers:
            each.stop()
        await asyncio.gather(*running)

    asyncio.run(asyncio.wait_for(work(), 60))
    assert len(seen) == len(set(seen))
    assert all(each["startedAt"] >= each["runAt"] for each in jobs.find({"_id": {"$in": seen}}))
    for key in "12":  # Some of the last ones may still wait: the workers have stopped.
        ticks = sorted(each["runAt"] for each in jobs.find({"_id": {"$regex": f"^echo#{key}@"}}))
        assert ticks == [ticks[0] + number * timedelta(seconds=1) for number in range(len(ticks))]


def test_a_server_that_is_away_is_looked_for_again(queue: JobQueue, settings: Settings, stored: Any, jobs: Any) -> None:
    queue.every(ECHO, "0 * * * *", {}, key="a")
    late(stored, HOUR * 0)
    failures = iter([AutoReconnect("gone"), AutoReconnect("gone")])

    async def act(one: Scheduler) -> None:
        perform = one._store._perform
        made = asyncio.Event()
        one._on_made = made.set

        async def failing(call: Any) -> Any:
            for error in failures:
                raise error
            return await perform(call)

        one._store._perform = failing  # type: ignore[assignment,method-assign]
        await one.begin()
        running = asyncio.create_task(one.run())
        await made.wait()
        running.cancel()

    scheduler(settings, act=act)
    assert len(ids(jobs)) == 1


# The command.


@pytest.fixture
def memshelf(mongo_url: str, database_name: str) -> Memshelf:
    return memshelf_for(mongo_url, database_name)


def test_the_command_lists_pauses_resumes_and_removes(
    memshelf: Memshelf, queue: JobQueue, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert memshelf("schedules", "list").out == "no schedules\n"
    queue.every(LETTER, "0 9 * * mon-fri", LETTER_DATA, key="a", timezone="Europe/Berlin")
    deployed(settings, scheduled(Scheduled(key="1", every=HOUR)))
    first, second = memshelf("schedules", "list", "--json").json["schedules"]
    assert (first["id"], first["every"], first["cron"], first["source"]) == ("echo#1", "1h", None, "schema")
    assert (second["timezone"], second["lastTick"], second["paused"]) == ("Europe/Berlin", None, False)
    assert second["nextTick"].endswith("00:00.000Z")
    shown = memshelf("schedules", "list", "--name", "letter").out
    assert ("0 9 * * mon-fri (Europe/Berlin)" in shown, "echo" in shown) == (True, False)

    assert memshelf("schedules", "pause", "echo#1", "send-letter:a").out.count(": paused") == 2
    assert "paused" in memshelf("schedules", "list").out
    assert ": resumed, the next tick is in " in memshelf("schedules", "resume", "echo#1").out

    removed = memshelf("schedules", "remove", "send-letter:a", "gone", "--json")
    assert (removed.code, removed.json["schedules"][0]["id"], removed.json["errors"][0]["id"]) == (
        1,
        "send-letter:a",
        "gone",
    )
    monkeypatch.chdir(tmp_path)  # Where no application is, any schema may have it.
    refused = memshelf("schedules", "remove", "echo#1", app_package=None)
    assert refused.code == 1
    assert "pause it" in refused.out
