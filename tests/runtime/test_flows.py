"""The flows without a database: every call answered, or its connection lost before or after it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from bson import ObjectId
from pymongo.errors import AutoReconnect, DuplicateKeyError, ServerSelectionTimeoutError

from memshelf.call import Call, Flow
from memshelf.drive import drive
from memshelf.errors import DuplicateJobError, QueueingUncertain, StoreUnavailable
from memshelf.flows.claim import Claimed, ClaimUnread, Terms, Wanted, claim_one
from memshelf.flows.enqueue import enqueue
from memshelf.flows.record import Entry, record
from memshelf.flows.shelf import cancel
from memshelf.settle import Settlement
from tests.claiming import claim_in_steps

NOW = datetime(2031, 5, 17, 12, tzinfo=UTC)
JOB: dict[str, Any] = {"_id": ObjectId(), "name": "echo", "data": {"n": 1}}
OTHER: dict[str, Any] = {"_id": ObjectId(), "name": "echo", "data": {"n": 2}}
WANTED = [Wanted("echo", 10, 4, 5, timedelta(minutes=1))]
TERMS = Terms("worker", "token", timedelta(seconds=30), ("default",), NOW)


class Server:
    """Answers each call by a script and loses the connection where it is told to."""

    def __init__(self, **answers: Callable[[Call], Any]) -> None:
        self._answers = answers
        self.done: list[str] = []
        self.lost: dict[int, str] = {}

    def perform(self, call: Call) -> Any:
        number = len(self.done)
        self.done.append(call.method)
        if self.lost.get(number) == "before":
            raise AutoReconnect("lost before")
        reply = self._answers[call.method](call)
        if self.lost.get(number) == "after":
            raise AutoReconnect("lost after")
        return reply


def test_an_insert_that_was_not_confirmed_is_uncertain_and_names_the_id() -> None:
    server = Server(insert_one=lambda call: None)
    server.lost[0] = "after"
    with pytest.raises(QueueingUncertain) as caught:
        drive(enqueue([JOB]), server.perform)
    assert caught.value.job_ids == (JOB["_id"],)
    assert f"id={JOB['_id']}" in str(caught.value)


def test_no_server_means_that_nothing_was_queued() -> None:
    def refuse(call: Call) -> None:
        raise ServerSelectionTimeoutError("no server")

    with pytest.raises(StoreUnavailable, match="nothing was queued"):
        drive(enqueue([JOB]), Server(insert_one=refuse).perform)


def test_the_same_job_under_the_same_id_is_queued_already() -> None:
    drive(enqueue([JOB]), Server(insert_one=taken, find=lambda call: [JOB]).perform)


def test_a_different_job_under_the_same_id_is_refused() -> None:
    held = {**JOB, "data": {"n": 99}}
    with pytest.raises(DuplicateJobError):
        drive(enqueue([JOB]), Server(insert_one=taken, find=lambda call: [held]).perform)


def test_in_a_callers_transaction_the_drivers_errors_pass_through() -> None:
    server = Server(insert_one=lambda call: None)
    server.lost[0] = "after"
    with pytest.raises(AutoReconnect):
        drive(enqueue([JOB], SimpleNamespace(in_transaction=True)), server.perform)


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize(("number", "call"), [(0, "find"), (1, "update_many"), (2, "find")])
def test_a_claim_whose_connection_is_lost_is_read_again_or_never_written(moment: str, number: int, call: str) -> None:
    """Whatever was lost: either nothing was written, or what was won is known, or the token is to be read again."""
    won: list[str] = []

    def answer_update(call: Call) -> Any:
        won.append(TERMS.token)

    def answer_find(call: Call) -> Any:
        candidates = call.args[0]["state"] == "ready"
        return [{"_id": JOB["_id"], "name": "echo"}] if candidates else [JOB] if won else []

    server = Server(find=answer_find, update_many=answer_update)
    server.lost[number] = moment
    try:
        claimed = drive(claim_in_steps(TERMS, WANTED, most=5), server.perform)
    except AutoReconnect:
        assert (number, won) == (0, [])
    except ClaimUnread:
        assert (number, won) == (2, ["token"])
    else:
        assert server.done[number] == call
        assert claimed == Claimed((JOB,) if won else (), 1, 1)


def test_a_single_claim_whose_reply_is_lost_leaves_a_token_to_read() -> None:
    server = Server(find_one_and_update=lambda call: JOB)
    server.lost[0] = "after"
    with pytest.raises(ClaimUnread):
        drive(claim_one(TERMS, WANTED), server.perform)


def test_a_claim_takes_no_more_of_a_name_than_has_free_slots() -> None:
    taken_ids: list[Any] = []

    def answer_update(call: Call) -> Any:
        taken_ids.extend(call.args[0]["_id"]["$in"])

    def answer_find(call: Call) -> Any:
        return [{"_id": number, "name": "a" if number % 2 else "b"} for number in range(10)]

    wanted = [Wanted("a", 2, 4, 5, None), Wanted("b", 1, 4, 5, None)]
    drive(claim_in_steps(TERMS, wanted, most=10), Server(find=answer_find, update_many=answer_update).perform)
    assert taken_ids == [0, 1, 3]


def test_a_repeated_record_recognises_what_it_wrote_by_the_token() -> None:
    """The first try was written and its reply lost; the second modifies nothing and reads its own token."""
    entries = [Entry(JOB["_id"], "mine", Settlement("succeed")), Entry(OTHER["_id"], "mine", Settlement("succeed"))]
    held = [{"_id": JOB["_id"], "lease": "mine"}, {"_id": OTHER["_id"], "lease": "another's"}]
    server = Server(update_many=lambda call: SimpleNamespace(modified_count=0), find=lambda call: held)
    assert drive(record(entries, {}), server.perform) == {(OTHER["_id"], "mine")}


def test_plain_successes_of_one_claim_are_one_write() -> None:
    entries = [Entry(ObjectId(), "mine", Settlement("succeed")) for _ in range(50)]
    server = Server(update_many=lambda call: SimpleNamespace(modified_count=50))
    assert drive(record(entries, {}), server.perform) == frozenset()
    assert server.done == ["update_many"]


def test_an_error_text_is_never_read_as_an_expression() -> None:
    written: list[Any] = []

    def answer(call: Call) -> Any:
        written.extend(call.args[0])
        return SimpleNamespace(modified_count=1)

    error = {"kind": "error", "message": "$data.password", "type": "$name"}
    entry = Entry(JOB["_id"], "mine", Settlement("die", error=error))
    drive(record([entry], {}), Server(bulk_write=answer).perform)
    assert "'$literal': {'kind': 'error', 'message': '$data.password', 'type': '$name'}" in repr(written)


def test_a_job_that_begins_or_ends_to_run_cannot_slip_through_a_cancellation() -> None:
    """One write serves both states, so that no moment lies between two."""
    asked: list[Any] = []

    def answer(call: Call) -> Any:
        asked.append(call.args[0])
        return JOB

    assert drive(cancel(JOB["_id"], {}), Server(find_one_and_update=answer).perform) == JOB
    assert asked == [{"_id": JOB["_id"], "state": {"$in": ["ready", "running"]}}]


def taken(call: Call) -> Any:
    raise DuplicateKeyError("E11000")


def test_a_flow_hands_back_what_it_returns() -> None:
    def flow() -> Flow[int]:
        reply: int = yield Call("answer")
        return reply + 1

    assert drive(flow(), Server(answer=lambda call: 41).perform) == 42
