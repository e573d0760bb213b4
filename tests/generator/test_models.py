"""The models of payloads: they take whatever their schema takes, and give it back as it was."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from memshelf.payload import MISSING, read, wire
from memshelf_gen.emit.models import OPTIONS, payloads
from memshelf_gen.pipeline import generate
from memshelf_gen.spec import ProjectSpec
from tests.generator.payload_table import AGREEING, CARD, DEFINITIONS, ITEM
from tests.generator.projects import Json, importable, job, make, nested


@pytest.fixture(scope="module")
def agreeing(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Give one model with a property for each schema of the table, and its judge."""
    properties = {"first": {"type": "string"}, **{f"p{n}": schema for n, (schema, _) in enumerate(AGREEING)}}
    config = make(
        tmp_path_factory.mktemp("agreeing"),
        {"table.json": job(properties, {"$defs": DEFINITIONS})},
        generated="agreeing",
        jobs="agreeing_jobs",
    )
    generate(config)
    with importable(config) as package:
        yield importlib.import_module(f"{package.__name__}.catalog").catalog["table"]


@pytest.mark.parametrize("number", range(len(AGREEING)))
def test_the_model_takes_what_the_judge_takes_and_gives_it_back(agreeing: Any, number: int) -> None:
    model = agreeing.payload()
    for value in AGREEING[number][1]:
        payload = {f"p{number}": value}
        assert agreeing.schema.judge.problems(payload) == []
        assert json.dumps(wire(read(model, payload)), sort_keys=True) == json.dumps(payload, sort_keys=True)


def test_absent_is_missing_and_not_null(build: Any) -> None:
    model = build(job({"a": {"type": "string"}, "b": {"type": ["string", "null"]}}))
    made = read(model, {"b": None})
    assert made.a is MISSING
    assert made.b is None
    assert wire(made) == {"b": None}


def test_absent_null_and_empty_are_three_things_everywhere(build: Any) -> None:
    text, nothing = {"type": "string"}, {"type": ["string", "null"]}
    schemas = {
        "text": text,
        "nullable": nothing,
        "day": {"type": "string", "format": "date"},
        "nullableDay": {"type": ["string", "null"], "format": "date"},
        "list": {"type": "array", "items": nothing},
        "item": nested({"a": nothing, "b": text}),
        "nullableItem": {"anyOf": [nested({"a": nothing}), {"type": "null"}]},
        "any": {},
        "null": {"type": "null"},
        "shown": {"type": ["string", "null"], "default": "x"},
    }
    model = build(job(schemas))
    payloads: list[dict[str, Any]] = [
        {},
        {"nullable": None, "nullableDay": None, "nullableItem": None, "any": None, "null": None, "shown": None},
        {"text": "", "nullable": "", "list": [None], "item": {"a": None}, "nullableItem": {"a": None}, "any": []},
        {"item": {}, "nullableItem": {}, "list": []},
    ]
    for payload in payloads:
        made = read(model, payload)
        assert wire(made) == payload
        by_name = {field.serialization_alias or name: getattr(made, name) for name, field in model.model_fields.items()}
        assert {key for key, value in by_name.items() if value is MISSING} == schemas.keys() - payload.keys() - {
            "shown"
        }
        assert {key for key, value in by_name.items() if value is None} == {k for k, v in payload.items() if v is None}
    for key in ("text", "day", "list", "item"):
        with pytest.raises(ValidationError):
            model.model_validate({key: None})


def test_a_default_with_a_format_has_its_class(build: Any) -> None:
    day = {"type": "string", "format": "date"}
    schemas = {
        "one": {**day, "default": "2020-01-01"},
        "list": {"type": "array", "items": day, "default": ["2020-01-01"]},
        "map": {"type": "object", "additionalProperties": {"anyOf": [day, {"type": "null"}]}, "default": {"a": None}},
        "inner": {**nested({"one": day}), "default": {"one": "2020-01-01"}},
    }
    made = read(build(job(schemas)), {})
    assert {type(each).__name__ for each in (made.one, made.list_[0], made.inner.one)} == {"DateText"}
    assert made.one.value.isoformat() == "2020-01-01"
    assert made.map == {"a": None}
    assert wire(made) == {}


def test_a_default_is_read_and_not_written(build: Any) -> None:
    schemas = {
        "text": {"enum": ["low", "high"], "default": "low"},
        "whole": {"type": "integer", "default": 1.0},
        "list": {"type": "array", "items": {"type": "string"}, "default": ["a"]},
        "nothing": {"type": ["string", "null"], "default": None},
        "item": {"$ref": "#/$defs/Item", "default": {"id": 1}},
        "level": {"$ref": "#/$defs/Level"},
    }
    model = build(job(schemas, {"$defs": DEFINITIONS}))
    made = read(model, {})
    assert (made.text, made.whole, made.list_, made.nothing, made.item.id, made.level) == (
        "low",
        1,
        ["a"],
        None,
        1,
        "low",
    )
    assert type(made.whole) is int
    assert wire(made) == {}


def test_a_default_is_data_with_the_names_of_the_wire(build: Any) -> None:
    item = nested({"A": {"type": "integer"}})
    model = build(job({"item": {**item, "default": {"A": 1, "a": "another"}}}))
    assert read(model, {}).item.a == 1


def test_a_default_that_no_type_checker_takes_is_left_out(build: Any) -> None:
    schemas = {
        "text": {"type": "string", "default": None},
        "item": {"$ref": "#/$defs/Item", "default": {}},
        "items": {"type": "array", "items": {"$ref": "#/$defs/Item"}, "default": [{"id": 1}]},
        "none": {"type": "array", "items": {"$ref": "#/$defs/Item"}, "default": []},
        "between": {"oneOf": [lists("light", "dark"), lists("all")], "default": ["all"]},
        "little": {**nested({"n": {"type": "integer", "minimum": 1}}), "default": {"n": 0}},
    }
    made = read(build(job(schemas, {"$defs": DEFINITIONS})), {})
    assert made.text is MISSING
    assert made.item is MISSING
    assert made.items is MISSING
    assert made.between is MISSING
    assert made.little is MISSING
    assert made.none == []


def lists(*choices: str) -> Json:
    """Give a schema of lists of these texts."""
    return {"type": "array", "items": {"enum": list(choices)}}


def test_a_required_property_has_no_default(build: Any) -> None:
    model = build(job({"kind": {"const": "x"}, "level": {"type": "integer", "default": 3}}, required=["kind", "level"]))
    with pytest.raises(ValidationError):
        model()
    assert wire(model(kind="x", level=3)) == {"kind": "x", "level": 3}


def test_a_whole_float_becomes_an_integer_and_not_a_truth(build: Any) -> None:
    model = build(job({"a": {"type": ["boolean", "integer"]}, "default": {"type": "object", "default": {"b": "x-y"}}}))
    assert [repr(read(model, {"a": value}).a) for value in (1.0, 1, True)] == ["1", "1", "True"]


def test_a_union_whose_members_differ_in_one_field_is_decided_by_it(build: Any) -> None:
    union = {"oneOf": [{"$ref": "#/$defs/Card"}, {"$ref": "#/$defs/Transfer"}]}
    model = build(job({"payment": union}, {"$defs": DEFINITIONS}))
    with pytest.raises(ValidationError, match="union_tag_invalid"):
        model.model_validate({"payment": {"kind": "cash"}})
    assert type(read(model, {"payment": {"kind": "sepa", "iban": "i"}}).payment).__name__ == "Transfer"


def test_a_union_whose_members_share_a_value_is_not_decided_by_the_field(build: Any) -> None:
    twin = nested({"kind": {"const": "card"}, "pin": {"type": "integer"}}, required=["kind", "pin"])
    union = {"anyOf": [{"$ref": "#/$defs/Card"}, {"$ref": "#/$defs/Twin"}]}
    model = build(job({"payment": union}, {"$defs": {"Card": CARD, "Twin": twin}}))
    assert type(read(model, {"payment": {"kind": "card", "pin": 1}}).payment).__name__ == "Twin"


def test_a_payload_of_alternatives_has_the_properties_of_all(build: Any) -> None:
    closed = {"additionalProperties": False}
    one = nested({"kind": {"const": "a"}, "n": {"type": "integer"}, "more": {}}, closed, required=["kind", "n"])
    two = nested({"kind": {"const": "b"}, "n": {"type": "string"}}, closed, required=["kind", "n"])
    model = build(job({"kind": {"type": "string"}}, {"oneOf": [one, {"$ref": "#/$defs/Two"}], "$defs": {"Two": two}}))
    annotations = {name: str(field.annotation) for name, field in model.model_fields.items()}
    assert (annotations["kind"], annotations["n"]) == ("typing.Literal['a', 'b']", "int | str")
    assert "typing.Any" in annotations["more"]
    for payload in ({"kind": "a", "n": 1}, {"kind": "b", "n": "x"}, {"kind": "a", "n": 1, "more": None}):
        assert wire(read(model, payload)) == payload


def test_an_open_alternative_leaves_the_others_properties_open(build: Any) -> None:
    model = build(job({}, {"anyOf": [nested({"a": {"type": "string"}}), nested({"b": {"type": "integer"}})]}))
    payload = {"a": 5, "b": 1}
    assert wire(read(model, payload)) == payload


def test_schemas_below_an_address_of_their_own_are_typed(build: Any) -> None:
    address = {
        "$id": "https://acme.example/address",
        "type": "object",
        "properties": {"street": {"$ref": "#/$defs/Line"}, "city": {"$ref": "#city"}, "next": {"$ref": "#"}},
        "$defs": {"Line": {"type": "string"}, "City": {"$anchor": "city", "type": "string", "minLength": 2}},
    }
    model = build(job({"to": address, "from": {"$ref": "https://acme.example/address"}}))
    to = model.model_fields["to"].annotation
    assert "Any" not in str(to)
    payload = model.model_validate({"to": {"street": "a", "next": {"city": "xy"}}, "from": {}})
    assert (payload.to.street, payload.to.next.city, type(payload.from_)) == ("a", "xy", type(payload.to))


def test_a_dynamic_reference_with_one_meaning_is_typed(build: Any) -> None:
    tree = {"type": "array", "items": {"$dynamicRef": "#node"}}
    model = build(job({"value": {"type": "integer"}, "children": tree}, {"$dynamicAnchor": "node"}))
    payload = model.model_validate({"children": [{"value": 1}]})
    assert payload.children[0].value == 1


def test_a_schema_in_a_payload_is_an_object_or_a_truth(build: Any) -> None:
    model = build(job({"schema": {"$ref": "https://json-schema.org/draft/2020-12/schema"}}))
    assert "Union[dict[str, typing.Any], bool" in str(model.model_fields["schema_"].annotation)


def test_unions_of_classes_with_the_same_names_are_decided_each_for_itself(build: Any) -> None:
    other = {"Card": nested({"kind": {"type": "string"}}), "Transfer": nested({"kind": {"type": "string"}})}
    shared = {"oneOf": [{"$ref": "shared.json#/$defs/Card"}, {"$ref": "shared.json#/$defs/Transfer"}]}
    own = {"oneOf": [{"$ref": "#/$defs/Card"}, {"$ref": "#/$defs/Transfer"}]}
    model = build(
        job({"a": own, "b": {"anyOf": shared["oneOf"]}}, {"$defs": DEFINITIONS}), **{"shared.json": {"$defs": other}}
    )
    payload = {"a": {"kind": "sepa", "iban": "i"}, "b": {"kind": "anything"}}
    assert wire(read(model, payload)) == payload


def test_the_options_of_the_engine_are_pinned() -> None:
    assert OPTIONS == {
        "input_file_type": "jsonschema",
        "output_model_type": "pydantic_v2.BaseModel",
        "target_python_version": "3.11",
        "target_pydantic_version": "2.14",
        "enum_field_as_literal": "all",
        "strict_nullable": True,
        "use_exact_imports": True,
        "use_type_checking_imports": False,
        "use_double_quotes": True,
        "allow_remote_refs": False,
        "strict_refs": True,
        "disable_timestamp": True,
        "custom_file_header": "#",
        "formatters": [],
    }


def test_a_project_without_jobs_has_no_models(tmp_path: Path) -> None:
    assert payloads(ProjectSpec((), ()), schemas="schemas") == {}
    config = make(tmp_path, {"common.json": {"$defs": {"Item": ITEM}}}, generated="empty", jobs="empty_jobs")
    generate(config)
    with importable(config) as package:
        assert package.__all__ == ["AsyncJobQueue", "JobQueue"]
        assert list(importlib.import_module("empty.registry").registry) == []
