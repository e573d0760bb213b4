"""The life of jobs as a state machine: whatever people and workers do in whatever order, the table and the fences hold.

Every rule calls the flows that the runtime calls, on a real server. The model knows what must come of it; after each
step every document is compared with it, and every change of state must be a move of the table.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from memshelf import JobNotFoundError, JobStateError, RetryPolicy, Settings, document
from memshelf.document import Record
from memshelf.errors import Problem
from memshelf.flows import shelf
from memshelf.flows.claim import Terms, Wanted, claim_one
from memshelf.flows.enqueue import enqueue
from memshelf.flows.prepare import prepare
from memshelf.flows.record import Entry, extend, look, record
from memshelf.flows.rescue import Expired, expired_leases, rescue
from memshelf.mongo import Store
from memshelf.outcome import (
    Discarded,
    Failed,
    Fault,
    HandedBack,
    Outcome,
    Postponed,
    Rejected,
    Snoozed,
    Stopped,
    Succeeded,
)
from memshelf.settle import settle
from memshelf.states import FINAL, MOVES, State
from tests.claiming import claim_in_steps
from tests.faults.conftest import SEED

RETRIES = RetryPolicy(max=2, backoff="fixed", delay=timedelta(0), jitter=False)
MAX_LOST = 2
RETENTION: dict[State, timedelta] = {"succeeded": timedelta(days=1), "cancelled": timedelta(days=1)}
WANTED = [Wanted("echo", 10, RETRIES.max + 1, MAX_LOST, timedelta(hours=1))]
PAST = datetime(2020, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
NAMES = st.sampled_from(["a", "b", "c", "d"])
WORKERS = st.sampled_from(["w1", "w2", "w3"])
OUTCOMES: tuple[Outcome, ...] = (
    *(Succeeded(), Failed(Fault("E", "$no")), Failed(Fault("E", ""), after=HOUR), Discarded("no"), Snoozed(HOUR)),
    *(Snoozed(timedelta(0)), HandedBack(), Stopped(), Rejected([Problem("$", "no")]), Postponed("another version")),
)


@dataclass(frozen=True, slots=True)
class Model:
    """What must be stored of one job."""

    state: State = "ready"
    attempts: int = 0
    lost: int = 0
    interrupted: int = 0
    errors: tuple[str, ...] = ()
    token: str | None = None
    """The lease under which it runs."""
    asked: bool = False
    later: bool = False


@dataclass(frozen=True, slots=True)
class Holder:
    """A worker that believes that it runs a job; the job may have been taken from it long ago."""

    record: Record
    token: str

    @property
    def id(self) -> str:
        """The job's id."""
        return str(self.record.id)


class LifeOfJobs(RuleBasedStateMachine):
    """Four names, three workers, people, and time that passes when a rule says so."""

    def __init__(self, store: Store, jobs: Any) -> None:
        super().__init__()
        self._store = store
        self._jobs = jobs
        self._jobs.delete_many({})
        self._models: dict[str, Model] = {}
        self._before: dict[str, State] = {}
        self._holders: list[Holder] = []
        self._seen: tuple[Expired, ...] = ()
        self._tokens = 0

    @rule(name=NAMES)
    def queue(self, name: str) -> None:
        """A second time under the same id it changes nothing."""
        self._store.run(enqueue([waiting(name)]))
        self._models.setdefault(name, Model())

    @rule(worker=WORKERS, most=st.integers(1, 3), one=st.booleans())
    def claim(self, worker: str, most: int, one: bool) -> None:
        """Of what is due a worker gets as much as it asks for, and nothing else."""
        self._tokens += 1
        latest = self._store.now() + self._store.clock.error
        terms = Terms(worker, f"{worker}-{self._tokens}", HOUR, ("default",), latest)
        flow = claim_one(terms, WANTED) if one else claim_in_steps(terms, WANTED, most=most)
        due = {name for name, model in self._models.items() if model.state == "ready" and not model.later}
        won = [document.read(each) for each in self._store.run(flow).documents]
        assert {each.id for each in won} <= due
        assert len(won) == min(1 if one else most, len(due))
        for each in won:
            name = str(each.id)
            model = self._models[name]
            self._models[name] = replace(
                model, state="running", token=terms.token, attempts=model.attempts + 1, asked=False
            )
            self._holders.append(Holder(each, terms.token))

    @precondition(lambda self: self._holders)
    @rule(data=st.data(), outcome=st.sampled_from(OUTCOMES), twice=st.booleans(), let_go=st.booleans())
    def record(self, data: st.DataObject, outcome: Outcome, twice: bool, let_go: bool) -> None:
        """Whoever holds the lease records; for all others nothing changes, and they are told."""
        holder = data.draw(st.sampled_from(self._holders))
        model = self._models.get(holder.id)
        ours = model is not None and model.token == holder.token
        entry = Entry(holder.record.id, holder.token, settle(outcome, holder.record, RETRIES, random.Random(1)))
        lost = self._store.run(record([entry], RETENTION))
        if model is not None and ours:
            assert lost == frozenset()
            self._models[holder.id] = recorded(model, outcome, holder.record)
        if twice:
            stored = self._jobs.find_one({"_id": holder.id})
            assert self._store.run(record([entry], RETENTION)) == lost
            assert self._jobs.find_one({"_id": holder.id}) == stored
        if let_go:
            self._holders.remove(holder)

    @precondition(lambda self: self._holders)
    @rule(data=st.data(), capped=st.booleans())
    def beat(self, data: st.DataObject, capped: bool) -> None:
        """A heartbeat extends what its worker still holds, even if the lease has ended, and learns what it does not."""
        holder = data.draw(st.sampled_from(self._holders))
        model = self._models.get(holder.id)
        before = self._jobs.find_one({"_id": holder.id})
        self._store.run(extend([(holder.record.id, holder.token)], HOUR, capped=capped))
        held = self._store.run(look([(holder.record.id, holder.token)]))
        after = self._jobs.find_one({"_id": holder.id})
        if model is not None and model.token == holder.token:
            assert held == {(holder.id, holder.token): model.asked}
            assert after["leaseUntil"] > datetime.now(UTC)
        else:
            assert held == {}
            assert after == before

    @rule(name=NAMES)
    def let_the_lease_end(self, name: str) -> None:
        """Time passes without a heartbeat."""
        self._jobs.update_one({"_id": name, "state": "running"}, {"$set": {"leaseUntil": PAST}})

    @rule(name=NAMES)
    def let_it_be_due(self, name: str) -> None:
        """Time passes until a job is due."""
        if self._jobs.update_one({"_id": name, "state": "ready"}, {"$set": {"runAt": PAST}}).matched_count:
            self._models[name] = replace(self._models[name], later=False)

    @rule()
    def look_for_ended_leases(self) -> None:
        """The first of two sweeps."""
        self._seen = self._store.run(expired_leases(datetime.now(UTC)))

    @rule()
    def rescue(self) -> None:
        """The second sweep takes what is still exactly as it was seen."""
        stored = {each["_id"]: each for each in self._jobs.find({"state": "running"})}
        same = {
            str(each.id)
            for each in self._seen
            if each.id in stored
            and (stored[each.id]["lease"], stored[each.id]["leaseUntil"]) == (each.lease, each.lease_until)
        }
        taken = self._store.run(rescue(self._seen, RETENTION, timedelta(0)))
        assert {str(each.expired.id) for each in taken} == same
        for name in same:
            self._models[name] = lost(self._models[name])

    @rule(name=NAMES, back=st.booleans())
    def be_away(self, name: str, back: bool) -> None:
        """A worker is away for longer than its lease, and is back between the two sweeps or too late.

        Chance alone seldom takes these steps in their order, and then no worker would have lost its lease.
        """
        self.let_the_lease_end(name)
        self.look_for_ended_leases()
        model = self._models.get(name)
        if back and model is not None and model.token is not None:
            self._store.run(extend([(name, model.token)], HOUR, capped=False))
        self.rescue()

    @rule(name=NAMES)
    def cancel(self, name: str) -> None:
        """A waiting job is cancelled, a running one asked."""
        model = self._models.get(name)
        if self._refused(shelf.cancel(name, RETENTION), model, ("ready", "running")) or model is None:
            return
        waits = model.state == "ready"
        self._models[name] = replace(model, state="cancelled") if waits else replace(model, asked=True)

    @rule(name=NAMES, later=st.booleans())
    def reschedule(self, name: str, later: bool) -> None:
        """A waiting job moves to another time."""
        model = self._models.get(name)
        when = datetime.now(UTC) + HOUR if later else PAST
        if self._refused(shelf.reschedule(name, when), model, ("ready",)) or model is None:
            return
        self._models[name] = replace(model, later=later)

    @rule(name=NAMES)
    def replay(self, name: str) -> None:
        """A job in a final state other than succeeded begins anew; its history stays."""
        model = self._models.get(name)
        if self._refused(shelf.replay(name), model, ("dead", "cancelled", "quarantined")) or model is None:
            return
        self._models[name] = Model(errors=model.errors)

    @rule(name=NAMES)
    def remove(self, name: str) -> None:
        """Whatever does not run can be removed."""
        model = self._models.get(name)
        if self._refused(shelf.remove(name), model, ("ready", *sorted(FINAL))) or model is None:
            return
        del self._models[name]
        self._before.pop(name, None)

    def _refused(self, flow: Any, model: Model | None, allowed: tuple[str, ...]) -> bool:
        try:
            self._store.run(flow)
        except JobNotFoundError:
            assert model is None
            return True
        except JobStateError:
            assert model is not None
            assert model.state not in allowed
            return True
        assert model is not None
        assert model.state in allowed
        return False

    @invariant()
    def every_document_is_what_the_model_says(self) -> None:
        """Nothing else was changed by whatever was done."""
        stored = {each["_id"]: each for each in self._jobs.find({})}
        assert {name: read(each) for name, each in stored.items()} == {
            name: replace(model, later=model.later and model.state == "ready") for name, model in self._models.items()
        }
        for each in stored.values():
            assert_whole(each)

    @invariant()
    def every_change_is_a_move_of_the_table(self) -> None:
        """The table has a row for each change of state."""
        for name, model in self._models.items():
            before = self._before.get(name, model.state)
            assert before == model.state or any(
                before in move.sources and model.state == move.target for move in MOVES.values()
            )
        self._before = {name: model.state for name, model in self._models.items()}


def recorded(model: Model, outcome: Outcome, known: Record) -> Model:
    """Say what must come of an outcome that the lease's holder records."""
    free = replace(model, token=None, asked=False)
    back: State = "cancelled" if model.asked else "ready"
    again = bool(known.errors) and known.errors[-1].kind == "postponed"
    match outcome:
        case Succeeded():
            return replace(free, state="succeeded")
        case Failed(after=after):
            failed = replace(free, errors=(*model.errors, "error"))
            if model.attempts - model.lost > RETRIES.max:
                return replace(failed, state="dead")
            return replace(failed, state=back, later=bool(after))
        case Discarded():
            return replace(free, state="dead", errors=(*model.errors, "discard"))
    uncharged = replace(free, attempts=model.attempts - 1)
    match outcome:
        case Snoozed(wait):
            return replace(uncharged, state=back, later=bool(wait))
        case HandedBack():
            return replace(uncharged, state=back, interrupted=model.interrupted + 1)
        case Rejected():
            return replace(uncharged, state="quarantined", errors=(*model.errors, "invalid"))
        case Postponed():
            errors = model.errors if again else (*model.errors, "postponed")
            return replace(uncharged, state=back, later=True, errors=errors)
    return replace(uncharged, state="cancelled")


def lost(model: Model) -> Model:
    """Say what must come of a lease that ended without an outcome."""
    if model.lost == MAX_LOST:
        state: State = "dead"
    else:
        state = "cancelled" if model.asked else "ready"
    errors = (*model.errors, "lost")
    return replace(model, state=state, token=None, asked=False, lost=model.lost + 1, errors=errors)


def read(stored: dict[str, Any]) -> Model:
    """Read of a document what the model knows."""
    state = stored["state"]
    return Model(
        state=state,
        attempts=stored["attempts"],
        lost=stored["lost"],
        interrupted=stored.get("interrupted", 0),
        errors=tuple(entry["kind"] for entry in stored.get("errors", [])),
        token=stored["lease"] if state == "running" else None,
        asked=state == "running" and stored.get("cancelRequested", False),
        later=state == "ready" and stored["runAt"] > datetime.now(UTC),
    )


def assert_whole(stored: dict[str, Any]) -> None:
    """Hold against each other the fields that belong together."""
    runs, ended = stored["state"] == "running", stored["state"] in FINAL
    assert {"leaseUntil": runs, "deadline": runs} == {name: name in stored for name in ("leaseUntil", "deadline")}
    assert ("finishedAt" in stored) == ended
    assert ("expireAt" in stored) == (stored["state"] in RETENTION)
    assert 0 <= stored["attempts"] - stored["lost"] <= RETRIES.max + 1
    assert stored["lost"] <= MAX_LOST + 1


def waiting(name: str) -> dict[str, Any]:
    """Give a new job."""
    return {
        "_id": name,
        "name": "echo",
        "data": {},
        "state": "ready",
        "queue": "default",
        "priority": 5,
        "runAt": PAST,
        "attempts": 0,
        "lost": 0,
        "maxAttempts": RETRIES.max + 1,
        "maxLost": MAX_LOST,
    }


def test_whatever_is_done_in_whatever_order_the_table_and_the_fences_hold(
    mongo_url: str, mongo_client: Any, database_name: str, scale: int
) -> None:
    store = Store(Settings.load(mongo_url=mongo_url, database=database_name))
    store.run(prepare("jobs"))
    jobs = mongo_client[database_name]["jobs"]

    @hypothesis.seed(SEED)
    class Life(LifeOfJobs):
        def __init__(self) -> None:
            super().__init__(store, jobs)

    # Making a failure small takes minutes on a real server.
    phases = [phase for phase in hypothesis.Phase if scale > 1 or phase is not hypothesis.Phase.shrink]
    examples = 20 if scale == 1 else 400
    told = hypothesis.settings(max_examples=examples, stateful_step_count=40, derandomize=False, phases=phases)
    run_state_machine_as_test(Life, settings=told)
    store.close()


@pytest.mark.parametrize("field", ["state", "attempts", "lost", "leaseUntil"])
def test_the_machine_finds_a_document_that_is_not_what_it_should_be(
    field: str, mongo_url: str, mongo_client: Any, database_name: str
) -> None:
    store = Store(Settings.load(mongo_url=mongo_url, database=database_name))
    store.run(prepare("jobs"))
    jobs = mongo_client[database_name]["jobs"]
    machine = LifeOfJobs(store, jobs)
    machine.queue("a")
    machine.every_document_is_what_the_model_says()
    jobs.update_one({}, {"$set": {field: {"state": "dead", "leaseUntil": PAST}.get(field, 7)}})
    with pytest.raises(AssertionError):
        machine.every_document_is_what_the_model_says()
    store.close()
