"""No classes are written that would refuse what their schema accepts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from memshelf_gen.emit import relax as relaxing
from memshelf_gen.emit.relax import relax
from memshelf_gen.parse import read_project
from memshelf_gen.pipeline import generate
from memshelf_gen.problem import InvalidInput
from memshelf_gen.proof import proof
from tests.generator.projects import EMAIL, Json, job, make


def test_classes_that_refuse_too_much_are_never_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    monkeypatch.setattr(relaxing, "field_limits", lambda typed: {"max_length": 3} if typed["type"] == "string" else {})
    with pytest.raises(InvalidInput) as caught:
        generate(config)
    (problem,) = caught.value.problems
    assert (problem.path, problem.where) == ("schemas/email.json", "to")
    assert "a fault of memshelf" in problem.text
    assert not (tmp_path / "generated").exists()


@pytest.mark.parametrize(
    ("admitted", "where"),
    [
        ({"type": "object", "required": ["a"]}, ()),
        ({"type": "object", "properties": {"a": {"type": "array", "items": {"type": "integer"}}}}, ("a", 0)),
    ],
)
def test_the_smallest_place_that_is_refused_is_named(admitted: Json, where: tuple[Any, ...]) -> None:
    found = proof({"type": "object", "properties": {"a": {"type": "array", "items": {"type": "string"}}}}, admitted)
    assert (found.holds, found.where) == (False, where)


def test_what_is_proved_is_what_is_written(tmp_path: Path) -> None:
    schema = job({"fooBar": {"type": ["string", "null"], "maxLength": 3}, "sub": {"$ref": "#"}}, required=["fooBar"])
    project = read_project(make(tmp_path, {"thing.json": {**schema, "additionalProperties": False}}))
    (admitted,) = relax(project).admitted.values()
    assert admitted["definitions"]["0"] == {
        "type": "object",
        "properties": {
            "fooBar": {"anyOf": [{"type": "string"}, {"type": "null"}], "maxLength": 3},
            "sub": {"$ref": "#/definitions/0"},
        },
        "required": ["fooBar"],
        "additionalProperties": False,
    }
