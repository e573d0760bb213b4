"""Every fault of every file is told at once, with its position and with what would be right."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memshelf.durations import DURATION_PATTERN
from memshelf_gen.check import check
from memshelf_gen.document import Document
from memshelf_gen.jobkeys import job_metaschema
from memshelf_gen.keywords import DRAFTS, KEYWORDS, Draft
from memshelf_gen.parse import parse, read_project
from memshelf_gen.problem import InvalidInput, Problem
from memshelf_gen.references import References
from memshelf_gen.settings import ProjectConfig, read_config
from memshelf_gen.spec import JobSpec, RetrySpec
from tests.generator.projects import EMAIL, Json, job, make

jsonschema: Any = importlib.import_module("jsonschema")
METASCHEMAS: Any = importlib.import_module("jsonschema_specifications").REGISTRY
PROBLEMS = Path(__file__).parent / "problems"
DRAFT_7 = "http://json-schema.org/draft-07/schema#"


def faults(folder: Path, schemas: dict[str, Json | str]) -> list[Problem]:
    with pytest.raises(InvalidInput) as caught:
        read_project(make(folder, schemas))
    return list(caught.value.problems)


def only_job(folder: Path, schemas: dict[str, Json | str]) -> JobSpec:
    (spec,) = read_project(make(folder, schemas)).jobs
    return spec


@pytest.mark.parametrize("case", sorted(path.parent.name for path in PROBLEMS.glob("*/problems.txt")))
def test_bad_schemas_are_refused_in_these_words(case: str) -> None:
    folder = PROBLEMS / case
    configured = folder / "pyproject.toml"
    config = read_config(configured) if configured.exists() else ProjectConfig(root=folder)
    with pytest.raises(InvalidInput) as caught:
        read_project(config)
    assert f"{caught.value}\n" == (folder / "problems.txt").read_text(encoding="utf-8")


def test_problems_are_sorted_by_file_and_position(tmp_path: Path) -> None:
    bad: Json = {"x-job": {"retries": -1}, "type": "object", "requried": []}
    problems = faults(tmp_path, {"b.json": bad, "a.yaml": "x-job: {version: 0}\ntype: array\n", "c.yaml": ""})
    assert problems == sorted(problems)
    assert [problem.path for problem in problems] == [
        "schemas/a.yaml",
        "schemas/a.yaml",
        "schemas/b.json",
        "schemas/b.json",
        "schemas/c.yaml",
    ]


def test_a_problem_reads_as_path_position_place_and_text() -> None:
    problem = Problem("schemas/email.yaml", 7, 5, "x-job.retries", "must be at least 0, got -1")
    assert str(problem) == "schemas/email.yaml:7:5: x-job.retries: must be at least 0, got -1"


def test_a_job_without_settings_has_every_default(tmp_path: Path) -> None:
    spec = only_job(tmp_path, {"email.yaml": "x-job: {}\ntype: object\n"})
    assert (spec.names.wire, spec.version, spec.queue, spec.priority) == ("email", 1, "default", 5)
    assert (spec.concurrency, spec.retries, spec.max_lost) == (None, RetrySpec(), 5)
    assert (spec.timeout, spec.acknowledge, spec.max_payload) == ("15m", "batched", 1_000_000)
    assert spec.previous_names == ()


def test_the_defaults_are_those_of_the_metaschema(tmp_path: Path) -> None:
    written = {key: schema["default"] for key, schema in keys("Job").items() if "default" in schema}
    spelled = only_job(tmp_path, {"email.yaml": json.dumps({"x-job": written, "type": "object"})})
    assert spelled == only_job(tmp_path, {"email.yaml": "x-job: {}\ntype: object\n"})
    retries = {key: schema["default"] for key, schema in keys("Retries").items()}
    assert RetrySpec(**retries) == RetrySpec()


def test_every_setting_is_read(tmp_path: Path) -> None:
    settings = """
x-job:
  name: send-email
  version: 2
  queue: mail
  priority: 9
  concurrency: 3
  retries: {max: 4, backoff: linear, delay: 500ms, max_delay: 1 hour and 15 minutes, jitter: false}
  max_lost: 0
  timeout: none
  acknowledge: each
  isolation: process
  max_payload: 64KB
  previous_names: [mail, old.mail]
  keep: {succeeded: none, dead: 90d}
type: object
"""
    spec = only_job(tmp_path, {"email.yaml": settings})
    assert (spec.names.wire, spec.version, spec.queue, spec.priority) == ("send-email", 2, "mail", 9)
    assert (spec.concurrency, spec.isolation) == (3, "process")
    assert spec.retries == RetrySpec(4, "linear", "500ms", "1 hour and 15 minutes", False)
    assert (spec.max_lost, spec.timeout, spec.acknowledge, spec.max_payload) == (0, None, "each", 64_000)
    assert spec.previous_names == ("mail", "old.mail")
    assert spec.keep == {"succeeded": "none", "dead": "90d"}


@pytest.mark.parametrize(
    ("written", "size"), [("1", 1), ("15000000", 15_000_000), ("15MB", 15_000_000), ("2 MB", 2_000_000), ("7B", 7)]
)
def test_a_size_is_bytes_or_decimal_units(tmp_path: Path, written: str, size: int) -> None:
    spec = only_job(tmp_path, {"email.yaml": f"x-job: {{max_payload: {written}}}\ntype: object\n"})
    assert spec.max_payload == size


def test_an_integer_written_with_a_point_is_an_integer(tmp_path: Path) -> None:
    spec = only_job(tmp_path, {"email.yaml": "x-job: {version: 2.0, retries: 1.0, priority: 3.0}\ntype: object\n"})
    assert [spec.version, spec.retries.max, spec.priority] == [2, 1, 3]
    assert {type(value) for value in (spec.version, spec.retries.max, spec.priority)} == {int}


@pytest.mark.parametrize(
    ("keywords", "description"),
    [
        ({"description": "Send one.", "title": "Email"}, "Send one."),
        ({"title": "Email"}, "Email"),
        ({}, "The job email."),
    ],
)
def test_a_job_is_described_by_its_schema(tmp_path: Path, keywords: Json, description: str) -> None:
    spec = only_job(tmp_path, {"email.json": {"x-job": {}, "type": "object", **keywords}})
    assert spec.description == description


def test_a_file_without_x_job_holds_shared_definitions(tmp_path: Path) -> None:
    project = read_project(make(tmp_path, {"common/address.yaml": "x-owner: me\n$defs: {Address: {}}\n"}))
    assert project.jobs == ()
    assert [(shared.source, shared.module, shared.schema) for shared in project.shared] == [
        ("common/address.yaml", "common.address", {"$defs": {"Address": {}}})
    ]


def test_the_authors_schema_keeps_its_references_and_its_order_but_no_x_keys(tmp_path: Path) -> None:
    written: Json = {
        "x-job": {},
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "x-owner": {"type": "string"},
        "properties": {"x-foo": {"$ref": "b.json", "x-bar": 1}, "a": {"const": {"x-baz": 1}}},
    }
    spec = only_job(tmp_path, {"a.json": written, "b.json": {}})
    assert list(spec.schema) == ["$schema", "type", "properties"]
    assert spec.schema["properties"] == {"x-foo": {"$ref": "b.json#"}, "a": {"const": {"x-baz": 1}}}


@pytest.mark.parametrize(
    ("draft", "schema"),
    [
        ("draft-07", {"$schema": DRAFT_7, "definitions": {"A": {"items": [{}], "additionalItems": False}}}),
        ("draft-07", {"$schema": DRAFT_7, "dependencies": {"a": ["b"], "c": {"type": "object"}}}),
        ("2019-09", {"$schema": "https://json-schema.org/draft/2019-09/schema", "$recursiveAnchor": True}),
        ("2019-09", {"$schema": "https://json-schema.org/draft/2019-09/schema#", "unevaluatedItems": False}),
        ("2020-12", {"$dynamicAnchor": "x", "prefixItems": [True], "items": False}),
        ("2020-12", {"definitions": {"A": {}}, "$defs": {"B": {"$ref": "#/definitions/A"}}}),
    ],
)
def test_three_drafts_are_read(tmp_path: Path, draft: str, schema: Json) -> None:
    spec = only_job(tmp_path, {"a.json": {"x-job": {}, "type": "object", **schema}})
    assert spec.bundle["type"] == "object"


@pytest.mark.parametrize(
    ("draft", "meaningless"),
    [
        ("draft-07", set()),
        ("2019-09", set()),
        ("2020-12", {"$recursiveRef", "$recursiveAnchor"}),
    ],
)
def test_the_keywords_are_those_of_the_drafts_own_metaschema(draft: Draft, meaningless: set[str]) -> None:
    address = next(address for address, named in DRAFTS.items() if named == draft)
    known = set(keywords_of(METASCHEMAS.contents(address)))
    forgotten = {"writeOnly"}  # by some releases of draft-07's metaschema, and not by its specification
    assert set(KEYWORDS[draft]) | forgotten == (known | forgotten) - meaningless


def keywords_of(metaschema: Json) -> Iterator[str]:
    """Give the properties of a metaschema and of the vocabularies that it refers to."""
    yield from metaschema["properties"]
    for part in metaschema.get("allOf", ()):
        yield from METASCHEMAS.contents(metaschema["$id"].removesuffix("schema") + part["$ref"])["properties"]


def test_the_metaschema_is_valid_and_describes_every_key() -> None:
    metaschema = job_metaschema()
    jsonschema.Draft202012Validator.check_schema(metaschema)
    for schema in (*keys("Job").values(), *keys("Retries").values()):
        target = metaschema["$defs"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
        assert schema.get("description") or target["description"]
        assert target["title"]


def test_the_metaschema_takes_a_whole_job_schema() -> None:
    validator = jsonschema.Draft202012Validator(job_metaschema())
    assert validator.is_valid(EMAIL)
    assert validator.is_valid({"$defs": {}})
    assert not validator.is_valid({"x-job": {"retries": -1}})


def test_durations_are_those_of_the_runtime() -> None:
    assert job_metaschema()["$defs"]["Duration"]["pattern"] == DURATION_PATTERN
    assert keys("Job")["timeout"]["pattern"] == f"^none$|^(?=.*[1-9]){DURATION_PATTERN.removeprefix('^')}"


def keys(definition: str) -> Json:
    found: Json = job_metaschema()["$defs"][definition]["properties"]
    return found


def test_good_schemas_may_use_every_keyword(tmp_path: Path) -> None:
    properties: Json = {
        "a": {"type": ["string", "null"], "minLength": 1, "maxLength": 2.0, "pattern": r"^\p{L}+$"},
        "b": {"enum": [1, "1", None, {}], "default": None, "examples": [], "deprecated": True},
        "c": {"if": True, "then": {"not": False}, "else": {}, "contains": {}, "minContains": 0},
        "d": {"dependentRequired": {"a": ["b"]}, "dependentSchemas": {"a": True}, "propertyNames": {}},
        "e": {"contentEncoding": "base64", "contentMediaType": "text/plain", "contentSchema": {}},
        "x-f": {"x-owner": "me", "const": {"requried": 1}, "multipleOf": 0.01},
    }
    others: Json = {"patternProperties": {"^x-": {"type": "string"}}, "unevaluatedProperties": False}
    assert only_job(tmp_path, {"a.json": {**job(properties), **others}}).names.key == "a"


def test_a_slip_that_changes_no_verdict_refuses_no_schema(tmp_path: Path) -> None:
    assert only_job(tmp_path, {"a.json": job({"a": {"titles": "A", "descripton": "B"}})}).bundle["properties"]["a"]


KNOWN = {word for words in KEYWORDS.values() for word in words}
WORDS = st.sampled_from(sorted({*KNOWN, "x-job", "x-foo", "name", "#"}))
SCALARS = st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from([0.5, -0.5]) | WORDS | st.text()
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=15,
)


@given(st.dictionaries(WORDS, VALUES, max_size=5))
def test_whatever_is_written_is_read_or_refused(written: Json) -> None:
    documents = [
        Document("a.json", "schemas/a.json", {"x-job": {}, "type": "object", **written}, {}),
        Document("b.json", "schemas/b.json", {"properties": {"a": {"$ref": "a.json"}}}, {}),
    ]
    references = References(documents)
    if not [*check(references, jobs="jobs", services=None)]:
        for spec in parse(references).jobs:
            jsonschema_rs.validator_for(spec.bundle)
