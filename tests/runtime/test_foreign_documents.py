"""Documents that no queue of ours wrote: whatever is in them, the worker goes on and the next job runs."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

import bson
import pytest
from bson import Binary, Code, DBRef, Decimal128, Int64, ObjectId, Regex
from bson.raw_bson import RawBSONDocument
from pymongo.errors import DuplicateKeyError

from memshelf import Settings
from tests.runtime.app.queues import JobQueue
from tests.runtime.working import drained, foreign, nothing

FIELDS = (
    *("_id", "name", "data", "state", "queue", "priority", "runAt", "version", "schema", "attempts", "lost"),
    *("maxAttempts", "maxLost", "interrupted", "lease", "worker", "leaseUntil", "deadline", "startedAt", "finishedAt"),
    *("expireAt", "errors", "cancelRequested", "meta"),
)
STRANGE: tuple[Any, ...] = (
    *(None, True, -1, 2**31, Int64(2**63 - 1), 1.5, float("nan"), float("inf"), Decimal128("NaN"), Decimal128("3")),
    *("", "$data", "ready", "echo", [], [1], ["echo"], ["ready", "default"], [[]], {}, {"$ref": "a", "$id": 1}),
    *({"a": {"b": [1]}}, Binary(b"\0\1"), ObjectId("0" * 24), Regex("a"), Code("1"), bson.MinKey(), bson.MaxKey()),
    *(datetime(1, 1, 1, tzinfo=UTC), bson.DatetimeMS(2**60), [datetime(2020, 1, 1, tzinfo=UTC)], bson.Timestamp(1, 1)),
    DBRef("a", 1),
)
UNFIT = (list, Regex, DBRef, bson.DatetimeMS)
"""What the server takes for no id, or the driver cannot name in the error about a second one."""
GARBLED = b"\xff\xfe\xff\xfe"


@pytest.mark.parametrize("field", FIELDS)
def test_a_value_of_any_type_in_any_field_stops_nobody(
    field: str, queue: JobQueue, settings: Settings, jobs: Any
) -> None:
    jobs.database.command("collMod", "jobs", validationLevel="off")
    for value in STRANGE:
        if field == "_id" and (isinstance(value, UNFIT) or value == {"$ref": "a", "$id": 1}):
            continue
        for state in ("ready", "running"):
            held = {"lease": "gone", "leaseUntil": datetime(2020, 1, 1, tzinfo=UTC)} if state == "running" else {}
            document = {**foreign("echo", {}), "state": state, "priority": 9, **held, field: value}
            with contextlib.suppress(DuplicateKeyError):
                jobs.insert_one(document)
    good = queue.queue_echo_many([{} for _ in range(3)])
    drained(settings, nothing)
    assert [job.refresh().state for job in good] == ["succeeded"] * 3


@pytest.mark.parametrize("field", ["_id", "name", "queue", "schema", "lease", "worker", "meta"])
@pytest.mark.parametrize("state", ["ready", "running"])
def test_text_that_is_not_utf8_stops_nobody(
    field: str, state: str, queue: JobQueue, settings: Settings, jobs: Any
) -> None:
    held = {"lease": "gone", "leaseUntil": datetime(2020, 1, 1, tzinfo=UTC)} if state == "running" else {}
    text: Any = {"text": "XXXX"} if field == "meta" else "XXXX"
    raw = bson.encode({**foreign("echo", {}), "state": state, **held, field: text}).replace(b"XXXX", GARBLED)
    jobs.insert_one(RawBSONDocument(raw))
    good = queue.queue_echo({})
    drained(settings, nothing)
    assert good.refresh().state == "succeeded"


def test_a_document_that_went_round_the_validator_holds_up_no_other(
    queue: JobQueue, settings: Settings, jobs: Any
) -> None:
    strange = [{**foreign("echo", {}), "priority": 50}, {**foreign("echo", {}), "runAt": "soon"}]
    jobs.database.command("insert", "jobs", documents=strange, bypassDocumentValidation=True)
    good = queue.queue_echo({})
    drained(settings, nothing)
    assert good.refresh().state == "succeeded"
    assert jobs.count_documents({"state": "running"}) == 0
