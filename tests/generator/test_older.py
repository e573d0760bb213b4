"""Schemas of drafts 04 and 06 mean what they meant, and are written as draft-07 from then on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from memshelf.judge import Judge
from memshelf.payload import read, wire
from memshelf_gen.parse import read_project
from memshelf_gen.problem import InvalidInput
from tests.generator.projects import Json, make, nested

DRAFT_04 = "http://json-schema.org/draft-04/schema#"
DRAFT_06 = "http://json-schema.org/draft-06/schema#"


def bundle(folder: Path, schema: Json, *, dialect: str = DRAFT_04, **files: Json) -> Json:
    written = {"$schema": dialect, "x-job": {}, **nested({"a": schema})}
    (spec,) = read_project(
        make(folder, {"thing.json": written, **{f"{name}.json": each for name, each in files.items()}})
    ).jobs
    return spec.bundle


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        ({"maximum": 1, "exclusiveMaximum": True}, {"exclusiveMaximum": 1}),
        ({"minimum": 1, "exclusiveMinimum": False}, {"minimum": 1}),
        ({"exclusiveMinimum": True}, {}),
        ({"const": 1, "format": "uri-reference"}, {"const": 1, "format": "uri-reference"}),
        ({"$id": "http://example.com/", "not": {}}, {"not": {}}),
        ({"properties": {"id": {"type": "string"}}}, {"properties": {"id": {"type": "string"}}}),
        ({"enum": [{"id": "x", "const": 1}]}, {"enum": [{"id": "x", "const": 1}]}),
    ],
)
def test_draft_04_is_written_in_the_words_of_draft_07(tmp_path: Path, written: Json, means: Json) -> None:
    made = bundle(tmp_path, written)
    assert made["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert made["properties"]["a"] == means


def test_draft_06_is_written_as_it_stands(tmp_path: Path) -> None:
    made = bundle(tmp_path, {"const": 1, "exclusiveMinimum": 0, "examples": [1]}, dialect=DRAFT_06)
    assert made["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert made["properties"]["a"] == {"const": 1, "exclusiveMinimum": 0, "examples": [1]}


def test_addresses_of_draft_04_are_followed(tmp_path: Path) -> None:
    text: Json = {"$schema": DRAFT_04, "id": "http://example.com/text.json", "definitions": {"T": {"type": "string"}}}
    schema = {"$ref": "http://example.com/text.json#/definitions/T"}
    judge = Judge(bundle(tmp_path, schema, text=text))
    assert judge.is_valid({"a": "x"})
    assert not judge.is_valid({"a": 1})


def test_a_metaschema_of_before_is_known(tmp_path: Path) -> None:
    judge = Judge(bundle(tmp_path, {"$ref": f"{DRAFT_04}/properties/minimum"}))
    assert judge.is_valid({"a": 1})
    assert not judge.is_valid({"a": "1"})


def test_a_schema_in_a_keyword_of_nobodys_is_upgraded_too(tmp_path: Path) -> None:
    lists = {"Low": {"type": "number", "minimum": 1, "exclusiveMinimum": True}}
    written = {"$schema": DRAFT_04, "x-job": {}, "lists": lists, **nested({"a": {"$ref": "#/lists/Low"}})}
    (spec,) = read_project(make(tmp_path, {"thing.json": written})).jobs
    assert not Judge(spec.bundle).is_valid({"a": 1})
    assert Judge(spec.bundle).is_valid({"a": 1.5})


def test_a_fault_is_told_where_it_stands(tmp_path: Path) -> None:
    written = """\
$schema: http://json-schema.org/draft-04/schema#
x-job: {}
type: object
properties:
  a:
    minimum: "1"
    exclusiveMinimum: true
"""
    with pytest.raises(InvalidInput) as caught:
        read_project(make(tmp_path, {"thing.yaml": written}))
    assert str(caught.value).startswith("schemas/thing.yaml:7:5: properties.a.exclusiveMinimum: must be a number")


def test_the_model_takes_what_the_judge_takes(build: Any) -> None:
    low = {"type": "integer", "minimum": 1, "exclusiveMinimum": True}
    model = build({"$schema": DRAFT_04, "id": "http://example.com/", "x-job": {}, **nested({"a": low})})
    assert wire(read(model, {"a": 2})) == {"a": 2}
