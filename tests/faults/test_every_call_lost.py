"""Every flow on a real server, with the connection lost before and after every single call, and then repeated.

Each story does what the runtime or a caller does when a call is lost: queue again under the same ids, read the token
again, record again, sweep again. Whatever was lost, the documents in the end are those of an undisturbed run.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, ParamSpec, TypeVar

import pytest
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from memshelf import JobNotFoundError, JobStateError, QueueingUncertain, Settings, StoreUnavailable
from memshelf.call import Flow
from memshelf.flows import shelf
from memshelf.flows.claim import Claimed, ClaimUnread, Terms, Wanted, claim_one, read_claimed
from memshelf.flows.enqueue import enqueue
from memshelf.flows.prepare import prepare
from memshelf.flows.purge import purge
from memshelf.flows.record import SUCCESS, Entry, RuledEntry, extend, look, record, restart
from memshelf.flows.replay import Step, ended, replay_batch
from memshelf.flows.rescue import expired_leases, rescue
from memshelf.indexes import PURPOSE
from memshelf.settle import Settlement
from memshelf.states import FINAL
from tests.claiming import claim_in_steps
from tests.faults.losing import LOSSES, LosingStore
from tests.runtime.working import foreign

SECOND = timedelta(seconds=1)
TOKEN, OTHER = "mine", "another's"
WANTED = [Wanted("echo", 9, 4, 5, timedelta(minutes=1))]
EPOCH = datetime(2030, 1, 1, tzinfo=UTC)
TIMES = ("runAt", "leaseUntil", "deadline", "startedAt", "finishedAt", "expireAt", "at")
ERROR = {"attempt": 1, "kind": "error", "type": "E", "message": "$no", "traceback": "", "lease": TOKEN, "worker": "w"}
OUTCOMES: dict[str, Settlement] = {
    "succeeded": Settlement("succeed"),
    "succeeded too": Settlement("succeed"),
    "retried": Settlement("retry", wait=timedelta(0), error=ERROR),
    "died": Settlement("die", error=ERROR),
    "snoozed": Settlement("snooze", wait=timedelta(hours=1), charged=False),
    "handed back": Settlement("hand back", charged=False),
    "postponed": Settlement("postpone", wait=timedelta(0), charged=False, error={**ERROR, "kind": "postponed"}),
    "quarantined": Settlement("quarantine", charged=False, error={**ERROR, "kind": "invalid"}),
    "stopped": Settlement("stop", charged=False),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Stage:
    """What a story plays on: the store that loses a call, and the documents as they are."""

    store: LosingStore
    jobs: Any


P = ParamSpec("P")
R = TypeVar("R")
Story = Callable[[Stage], None]


def persist(stage: Stage, flow: Callable[P, Flow[R]], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a flow again until it is answered, as the recorder and the rescuer do."""
    while True:
        with suppress(PyMongoError):
            return stage.store.run(flow(*args, **kwargs))


def queue_again(stage: Stage, documents: list[dict[str, Any]]) -> None:
    while True:
        with suppress(QueueingUncertain, StoreUnavailable):
            stage.store.run(enqueue(documents))
            return


def queue_one(stage: Stage) -> None:
    queue_again(stage, [waiting("a")])


def queue_many(stage: Stage) -> None:
    queue_again(stage, [waiting(name) for name in "abc"])


def queue_many_of_which_some_are_there(stage: Stage) -> None:
    stage.jobs.insert_one(waiting("b"))
    queue_again(stage, [waiting(name) for name in "abc"])


def claim_first(stage: Stage) -> None:
    stage.jobs.insert_many([waiting(name) for name in "ab"])
    assert_won(stage, lambda terms: stage.store.run(claim_one(terms, WANTED)), most=1)


def claim_several(stage: Stage) -> None:
    stage.jobs.insert_many([waiting(name) for name in "abc"])
    assert_won(stage, lambda terms: stage.store.run(claim_in_steps(terms, WANTED, most=2)), most=2)


def assert_won(stage: Stage, claim: Callable[[Terms], Claimed], *, most: int) -> None:
    """Claim as the claimer does: a token that may have won something is read before anything else is claimed."""
    won: list[Any] = []
    number = 0
    while not won:
        number += 1
        terms = Terms("w", f"{TOKEN}-{number}", timedelta(minutes=1), ("default",), datetime.now(UTC))
        try:
            won += claim(terms).documents
        except ClaimUnread as unread:
            won += persist(stage, read_claimed, unread.token, unread.ids)
        except PyMongoError:
            continue
    held = {document["_id"] for document in stage.jobs.find({"state": "running"})}
    assert len(won) == most
    assert {document["_id"] for document in won} == held, "something is held that nobody runs"
    stage.jobs.update_many({"state": "running"}, {"$set": {"lease": TOKEN}})


def record_outcomes(stage: Stage) -> None:
    stage.jobs.insert_many([running(name) for name in OUTCOMES])
    entries = [Entry(name, TOKEN, settlement) for name, settlement in OUTCOMES.items()]
    lost = persist(stage, record, entries, {"succeeded": SECOND})
    assert lost == frozenset()


def record_by_deleting(stage: Stage) -> None:
    stage.jobs.insert_many([running(name) for name in "abc"])
    brief: dict[Any, timedelta] = {"succeeded": timedelta(0)}
    entries = [Entry("c", TOKEN, SUCCESS), *(RuledEntry(name, TOKEN, SUCCESS, brief) for name in "ab")]
    assert persist(stage, record, entries, {}) == frozenset()
    assert [job["_id"] for job in stage.jobs.find()] == ["c"]


def record_what_others_take_at_once(stage: Stage) -> None:
    """The first write is done, its reply is lost, and before the second somebody claims what is ready again."""
    stage.jobs.insert_many([running(name) for name in ("retried", "handed back", "postponed")])
    entries = [Entry(name, TOKEN, OUTCOMES[name]) for name in ("retried", "handed back", "postponed")]

    def write() -> Flow[frozenset[Any]]:
        try:
            return (yield from record(entries, {}))
        finally:
            taken = {"state": "running", "lease": OTHER}
            stage.jobs.update_many({"state": "ready"}, {"$set": taken})

    assert persist(stage, write) == frozenset(), "what was recorded is told as lost"


def record_what_was_taken(stage: Stage) -> None:
    stage.jobs.insert_many([{**running(name), "lease": OTHER} for name in OUTCOMES])
    entries = [Entry(name, TOKEN, settlement) for name, settlement in OUTCOMES.items()]
    lost = persist(stage, record, entries, {})
    assert lost == {(name, TOKEN) for name in OUTCOMES}


def keep_alive(stage: Stage) -> None:
    stage.jobs.insert_many([running("a"), {**running("b"), "lease": OTHER}])
    for capped in (True, False):
        persist(stage, extend, [("a", TOKEN)], SECOND, capped=capped)
    persist(stage, restart, "a", TOKEN, SECOND)
    assert persist(stage, look, [("a", TOKEN), ("b", TOKEN)]) == {("a", TOKEN): False}


def rescue_lost(stage: Stage) -> None:
    past = datetime.now(UTC) - timedelta(hours=1)
    stage.jobs.insert_many(
        [
            {**running("a"), "leaseUntil": past},
            {**running("too often"), "leaseUntil": past, "lost": 5, "maxLost": 5},
            {**running("unwanted"), "leaseUntil": past, "cancelRequested": True},
        ]
    )
    while seen := persist(stage, expired_leases, datetime.now(UTC)):
        persist(stage, rescue, seen, {}, timedelta(0))


def by_hand(stage: Stage) -> None:
    """People try again, and are told when it was done already."""
    stage.jobs.insert_many([waiting("cancelled"), running("asked"), waiting("moved"), waiting("removed")])
    stage.jobs.insert_one({**waiting("replayed"), "state": "dead", "attempts": 4, "lost": 2})
    wishes: list[Callable[[], Flow[Any]]] = [
        lambda: shelf.cancel("cancelled", {}),
        lambda: shelf.cancel("asked", {}),
        lambda: shelf.reschedule("moved", datetime(2050, 1, 1, tzinfo=UTC)),
        lambda: shelf.remove("removed"),
        lambda: shelf.replay("replayed"),
    ]
    for wish in wishes:
        with suppress(JobStateError, JobNotFoundError):
            persist(stage, wish)
    assert persist(stage, purge, {"_id": "cancelled"}) in (0, 1)


def replay_some(stage: Stage) -> None:
    """What is told ready again is so, whichever reply was lost, and what somebody else replays meanwhile is not."""
    stage.jobs.insert_many([{**waiting(name), "state": "dead", "attempts": 4, "finishedAt": EPOCH} for name in "abc"])
    steps = [Step(each, None) for each in persist(stage, ended, {})]
    stage.jobs.update_one({"_id": "b"}, {"$set": {"state": "ready"}})
    assert persist(stage, replay_batch, steps, "operator").ready == {"a", "c"}


def make_ready(stage: Stage) -> None:
    stage.jobs.drop()
    assert set(persist(stage, prepare, "jobs")) == set(PURPOSE)
    persist(stage, prepare, "jobs")


STORIES: tuple[Story, ...] = (
    *(
        queue_one,
        queue_many,
        queue_many_of_which_some_are_there,
        claim_first,
        claim_several,
        record_outcomes,
        record_by_deleting,
    ),
    *(
        record_what_others_take_at_once,
        record_what_was_taken,
        keep_alive,
        rescue_lost,
        by_hand,
        replay_some,
        make_ready,
    ),
)


@pytest.fixture
def stage(mongo_url: str, mongo_client: MongoClient[dict[str, Any]], database_name: str) -> Iterator[Stage]:
    """Give a stage on a collection that is made ready."""
    store = LosingStore(Settings.load(mongo_url=mongo_url, database=database_name))
    store.run(prepare("jobs"))
    yield Stage(store, mongo_client[database_name]["jobs"])
    store.close()


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_a_lost_call_changes_nothing_in_the_end(story: Story, stage: Stage, scale: int) -> None:
    def play(number: int, moment: Any, error: PyMongoError) -> tuple[list[Mapping[str, Any]], int]:
        stage.jobs.delete_many({})
        stage.store.lose(number, moment, error)
        story(stage)
        return [timeless(document) for document in stage.jobs.find({}, sort=[("_id", 1)])], len(stage.store.calls)

    undisturbed, calls = play(-1, "before", PyMongoError())
    assert calls > 0
    for number in range(calls):
        for moment, errors in LOSSES.items():
            for error in errors[:scale]:
                assert play(number, moment, error)[0] == undisturbed, f"{type(error).__name__} {moment} call {number}"


def waiting(name: str) -> dict[str, Any]:
    return {"_id": name, **foreign("echo", {"text": name}), "attempts": 0, "lost": 0}


def running(name: str) -> dict[str, Any]:
    """Give a job that runs under our token."""
    later = datetime.now(UTC) + timedelta(minutes=1)
    held = {"lease": TOKEN, "leaseUntil": later, "deadline": later, "worker": "w", "startedAt": datetime.now(UTC)}
    return {**waiting(name), "state": "running", "attempts": 1, **held}


def timeless(value: Any) -> Any:
    """Take the times out, which are never the same, but keep that there are some."""
    match value:
        case Mapping():
            return {key: "some time" if key in TIMES else timeless(item) for key, item in value.items()}
        case list():
            return [timeless(item) for item in value]
    return value


def test_final_states_are_what_the_outcomes_lead_to(stage: Stage) -> None:
    record_outcomes(stage)
    ended = {document["_id"] for document in stage.jobs.find({"state": {"$in": sorted(FINAL)}})}
    assert ended == {"succeeded", "succeeded too", "died", "quarantined", "stopped"}
