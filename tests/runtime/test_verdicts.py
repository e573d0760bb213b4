"""One verdict on each payload of the table, whoever gives it: the judges, the queue, the worker, and `jsonschema`."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient
from referencing import Registry as Resources
from referencing.jsonschema import DRAFT202012

from generated import JobQueue
from generated.catalog import catalog
from memshelf import Context, Job, PayloadError, Registered, Registry, Settings, Worker
from memshelf.flows.prepare import prepare
from memshelf.judge import Judge, python_compiler, rs_compiler
from memshelf.payload import read, wire
from memshelf.plain import plain
from tests.runtime.exactness import exact, exact_values
from tests.runtime.verdict_table import TABLE, Case

jsonschema: Any = importlib.import_module("jsonschema")
SCHEMAS = Path(__file__).parents[2] / "schemas"
cases = pytest.mark.parametrize("case", TABLE, ids=str)


def test_the_table_is_long_and_has_both_kinds() -> None:
    assert len([case for case in TABLE if case.valid]) >= 20
    assert len([case for case in TABLE if not case.valid]) >= 40
    assert len({str(case) for case in TABLE}) == len(TABLE)


@cases
def test_jsonschema_on_the_schema_file_agrees(case: Case) -> None:
    assert of_the_file(case.key).is_valid(case.payload) is case.valid


@cases
def test_jsonschema_on_the_bundle_agrees(case: Case) -> None:
    validator = jsonschema.Draft202012Validator
    bundle = catalog[case.key].schema.load()
    assert validator(bundle, format_checker=validator.FORMAT_CHECKER).is_valid(case.payload) is case.valid


@pytest.mark.parametrize("compiler", [rs_compiler, python_compiler], ids=["jsonschema-rs", "jsonschema"])
@cases
def test_the_judge_agrees(case: Case, compiler: Callable[[], Any]) -> None:
    judge = Judge(catalog[case.key].schema.load(), compiler=compiler())
    assert judge.is_valid(plain(case.payload)) is case.valid
    assert bool(judge.problems(plain(case.payload))) is not case.valid


@cases
def test_both_judges_use_the_same_words(case: Case) -> None:
    bundle = catalog[case.key].schema.load()
    by_rs, by_python = (
        Judge(bundle, compiler=each()).problems(case.payload) for each in (rs_compiler, python_compiler)
    )
    assert by_rs == by_python


@pytest.mark.parametrize("case", [case for case in TABLE if case.valid], ids=str)
def test_the_model_takes_what_the_judge_takes_and_writes_it_back(case: Case) -> None:
    model = read(catalog[case.key].payload(), case.payload)
    assert wire(model) == case.payload


def test_the_queue_agrees_and_stores_what_it_was_given(settings: Settings, jobs: Any) -> None:
    verdicts = {}
    with JobQueue(settings=settings) as queue:
        methods: dict[str, Callable[..., Any]] = {
            "email": queue.queue_email,
            "webhook": queue.queue_webhook,
            "billing/invoice": queue.queue_billing_invoice,
        }
        for number, case in enumerate(TABLE):
            try:
                methods[case.key](case.payload, id=str(number))
                verdicts[str(case)] = True
            except PayloadError:
                verdicts[str(case)] = False
    assert verdicts == {str(case): case.valid for case in TABLE}
    raw = jobs.with_options(codec_options=CodecOptions(document_class=RawBSONDocument))
    stored = {document["_id"]: exact(plain(document["data"])) for document in raw.find()}
    assert stored == {str(number): exact(case.payload) for number, case in enumerate(TABLE) if case.valid}


def test_the_queue_agrees_when_it_is_given_many(settings: Settings, jobs: Any) -> None:
    with JobQueue(settings=settings) as queue:
        for key in ("email", "webhook", "billing/invoice"):
            payloads = [case.payload for case in TABLE if case.key == key]
            with pytest.raises(PayloadError) as refused:
                queue.queue_many(catalog[key], payloads)
            wrong = {problem.index for problem in refused.value.problems}
            assert wrong == {n for n, case in enumerate(c for c in TABLE if c.key == key) if not case.valid}
    assert jobs.count_documents({}) == 0


def test_the_worker_agrees(settings: Settings, jobs: Any) -> None:
    worked(settings, jobs, TABLE)
    states = {document["_id"]: document["state"] for document in jobs.find({}, {"state": 1})}
    assert states == {str(case): "succeeded" if case.valid else "quarantined" for case in TABLE}


def test_handlers_see_what_was_inserted(settings: Settings, jobs: Any) -> None:
    good = [case for case in TABLE if case.valid]
    seen = worked(settings, jobs, good)
    assert {title: exact_values(payload) for title, payload in seen.items()} == {
        str(case): exact_values(case.payload) for case in good
    }


def worked(settings: Settings, jobs: Any, table: Iterable[Case]) -> dict[str, Any]:
    """Insert payloads by hand, have a worker run them, and give the payloads that reached the handlers."""
    seen: dict[str, Any] = {}

    async def handle(job: Job[Any], context: Context) -> None:
        seen[str(job.id)] = wire(job.payload)

    async def work() -> None:
        registry = Registry([Registered(job, handle) for job in catalog])
        await Worker(registry, settings=settings).run(drain=True, signals=False)

    jobs.insert_many([inserted_by_hand(case) for case in table])
    asyncio.run(asyncio.wait_for(work(), 60))
    return seen


def inserted_by_hand(case: Case) -> dict[str, Any]:
    """Write a document as a producer in another language may: with the required fields alone."""
    return {
        "_id": str(case),
        "name": catalog[case.key].name,
        "data": case.payload,
        "state": "ready",
        "queue": "default",
        "priority": 5,
        "runAt": datetime.now(UTC),
    }


@cache
def of_the_file(key: str) -> Any:
    def retrieve(uri: str) -> Any:
        path = Path(uri.removeprefix("file://"))
        return DRAFT202012.create_resource(yaml.safe_load(path.read_text(encoding="utf-8")))

    validator = jsonschema.Draft202012Validator
    return validator(
        {"$ref": (SCHEMAS / f"{key}.yaml").as_uri()},
        registry=Resources(retrieve=retrieve),  # type: ignore[call-arg]
        format_checker=validator.FORMAT_CHECKER,
    )


@pytest.fixture
def settings(mongo_url: str, database_name: str) -> Settings:
    return Settings.load(mongo_url=mongo_url, database=database_name, process_every="100ms")


@pytest.fixture
def jobs(mongo_client: MongoClient[dict[str, Any]], database_name: str, settings: Settings) -> Any:
    with JobQueue(settings=settings) as queue:
        queue._store.run(prepare(settings.collection))
    return mongo_client[database_name]["jobs"]
