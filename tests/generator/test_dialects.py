"""A schema with a metaschema of its own, which is in the folder, is read by the vocabularies that this one chooses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from memshelf_gen.keywords import DRAFTS
from memshelf_gen.parse import read_project
from memshelf_gen.problem import InvalidInput
from memshelf_gen.published import published
from tests.generator.projects import Json, make

OWN = "https://acme.example/metaschema"
NEW = "https://json-schema.org/draft/2020-12"
NINE = "https://json-schema.org/draft/2019-09"


def metaschema(base: str, *vocabularies: str, **others: bool) -> Json:
    """Give a metaschema that chooses these vocabularies of a draft, and others."""
    chosen = {f"{base}/vocab/{name}": True for name in vocabularies}
    return {"$schema": f"{base}/schema", "$id": OWN, "$vocabulary": {**chosen, **others}}


def bundle(folder: Path, schema: Json, **files: Json) -> Json:
    """Bundle a job in the dialect of the project's own."""
    job = {"$schema": OWN, "x-job": {}, "type": "object", **schema}
    project = read_project(make(folder, {"job.json": job, **{f"{name}.json": each for name, each in files.items()}}))
    return next(one.bundle for one in project.jobs)


SCHEMA: Json = {
    "properties": {"a": {"minimum": 5, "format": "date", "title": "A"}, "b": {"not": {"type": "string"}}},
    "unevaluatedProperties": False,
}


@pytest.mark.parametrize(
    ("meta", "kept", "dropped"),
    [
        (metaschema(NEW, "core", "applicator", "validation"), {"properties", "minimum", "not"},
         {"format", "title", "unevaluatedProperties"}),
        (metaschema(NEW, "core", "applicator", "unevaluated"), {"properties", "not", "unevaluatedProperties"},
         {"minimum", "type"}),
        (metaschema(NEW, "core", "applicator", "format-annotation"), {"properties", "format"}, {"minimum"}),
        (metaschema(NEW, "core", "applicator", "format-assertion"), {"properties", "format"}, {"minimum"}),
        (metaschema(NEW, "core", "applicator", **{"https://acme.example/vocab": False}), {"properties"}, {"minimum"}),
        (metaschema(NINE, "core", "applicator"), {"properties", "unevaluatedProperties"}, {"minimum", "format"}),
        (metaschema(NINE, "core", "applicator", "format"), {"properties", "format"}, {"minimum"}),
        ({"$schema": f"{NEW}/schema", "$id": OWN}, {"properties", "minimum", "format", "title"}, set()),
    ],
)  # fmt: skip
def test_a_keyword_without_its_vocabulary_means_nothing(
    tmp_path: Path, meta: Json, kept: set[str], dropped: set[str]
) -> None:
    made = bundle(tmp_path, SCHEMA, meta=meta)
    words = set(_words(made))
    assert (kept - words, dropped & words) == (set(), set())
    assert made["$schema"].removesuffix("#") in DRAFTS


def test_a_metaschema_may_build_on_another_of_the_folder(tmp_path: Path) -> None:
    middle = metaschema(NEW, "core", "applicator", "validation") | {"$id": "https://acme.example/middle"}
    own = {"$schema": "https://acme.example/middle", "$id": OWN, "$vocabulary": {f"{NEW}/vocab/core": True}}
    made = bundle(tmp_path, SCHEMA, meta=own, middle=middle)
    assert made == {"$schema": f"{NEW}/schema"}


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"meta": metaschema(NEW, "core", **{"https://acme.example/vocab": True})},
        {"meta": metaschema(NEW, "core", "unheard-of")},
        {"meta": {"$schema": OWN, "$id": OWN}},
    ],
)
def test_a_dialect_that_nobody_knows_is_refused(tmp_path: Path, files: dict[str, Json]) -> None:
    with pytest.raises(InvalidInput) as caught:
        bundle(tmp_path, {}, **files)
    assert any(each.where == "$schema" and OWN in each.text for each in caught.value.problems)


@pytest.mark.parametrize("address", DRAFTS)
def test_every_metaschema_that_is_read_can_be_referred_to(address: str) -> None:
    document = published(address)
    assert document is not None
    assert document.value["$id"].removesuffix("#") == address


@pytest.mark.parametrize(
    ("address", "is_there"),
    [
        (f"{NEW}/meta/validation", True),
        (f"{NINE}/meta/format", True),
        ("http://json-schema.org/draft-04/schema", True),
        ("http://json-schema.org/draft-03/schema", False),
        (f"{NEW}/meta/nothing", False),
        ("https://acme.example/schema", False),
    ],
)
def test_nothing_but_the_published_metaschemas_is_known(address: str, is_there: bool) -> None:
    assert (published(address) is not None) == is_there


@pytest.mark.parametrize(
    ("reference", "good", "bad"),
    [
        (f"{NEW}/schema", {"items": True}, {"items": 1}),
        (f"{NINE}/schema", {"items": [True]}, {"items": [1]}),
        ("http://json-schema.org/draft-07/schema#", {"items": [True]}, {"items": [1]}),
        ("http://json-schema.org/draft-04/schema#", {"exclusiveMinimum": True, "minimum": 1}, {"exclusiveMinimum": 1}),
        (f"{NEW}/meta/validation#/$defs/simpleTypes", "string", "text"),
        (f"{NEW}/meta/applicator", {"items": {"type": 1}}, {"items": 1}),
    ],
)
def test_a_payload_may_hold_a_schema(tmp_path: Path, reference: str, good: Any, bad: Any) -> None:
    job = {"x-job": {}, "type": "object", "properties": {"schema": {"$ref": reference}}}
    judge = jsonschema_rs.validator_for(read_project(make(tmp_path, {"job.json": job})).jobs[0].bundle)
    assert judge.is_valid({"schema": good})
    assert not judge.is_valid({"schema": bad})


def _words(schema: Any) -> list[str]:
    match schema:
        case dict():
            return [*schema, *(word for value in schema.values() for word in _words(value))]
        case list():
            return [word for value in schema for word in _words(value)]
        case _:
            return []
