"""A bundle is one schema that stands alone and judges as the files do that it was made of."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from memshelf_gen.bundle import digest
from memshelf_gen.parse import read_project
from tests.generator.projects import Json, make

jsonschema: Any = importlib.import_module("jsonschema")
DIALECT = "https://json-schema.org/draft/2020-12/schema"
NINE = "https://json-schema.org/draft/2019-09/schema"
SEVEN = "http://json-schema.org/draft-07/schema#"


def bundle(folder: Path, job: Json, **files: Json) -> Json:
    """Bundle the job `job.json` with other files beside it."""
    sources = {f"{name.replace('__', '/')}.json": content for name, content in files.items()}
    project = read_project(make(folder, {"job.json": {"x-job": {}, "type": "object", **job}, **sources}))
    return next(spec.bundle for spec in project.jobs if spec.names.key == "job")


def accepts(schema: Json, value: Any) -> bool:
    """Give the verdict on which both validators agree."""
    validator = jsonschema.validators.validator_for(schema)
    verdicts = {
        jsonschema_rs.validator_for(schema, validate_formats=True).is_valid(value),
        validator(schema, format_checker=validator.FORMAT_CHECKER).is_valid(value),
    }
    assert len(verdicts) == 1
    return bool(verdicts.pop())


def references_in(schema: Any) -> Iterator[str]:
    match schema:
        case dict():
            yield from (value for key, value in schema.items() if key == "$ref" and isinstance(value, str))
            for value in schema.values():
                yield from references_in(value)
        case list():
            for value in schema:
                yield from references_in(value)


def test_a_schema_that_stands_alone_stays_as_it_is(tmp_path: Path) -> None:
    job = {"properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {"A": {"type": "string"}}}
    assert bundle(tmp_path, job) == {"$schema": DIALECT, "type": "object", **job}


def test_the_dialect_comes_first_and_the_rest_in_the_authors_order(tmp_path: Path) -> None:
    made = bundle(tmp_path, {"title": "Z", "$schema": DIALECT, "properties": {"b": {}, "a": {}}})
    assert list(made) == ["$schema", "type", "title", "properties"]
    assert list(made["properties"]) == ["b", "a"]


def test_a_definition_of_another_file_moves_in(tmp_path: Path) -> None:
    made = bundle(
        tmp_path,
        {"properties": {"to": {"description": "Who.", "$ref": "common/address.json#/$defs/Address"}}},
        common__address={"$defs": {"Address": {"type": "string"}, "Other": {}}},
    )
    assert made["properties"] == {"to": {"description": "Who.", "$ref": "#/$defs/Address"}}
    assert made["$defs"] == {"Address": {"type": "string"}}


def test_what_is_moved_brings_what_it_needs(tmp_path: Path) -> None:
    made = bundle(
        tmp_path,
        {"properties": {"price": {"$ref": "a/money.json#/$defs/Money"}}},
        a__money={"$defs": {"Money": {"properties": {"in": {"$ref": "#/$defs/Code"}, "at": {"$ref": "../day.json"}}},
                            "Code": {"enum": ["EUR"]}}},
        day={"type": "string", "$defs": {"Unused": {}}},
    )  # fmt: skip
    assert made["$defs"] == {
        "Money": {"properties": {"in": {"$ref": "#/$defs/Code"}, "at": {"$ref": "#/$defs/day"}}},
        "Code": {"enum": ["EUR"]},
        "day": {"type": "string"},
    }


def test_names_that_are_taken_get_the_files_name_in_front(tmp_path: Path) -> None:
    made = bundle(
        tmp_path,
        {
            "properties": {
                "a": {"$ref": "#/$defs/A"},
                "b": {"$ref": "x/b.json#/$defs/A"},
                "c": {"$ref": "c.json#/$defs/A"},
            },
            "$defs": {"A": {"const": "own"}},
        },
        x__b={"$defs": {"A": {"const": "b"}}},
        c={"$defs": {"A": {"const": "c"}}},
    )
    assert made["$defs"] == {"A": {"const": "own"}, "x.b.A": {"const": "b"}, "c.A": {"const": "c"}}
    assert accepts(made, {"a": "own", "b": "b", "c": "c"})
    assert not accepts(made, {"a": "b"})


def test_a_reference_into_the_middle_of_a_file_is_followed(tmp_path: Path) -> None:
    made = bundle(
        tmp_path,
        {"properties": {"a": {"$ref": "o.json#/oneOf/1"}, "b": {"$ref": "o.json#/properties/a~1b%20%25/items"}}},
        o={"oneOf": [True, {"type": "string"}], "properties": {"a/b %": {"items": {"type": "integer"}}}},
    )
    assert accepts(made, {"a": "x", "b": 1})
    assert not accepts(made, {"a": 1})
    assert not accepts(made, {"b": "x"})


def test_strange_names_are_escaped_in_pointers(tmp_path: Path) -> None:
    name = 'a/b~c d%e#f"g^h|ü'
    pointer = "a~1b~0c%20d%25e%23f%22g%5Eh%7C%C3%BC"
    made = bundle(
        tmp_path,
        {"properties": {"x": {"$ref": f"o.json#/$defs/{pointer}"}, "y": {"$ref": f"#/$defs/{pointer}"}},
         "$defs": {name: {"type": "integer"}}},
        o={"$defs": {name: {"type": "string"}}},
    )  # fmt: skip
    assert accepts(made, {"x": "x", "y": 1})
    assert not accepts(made, {"x": 1})
    assert not accepts(made, {"y": "y"})


def test_a_pointer_is_followed_as_it_is_written_though_it_is_no_uri(tmp_path: Path) -> None:
    schema = {"properties": {"x": {"$ref": "#/$defs/List<Text>"}}, "$defs": {"List<Text>": {"type": "string"}}}
    made = bundle(tmp_path, schema)
    assert accepts(made, {"x": "x"})
    assert not accepts(made, {"x": 1})


def test_recursion_and_circles_between_files_end(tmp_path: Path) -> None:
    made = bundle(
        tmp_path,
        {"properties": {"tree": {"$ref": "tree.json"}, "again": {"$ref": "#"}}, "additionalProperties": False},
        tree={"type": "object", "properties": {"left": {"$ref": "#"}, "leaf": {"$ref": "leaf.json"}}},
        leaf={"type": ["string", "object"], "properties": {"tree": {"$ref": "tree.json"}, "job": {"$ref": "job.json"}}},
    )
    assert set(references_in(made)) == {"#", "#/$defs/tree", "#/$defs/leaf"}
    assert accepts(made, {"tree": {"left": {"left": {"leaf": {"tree": {"leaf": "x"}}}}}, "again": {"again": {}}})
    assert not accepts(made, {"tree": {"left": {"left": {"leaf": {"tree": {"leaf": 1}}}}}})
    assert not accepts(made, {"tree": {"leaf": {"job": {"unknown": 1}}}})


def test_annotations_go_but_properties_and_values_stay(tmp_path: Path) -> None:
    made = bundle(
        tmp_path,
        {
            "x-owner": "me",
            "properties": {"x-foo": {"x-bar": 1, "const": {"x-baz": 1}, "default": {"x-qux": 1}}},
            "patternProperties": {"x-": {"x-a": 1}},
            "required": ["x-foo"],
            "allOf": [{"x-b": {}, "examples": [{"x-c": 1}]}],
            "$defs": {"x-def": {"x-d": 1}},
        },
    )
    assert made == {
        "$schema": DIALECT,
        "type": "object",
        "properties": {"x-foo": {"const": {"x-baz": 1}, "default": {"x-qux": 1}}},
        "patternProperties": {"x-": {}},
        "required": ["x-foo"],
        "allOf": [{"examples": [{"x-c": 1}]}],
        "$defs": {"x-def": {}},
    }


def test_addresses_and_anchors_become_pointers(tmp_path: Path) -> None:
    made = bundle(
        tmp_path,
        {
            "$id": "https://example.com/schemas/job",
            "properties": {
                "a": {"$ref": "#here"},
                "b": {"$ref": "https://example.com/schemas/other#there"},
                "c": {"$ref": "other#there"},
                "d": {"$ref": "o.json"},
                "e": {"$ref": "part"},
            },
            "$defs": {
                "A": {"$anchor": "here", "type": "string"},
                "P": {"$id": "part", "$ref": "#/$defs/Q", "$defs": {"Q": {"type": "null"}}},
            },
        },
        o={"$id": "https://example.com/schemas/other", "$defs": {"B": {"$anchor": "there", "type": "integer"}}},
    )
    assert [made["properties"][key]["$ref"] for key in "abcde"] == [
        "#/$defs/A",
        "#/$defs/B",
        "#/$defs/B",
        "#/$defs/o",
        "#/$defs/P",
    ]
    assert made["$defs"]["P"]["$ref"] == "#/$defs/P/$defs/Q"
    assert "$id" not in json.dumps(made)
    assert "$anchor" not in json.dumps(made)
    assert accepts(made, {"a": "x", "b": 1, "e": None})
    assert not accepts(made, {"e": 1})


def test_draft_7_keeps_its_own_words(tmp_path: Path) -> None:
    made = bundle(
        tmp_path,
        {"$schema": SEVEN, "properties": {"a": {"$ref": "o.json#/definitions/A"}, "b": {"$ref": "o.json#named"}}},
        o={
            "$schema": SEVEN,
            "definitions": {"A": {"items": [{"type": "string"}]}, "B": {"$id": "#named", "type": "null"}},
        },
    )
    assert made["definitions"] == {"A": {"items": [{"type": "string"}]}, "B": {"type": "null"}}
    assert accepts(made, {"a": ["x"], "b": None})
    assert not accepts(made, {"a": [1]})


@pytest.mark.parametrize(
    ("dialect", "anchor", "reference"),
    [(DIALECT, {"$dynamicAnchor": "node"}, {"$dynamicRef": "#node"}),
     (NINE, {"$recursiveAnchor": True}, {"$recursiveRef": "#"})],
)  # fmt: skip
def test_a_dynamic_reference_with_one_meaning_becomes_a_plain_one(
    tmp_path: Path, dialect: str, anchor: Json, reference: Json
) -> None:
    tree = {"type": "object", **anchor, "properties": {"left": reference}, "additionalProperties": False}
    made = bundle(
        tmp_path, {"$schema": dialect, "properties": {"tree": {"$ref": "tree.json"}}}, tree={"$schema": dialect, **tree}
    )
    assert made["$defs"]["tree"]["properties"] == {"left": {"$ref": "#/$defs/tree"}}
    assert accepts(made, {"tree": {"left": {"left": {}}}})
    assert not accepts(made, {"tree": {"left": {"left": {"right": {}}}}})


def test_a_schema_is_there_once_for_each_meaning_of_its_dynamic_references(tmp_path: Path) -> None:
    tree: Json = {
        "$dynamicAnchor": "node",
        "x-owner": "me",
        "type": "object",
        "properties": {"children": {"type": "array", "items": {"$dynamicRef": "#node"}}},
    }
    strict: Json = {"$dynamicAnchor": "node", "$ref": "tree.json", "unevaluatedProperties": False}
    job: Json = {"properties": {"loose": {"$ref": "common/tree.json"}, "strict": {"$ref": "common/strict.json"}}}
    made = bundle(tmp_path, job, common__tree=tree, common__strict=strict)
    assert accepts(made, {"loose": {"children": [{"a": 1}]}, "strict": {"children": [{"children": []}]}})
    assert not accepts(made, {"strict": {"children": [{"a": 1}]}})
    assert "x-owner" not in json.dumps(made)
    assert "$dynamic" not in json.dumps(made)
    assert list(made["$defs"]) == ["tree", "strict", "common.tree.tree"]


def test_the_outermost_anchor_is_meant_though_others_stand_on_the_way(tmp_path: Path) -> None:
    inner = {"$id": "inner.json", "$recursiveAnchor": True, "type": ["string", "object"]}
    inner["additionalProperties"] = {"$recursiveRef": "#"}
    whole = {
        "$recursiveAnchor": True,
        "$defs": {"inner": inner},
        "anyOf": [{"type": "integer"}, {"$ref": "inner.json"}],
    }
    value = {"properties": {"whole": {"$ref": "whole.json"}, "inner": {"$ref": "whole.json#/$defs/inner"}}}
    made = bundle(tmp_path, {"$schema": NINE, **value}, whole={"$schema": NINE, **whole})
    assert accepts(made, {"whole": {"a": {"b": 1}}, "inner": {"a": {"b": "x"}}})
    assert not accepts(made, {"whole": {"a": {"b": None}}})
    assert not accepts(made, {"inner": {"a": 1}})


def test_a_metaschema_is_a_schema_like_others(tmp_path: Path) -> None:
    made = bundle(tmp_path, {"properties": {"schema": {"$ref": DIALECT}}})
    assert accepts(made, {"schema": {"properties": {"a": {"not": {"type": "string"}}}}})
    assert not accepts(made, {"schema": {"properties": {"a": {"not": {"type": "text"}}}}})
    assert {reference[0] for reference in references_in(made)} == {"#"}


@pytest.mark.parametrize(
    ("dialect", "schema", "good", "bad"),
    [
        (SEVEN, {"items": [{"type": "string"}]}, ["x", 1], [1]),
        (SEVEN, {"items": [{}], "additionalItems": {"type": "string"}}, [1, "x"], [1, 1]),
        (SEVEN, {"items": {"type": "string"}, "additionalItems": False}, ["x", "y"], [1]),
        (SEVEN, {"dependencies": {"a": ["b"], "c": {"required": ["d"]}}}, {"a": 1, "b": 1}, {"a": 1}),
        (SEVEN, {"dependencies": {"a": ["b"], "c": {"required": ["d"]}}}, {"c": 1, "d": 1}, {"c": 1}),
        (SEVEN, {"$ref": "#/definitions/T", "maxLength": 1, "definitions": {"T": {"type": "string"}}}, "long", 1),
        (SEVEN, {"type": "object", "unevaluatedProperties": False, "dependentRequired": {"a": ["b"]}}, {"a": 1}, 1),
        (SEVEN, {"type": "string", "format": "duration"}, "no duration", 1),
        (SEVEN, {"type": "string", "format": "date"}, "2026-01-01", "no date"),
        (SEVEN, {"contains": {"const": 1}}, [2, 1], [2]),
        (NINE, {"contains": {"const": 1}, "unevaluatedItems": {"type": "string"}, "items": [{}]}, [1, "x"], [2, 1]),
        (NINE, {"contains": {"const": 1}, "minContains": 2}, [1, 1], [1]),
        (NINE, {"$recursiveAnchor": True, "not": {"const": 1}, "items": {"$recursiveRef": "#"}}, [[2]], [[1]]),
    ],
)
def test_a_file_of_an_older_draft_means_the_same_in_a_newer_bundle(
    tmp_path: Path, dialect: str, schema: Json, good: Any, bad: Any
) -> None:
    made = bundle(tmp_path, {"properties": {"a": {"$ref": "old.json"}}}, old={"$schema": dialect, **schema})
    assert made["$schema"] == DIALECT
    assert accepts(made, {"a": good})
    assert not accepts(made, {"a": bad})


@pytest.mark.parametrize("dialect", [SEVEN, NINE])
def test_a_job_of_an_older_draft_is_brought_into_the_draft_of_what_it_refers_to(tmp_path: Path, dialect: str) -> None:
    pair = {"items": [{"type": "string"}, {"$ref": "#/properties/pair/items/0"}]}
    job = {"$schema": dialect, "properties": {"pair": pair, "new": {"$ref": "new.json"}, "own": {"$ref": "#"}}}
    made = bundle(tmp_path, job, new={"$schema": DIALECT, "prefixItems": [{"type": "null"}], "items": False})
    assert made["$schema"] == DIALECT
    assert accepts(made, {"pair": ["x", "y", 1], "new": [None], "own": {"pair": []}})
    assert not accepts(made, {"pair": ["x", 1]})
    assert not accepts(made, {"new": [None, None]})
    assert not accepts(made, {"own": {"pair": [1]}})


def test_files_of_one_draft_stay_in_it_whatever_others_are_written_in(tmp_path: Path) -> None:
    old = {"$schema": SEVEN, "items": [{"type": "string"}]}
    made = bundle(
        tmp_path, {"$schema": SEVEN, "properties": {"a": {"$ref": "old.json"}}}, old=old, new={"title": "New"}
    )
    assert (made["$schema"], made["definitions"]) == (SEVEN, {"old": {"items": [{"type": "string"}]}})


def test_a_file_that_nobody_refers_to_changes_no_bundle(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    job = {"properties": {"a": {"$ref": "o.json#/$defs/A"}}}
    one = bundle(tmp_path / "a", job, o={"$defs": {"A": {}}})
    other = bundle(tmp_path / "b", job, o={"$defs": {"A": {}, "B": {}}, "title": "O"}, p={"type": "null"})
    assert one == other


def test_the_digest_is_that_of_canonical_json() -> None:
    assert digest({"b": 1, "a": "ü"}) == digest({"a": "ü", "b": 1})
    assert digest({}) == "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert digest({"a": 1}) != digest({"a": 2})


def test_yaml_and_json_make_the_same_bundle(tmp_path: Path) -> None:
    schema = {"x-job": {}, "type": "object", "properties": {"a": {"enum": ["on", 12, None, 1.5]}}}
    yaml = "x-job: {}\ntype: object\nproperties:\n  a: {enum: [on, 012, ~, 1.5]}\n"
    project = read_project(make(tmp_path, {"a.json": json.dumps(schema), "b.yaml": yaml}))
    assert project.jobs[0].bundle == project.jobs[1].bundle
    assert project.jobs[0].digest == project.jobs[1].digest
