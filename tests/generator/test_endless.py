"""Schemas for which jsonschema-rs would fill the stack are left to the other ways of looking."""

from __future__ import annotations

from pathlib import Path

import pytest

from memshelf_gen.canonical import canonical, is_endless
from tests.generator.projects import Json, job, make, write
from tests.generator.test_cli import run

CLOSED: Json = {"$ref": "#", "unevaluatedProperties": False}
TREE: Json = {"type": "object", "properties": {"left": {"$ref": "#/$defs/Tree"}}, "unevaluatedProperties": False}


@pytest.mark.parametrize(
    "schema",
    [
        {"oneOf": [{"type": "object", "properties": {"a": CLOSED}}, {"type": "string"}]},
        {"anyOf": [{"type": "object", "properties": {"a": CLOSED}}, {"type": "string"}]},
        {"if": {"items": {"allOf": [{"$ref": "#"}], "unevaluatedItems": False}}},
        {"dependentSchemas": {"a": {"properties": {"a": CLOSED}}}},
        {"oneOf": [{"items": {"$ref": "#/$defs/A", "unevaluatedItems": False}}, {}], "$defs": {"A": {"$ref": "#"}}},
    ],
)
def test_a_choice_between_a_schema_and_one_that_looks_back_on_it_is_endless(schema: Json) -> None:
    assert is_endless(schema)
    assert canonical(schema) is None


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"a": CLOSED}},
        {"$ref": "#/$defs/Tree", "$defs": {"Tree": TREE}},
        {"$ref": "#/$defs/Tree", "$defs": {"Tree": {"oneOf": [{"type": "string"}, TREE]}}},
        {"oneOf": [{"properties": {"a": {"$ref": "#"}}}, {"type": "string"}]},
        {"oneOf": [{"$ref": "#/$defs/No"}, {"unevaluatedItems": False}]},
    ],
)
def test_other_circles_have_an_end(schema: Json) -> None:
    assert not is_endless(schema)
    assert canonical(schema) is not None or "#/$defs/No" in str(schema)


def test_such_a_schema_is_linted_generated_and_compared(tmp_path: Path) -> None:
    node: Json = {
        "description": "A node.",
        "oneOf": [
            {"type": "string"},
            {
                "type": "object",
                "properties": {"next": {"$ref": "#/$defs/Node", "unevaluatedProperties": False}},
                "additionalProperties": True,
            },
        ],
    }
    schema = job({"a": {"$ref": "#/$defs/Node"}}, {"additionalProperties": False, "$defs": {"Node": node}})
    make(tmp_path, {"a.json": schema})
    assert run(tmp_path, "lint", "--fail-on", "error").exit_code == 0
    assert run(tmp_path).exit_code == 0
    write(tmp_path / "old/a.json", {**schema, "additionalProperties": True})
    assert run(tmp_path, "breaking", "--against", str(tmp_path / "old")).exit_code == 1
