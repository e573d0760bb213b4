"""The exported envelope and the collection's validator give the same verdicts, and a job that fits them is run."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import bson
import jsonschema_rs
import pytest
from bson import ObjectId, json_util
from bson.codec_options import CodecOptions, DatetimeConversion
from pymongo.errors import WriteError

from memshelf import Settings
from memshelf.envelope import envelope
from memshelf.order import order
from memshelf_gen.exports.published import envelope as exported_envelope
from tests.nodejs import ask
from tests.runtime.app.catalog import LETTER
from tests.runtime.app.queues import JobQueue
from tests.runtime.test_foreign_documents import STRANGE
from tests.runtime.working import drained, foreign

EXPORTED: dict[str, Any] = json.loads(exported_envelope())
STORED = jsonschema_rs.Draft202012Validator(EXPORTED, validate_formats=True)
QUEUED = jsonschema_rs.Draft202012Validator(
    {"$ref": f"{EXPORTED['$id']}#/$defs/Queued"},
    registry=jsonschema_rs.Registry([(EXPORTED["$id"], EXPORTED)]),
    validate_formats=True,
)
SAMPLES: tuple[Any, ...] = (*STRANGE, 0, 3, 9, 10, 9.0, 4.5, -0.5, "cancelled", [{}], [{"at": 1}], {"tenant": "acme"})
PAYLOAD = {"to": "Ada", "address": {"city": "Turin"}}


def as_json(document: Any) -> Any:
    """Give a document in relaxed Extended JSON."""
    return json.loads(json_util.dumps(document, json_options=json_util.RELAXED_JSON_OPTIONS))


def is_stored(jobs: Any, document: dict[str, Any]) -> bool:
    """Tell whether the database takes a document."""
    far = CodecOptions[dict[str, Any]](datetime_conversion=DatetimeConversion.DATETIME_AUTO)  # the refusal repeats it
    try:
        jobs.with_options(far).insert_one(document)
    except WriteError as error:
        assert error.code == 121, error  # DocumentValidationFailure
        return False
    jobs.delete_one({"_id": document["_id"]})
    return True


@pytest.mark.parametrize("field", [name for name in envelope()["properties"] if name != "_id"])
def test_the_database_and_the_exported_schema_agree(field: str, queue: JobQueue, jobs: Any) -> None:
    verdicts = {}
    for number, value in enumerate(SAMPLES):
        if value == float("inf"):  # no number of JSON: the schema refuses it, the database compares it with the bounds
            continue
        document = {"_id": ObjectId(), **foreign("echo", {}), field: value}
        verdicts[number] = (STORED.is_valid(as_json(document)), is_stored(jobs, document))
    assert {number: SAMPLES[number] for number, (ours, real) in verdicts.items() if ours != real} == {}
    assert {real for _, real in verdicts.values()} == {True, False}


def test_they_agree_on_what_is_required(queue: JobQueue, jobs: Any) -> None:
    whole = foreign("echo", {})
    for field in whole:
        document = {"_id": ObjectId(), **{key: value for key, value in whole.items() if key != field}}
        assert not STORED.is_valid(as_json(document))
        assert not is_stored(jobs, document)


@pytest.mark.parametrize("job_id", [ObjectId(), "order-7", "", 5, 1.5, True, datetime(2020, 1, 1, tzinfo=UTC)])
def test_they_agree_on_ids(job_id: Any, queue: JobQueue, jobs: Any) -> None:
    document = {"_id": job_id, **foreign("echo", {})}
    assert STORED.is_valid(as_json(document)) == is_stored(jobs, document)


def test_the_exported_schema_has_every_field_of_the_validator_and_describes_it() -> None:
    assert set(envelope()["properties"]) <= set(EXPORTED["properties"])
    assert [name for name, each in EXPORTED["properties"].items() if not each.get("description")] == []
    assert set(envelope()["required"]) - {"_id"} == set(EXPORTED["required"])


def test_what_our_own_queues_write_is_what_a_producer_may_write(settings: Settings) -> None:
    now = datetime.now(UTC)
    document = order(LETTER, PAYLOAD, {"meta": {"tenant": "acme"}, "id": "letter-1"}, now, settings)
    assert [str(error) for error in QUEUED.iter_errors(as_json(document))] == []
    for example in EXPORTED["examples"]:
        assert QUEUED.is_valid(example)
    mistakes: list[dict[str, Any]] = [
        {"state": "running"},
        {"priority": 4.5},
        {"lease": "x"},
        {"runat": 1},
        {"data": []},
    ]
    for wrong in mistakes:
        assert not QUEUED.is_valid({**as_json(document), **wrong})


def test_a_document_written_by_hand_after_the_exported_schema_is_run(
    queue: JobQueue, settings: Settings, jobs: Any
) -> None:
    for example in EXPORTED["examples"]:
        document = json_util.loads(json.dumps({**example, "name": LETTER.name, "data": PAYLOAD}))
        jobs.insert_one({**document, "runAt": datetime.now(UTC) - timedelta(seconds=1)})
    seen: list[Any] = []
    drained(settings, lambda job, context: seen.append(job.payload.address.city), job=LETTER)
    assert seen == ["Turin", "Turin"]


def test_a_producer_of_nodes_driver_is_served(
    queue: JobQueue, settings: Settings, jobs: Any, mongo_url: str, database_name: str
) -> None:
    schema = {**LETTER.schema.load(), "$id": "urn:memshelf:send-letter"}
    entry = {"name": LETTER.name, "queue": LETTER.queue, "priority": LETTER.priority, "version": LETTER.version}
    question = {
        "database": database_name,
        "envelope": EXPORTED,
        "schema": schema,
        "entry": {**entry, "digest": LETTER.schema.digest},
        "payloads": [PAYLOAD, {"to": ""}, {"to": "Bo", "address": {"city": "Bari", "lines": ["Via Sparano 1"]}}],
    }
    told = ask("produce.cjs", question, MONGO_URL=mongo_url)
    assert [each is not None for each in told] == [True, False, True]
    seen: list[Any] = []
    drained(settings, lambda job, context: seen.append((str(job.id), job.payload.address.city)), job=LETTER)
    assert sorted(seen) == sorted([(told[0], "Turin"), (told[2], "Bari")])
    assert {bson.ObjectId(each) for each in told if each} == {each["_id"] for each in jobs.find({"state": "succeeded"})}
