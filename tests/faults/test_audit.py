"""The audit itself: each kind of broken promise is found, and a job that went through much is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.faults.audit import Circumstances, audit
from tests.faults.journal import Line, What

FINISHED = datetime(2031, 5, 17, 12, tzinfo=UTC)
DATA = {"runs": ["succeed"]}
LOSS = {"kind": "lost", "lease": "first", "worker": "host:1:x"}
FAILURE = {"kind": "error", "lease": "second", "worker": "host:2:x"}


def line(what: What, token: str, at: float = -1.0, pid: int = 1) -> Line:
    return Line(what, "a", token, 1, pid, FINISHED.timestamp() + at)


def stored(**changes: Any) -> dict[str, Any]:
    """Give a job that was lost once, failed once, was given back once, and then succeeded."""
    return {
        "_id": "a",
        "state": "succeeded",
        "data": DATA,
        "attempts": 3,
        "lost": 1,
        "maxAttempts": 4,
        "maxLost": 5,
        "interrupted": 1,
        "errors": [LOSS, FAILURE],
        "lease": "last",
        "finishedAt": FINISHED,
        **changes,
    }


JOURNAL = [line("begin", token) for token in ("first", "second", "given back", "last")] + [line("end", "last")]
GIVEN = Circumstances(queued={"a": DATA}, acknowledged={"a"}, harmed={1})


def test_a_job_that_went_through_much_breaks_no_promise() -> None:
    assert audit([stored()], JOURNAL, GIVEN) == []


Broken = Callable[[], list[str]]
BROKEN: dict[str, Broken] = {
    "acknowledged and lost": lambda: audit([], JOURNAL, GIVEN),
    "nobody queued it": lambda: audit([stored()], JOURNAL, Circumstances({}, ())),
    "ended nowhere": lambda: audit([stored(state="ready")], JOURNAL, GIVEN),
    "is dead, not succeeded": lambda: audit([stored(state="dead")], JOURNAL, GIVEN),
    "was changed": lambda: audit([stored(data={})], JOURNAL, GIVEN),
    "leaseUntil was left behind": lambda: audit([stored(leaseUntil=FINISHED)], JOURNAL, GIVEN),
    "attempts and 1 losses were counted": lambda: audit([stored(attempts=2)], JOURNAL, GIVEN),
    "are allowed": lambda: audit([stored(maxAttempts=1)], JOURNAL, GIVEN),
    "was lost 1 times": lambda: audit([stored(maxLost=-1)], JOURNAL, GIVEN),
    "ran twice under the lease": lambda: audit([stored()], [*JOURNAL, line("begin", "last")], GIVEN),
    "runs have no outcome": lambda: audit([stored()], [*JOURNAL, line("begin", "unknown")], GIVEN),
    "which nobody harmed": lambda: audit([stored()], JOURNAL, Circumstances({"a": DATA}, {"a"}, harmed={2})),
    "no handler returned": lambda: audit([stored()], JOURNAL[:-1], GIVEN),
    "after it had succeeded": lambda: audit([stored(interrupted=2)], [*JOURNAL, line("begin", "late", 1.0)], GIVEN),
}


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_promise_is_told(text: str) -> None:
    assert any(text in told for told in BROKEN[text]())


def test_a_zombie_may_begin_after_the_end_since_it_had_lost_its_lease() -> None:
    late = [*(each for each in JOURNAL if each.token != "first"), line("begin", "first", 1.0)]
    assert audit([stored()], late, GIVEN) == []


def test_a_claim_whose_reply_was_lost_may_be_taken_while_the_server_was_harmed() -> None:
    journal = [each for each in JOURNAL if each.token != "first"]
    assert audit([stored()], journal, Circumstances({"a": DATA}, {"a"}, server_harmed=True)) == []
    assert audit([stored()], journal, Circumstances({"a": DATA}, {"a"}))
