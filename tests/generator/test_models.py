"""The models of payloads: they take whatever their schema takes, and give it back as it was."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from memshelf.payload import MISSING, read, wire
from memshelf_gen.emit.fields import class_name, field_names, singular
from memshelf_gen.emit.models import DICTS, MODELS, dicts, models
from memshelf_gen.emit.places import Place, Places
from memshelf_gen.parse import read_project
from memshelf_gen.pipeline import generate
from memshelf_gen.spec import ProjectSpec
from tests.generator.projects import EMAIL, Json, importable, job, make, nested

CARD = nested({"kind": {"const": "card"}, "token": {"type": "string"}}, required=["kind", "token"])
TRANSFER = nested({"kind": {"enum": ["sepa", "wire"]}, "iban": {"type": "string"}}, required=["kind", "iban"])
LOOSE = nested({"kind": {"type": "string"}, "token": {"type": "integer"}})
ITEM = nested({"id": {"type": "integer"}}, required=["id"])
DEFINITIONS: Json = {
    "Card": CARD,
    "Transfer": TRANSFER,
    "Loose": LOOSE,
    "Item": ITEM,
    "Node": nested({"children": {"type": "array", "items": {"$ref": "#/$defs/Node"}}}, {"additionalProperties": False}),
    "Loop": {"type": "array", "items": {"$ref": "#/$defs/Loop"}},
    "Level": {"enum": ["low", "high"], "default": "low", "description": "How much."},
    "a/b~c": {"type": "integer"},
}

AGREEING: list[tuple[Json, list[Any]]] = [
    ({"type": "string"}, ["", "5", "é😀", "2020-01-01"]),
    ({"type": "string", "minLength": 1, "maxLength": 2}, ["a", "😀😀"]),
    ({"type": "string", "pattern": "^(?!x)"}, ["y"]),
    ({"type": "string", "format": "date-time"}, ["2020-01-01T00:00:00.000000000+00:00", "1990-12-31T23:59:60Z"]),
    ({"type": "string", "format": "uuid"}, ["2EB8AA08-AA98-11EA-B4AA-73B441D16380"]),
    ({"type": "string", "format": "ipv6"}, ["::0:0"]),
    ({"type": "integer"}, [0, -(2**63), 2**63 - 1]),
    ({"type": "integer", "minimum": 0.5, "maximum": 9}, [1, 9]),
    ({"type": "integer", "exclusiveMinimum": 0}, [1]),
    ({"type": "integer", "multipleOf": 3}, [3]),
    ({"type": "number"}, [1, 1.5, 1.0, -0.0, 1e308, 2**53 + 1]),
    ({"type": "number", "minimum": 0.5, "exclusiveMaximum": 10}, [0.5, 9, 9.5]),
    ({"type": "boolean"}, [True, False]),
    ({"type": "null"}, [None]),
    ({"type": ["string", "null"], "maxLength": 3}, [None, "abc"]),
    ({"type": ["integer", "null"], "maximum": 3}, [None, 3]),
    ({"type": ["string", "integer", "boolean"]}, ["1", 1, True]),
    ({"anyOf": [{"type": "string"}, {"type": "number"}]}, ["1", 1, 1.5]),
    ({"anyOf": [{"type": "number"}, {"type": "string"}]}, ["1", 1, 1.5]),
    ({"anyOf": [{"type": "boolean"}, {"type": "integer"}]}, [True, 1, 0]),
    ({"enum": ["a", 'b"\\', "\n"]}, ["a", 'b"\\', "\n"]),
    ({"enum": [1, 2.5, "a", None, True, [1], {"x": 1}]}, [1, 2.5, "a", None, True, [1], {"x": 1}]),
    ({"const": "a"}, ["a"]),
    ({"const": 1}, [1]),
    ({"const": {"a": [1]}}, [{"a": [1]}]),
    ({"type": "array"}, [[], [1, "a", None, {"b": 1}]]),
    ({"type": "array", "items": {"type": "number"}, "minItems": 1, "maxItems": 2}, [[1], [1, 2.5]]),
    ({"type": "array", "items": {"type": "string", "maxLength": 2}, "uniqueItems": True}, [["b", "a"]]),
    ({"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}]}, [[1, "a"], [1, "a", None], []]),
    ({"type": "array", "prefixItems": [{"type": "integer"}], "items": {"type": "string"}}, [[1, "a"]]),
    ({"type": "array", "items": False}, [[]]),
    ({"type": "object"}, [{}, {"a": [1]}]),
    ({"type": "object", "additionalProperties": {"type": "integer"}}, [{}, {"a": 1}]),
    ({"type": "object", "additionalProperties": False}, [{}]),
    ({"type": "object", "patternProperties": {"^x": {"type": "integer"}}, "additionalProperties": False}, [{"x1": 1}]),
    ({"type": "object", "patternProperties": {"^x": {"type": "integer"}}}, [{"x1": 1, "y": "a"}]),
    (nested({"a": {"type": "string"}}, {"additionalProperties": {"type": "integer"}}), [{"a": "b", "c": 1}]),
    (nested({"a": {"type": "string"}}, {"additionalProperties": False}), [{}, {"a": "b"}]),
    (
        nested({"a": {"type": "string"}}, {"patternProperties": {"^x": {}}, "additionalProperties": False}),
        [{"a": "b", "x1": None}],
    ),
    (nested({"a": {"type": "string"}}, {"unevaluatedProperties": False}), [{"a": "b"}]),
    (nested({"a": True, "b": False}), [{"a": [1]}, {}]),
    (nested({"a": {"type": "string"}}, required=["b"]), [{"b": 1}]),
    ({"properties": {"a": {"type": "string"}}}, [{"a": "b"}, 5, "text", None]),
    ({"$ref": "#/$defs/Item"}, [{"id": 1}, {"id": 1, "more": None}]),
    ({"$ref": "#/$defs/Item", "required": ["more"]}, [{"id": 1, "more": 1}]),
    ({"$ref": "#/$defs/Node"}, [{}, {"children": [{"children": []}]}]),
    ({"$ref": "#/$defs/Loop"}, [[], [[], [[]]]]),
    ({"$ref": "#/$defs/a~1b~0c"}, [1]),
    ({"$ref": "#/properties/first"}, ["a"]),
    ({"type": ["object", "null"], "properties": {"a": {"type": "integer"}}}, [None, {"a": 1, "b": 2}]),
    ({"allOf": [{"$ref": "#/$defs/Item"}, {"properties": {"b": {"type": "number"}}}]}, [{"id": 1, "b": 2}]),
    ({"allOf": [{"properties": {"b": {"type": "number"}}}, {"$ref": "#/$defs/Item"}]}, [{"id": 1, "b": 2}]),
    ({"allOf": [{"$ref": "#/$defs/Item"}], "description": "Again."}, [{"id": 1}]),
    ({"allOf": [{"type": "string"}, {"maxLength": 3}]}, ["abc"]),
    ({"allOf": [{"$ref": "#/$defs/Item"}, nested({"id": {"minimum": 0}})]}, [{"id": 1}]),
    ({"oneOf": [{"$ref": "#/$defs/Card"}, {"$ref": "#/$defs/Transfer"}]}, [{"kind": "card", "token": "t"}]),
    (
        {"type": "object", "oneOf": [{"$ref": "#/$defs/Card"}, {"$ref": "#/$defs/Transfer"}]},
        [{"kind": "wire", "iban": "i", "more": 1}],
    ),
    (
        {"anyOf": [{"$ref": "#/$defs/Card"}, {"$ref": "#/$defs/Loose"}]},
        [{"kind": "card", "token": "t"}, {"kind": "card", "token": 1}, {}],
    ),
    (
        {
            "type": "array",
            "items": {"oneOf": [{"$ref": "#/$defs/Card"}, {"$ref": "#/$defs/Transfer"}, {"type": "null"}]},
        },
        [[{"kind": "sepa", "iban": "i"}, None, {"kind": "card", "token": "t"}]],
    ),
    (
        nested({"k": {"type": "string"}}, {"oneOf": [{"required": ["k"]}, {"required": ["l"]}]}),
        [{"k": "a"}, {"l": 1}],
    ),
    (
        nested({"k": {"type": "string"}}, {"if": {"required": ["k"]}, "then": {"required": ["l"]}}),
        [{"k": "a", "l": 1}],
    ),
    ({"not": {"type": "string"}}, [1, None]),
    ({"type": "object", "propertyNames": {"maxLength": 2}}, [{"ab": 1}]),
    (True, [1, {"a": [None]}]),  # type: ignore[list-item]
]


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


@pytest.fixture
def build(tmp_path: Path) -> Any:
    """Generate a project of one job called `thing` and give its model class."""
    opened = []

    def builder(schema: Json, **files: Json) -> type[BaseModel]:
        config = make(tmp_path, {"thing.json": schema, **files}, generated="built", jobs="built_jobs")
        generate(config)
        context = importable(config)
        opened.append(context)
        model: type[BaseModel] = context.__enter__().ThingPayload
        return model

    yield builder
    for context in opened:
        context.__exit__(None, None, None)


def test_absent_is_missing_and_not_null(build: Any) -> None:
    model = build(job({"a": {"type": "string"}, "b": {"type": ["string", "null"]}}))
    made = read(model, {"b": None})
    assert made.a is MISSING
    assert made.b is None
    assert wire(made) == {"b": None}


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


def test_a_default_of_another_type_is_left_out(build: Any) -> None:
    schemas = {
        "text": {"type": "string", "default": None},
        "item": {"$ref": "#/$defs/Item", "default": {}},
        "items": {"type": "array", "items": {"$ref": "#/$defs/Item"}, "default": [{"id": 1}]},
        "none": {"type": "array", "items": {"$ref": "#/$defs/Item"}, "default": []},
    }
    made = read(build(job(schemas, {"$defs": DEFINITIONS})), {})
    assert made.text is MISSING
    assert made.item is MISSING
    assert made.items is MISSING
    assert made.none == []


def test_a_required_property_has_no_default(build: Any) -> None:
    model = build(job({"kind": {"const": "x"}, "level": {"type": "integer", "default": 3}}, required=["kind", "level"]))
    with pytest.raises(ValidationError):
        model()
    assert wire(model(kind="x", level=3)) == {"kind": "x", "level": 3}


def test_code_spells_names_as_python_does_and_data_as_the_schema_does(build: Any) -> None:
    model = build(EMAIL)
    made = model(to="a", subject="b", template_id="t")
    assert wire(made) == {"to": "a", "subject": "b", "templateId": "t"}
    assert model(to="a", subject="b", templateId="t") == made
    assert read(model, wire(made)).template_id == "t"


def test_a_further_property_that_looks_like_a_python_name_stays_a_further_property(build: Any) -> None:
    model = build(job({"class": {"type": "string"}}))
    made = read(model, {"class_": 5})
    assert made.class_ is MISSING
    assert wire(made) == {"class_": 5}


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


def test_two_unions_of_the_same_names_that_differ_are_both_undecided(build: Any) -> None:
    other = {"Card": nested({"kind": {"type": "string"}}), "Transfer": nested({"kind": {"type": "string"}})}
    shared = {"oneOf": [{"$ref": "shared.json#/$defs/Card"}, {"$ref": "shared.json#/$defs/Transfer"}]}
    own = {"oneOf": [{"$ref": "#/$defs/Card"}, {"$ref": "#/$defs/Transfer"}]}
    model = build(
        job({"a": own, "b": {"anyOf": shared["oneOf"]}}, {"$defs": DEFINITIONS}), **{"shared.json": {"$defs": other}}
    )
    payload = {"a": {"kind": "sepa", "iban": "i"}, "b": {"kind": "anything"}}
    assert wire(read(model, payload)) == payload


@pytest.mark.parametrize(
    "description",
    [
        '"',
        '"""',
        "\\",
        "ends with \\",
        "{braces} {0!r} %s",
        "\\N{DASH} \\u0041 \\x41",
        "é😀\u202e\x00",
        " \n\n x\n\ty",
        "'''",
    ],
)
def test_any_description_is_safe(build: Any, description: str) -> None:
    schema = job({"a": {"type": "string", "description": description}}, {"description": description})
    schema["$defs"] = {"Item": {**ITEM, "description": description}}
    schema["properties"]["b"] = {"$ref": "#/$defs/Item"}
    model = build(schema)
    assert (model.__doc__ or "").split() == description.split()


def test_names_are_made_safe() -> None:
    wires = [
        "templateId",
        "class",
        "model_dump",
        "a-b",
        "a_b",
        "aB",
        "_id",
        "__x",
        "$ref",
        "",
        "1st",
        "str",
        "date",
        "ﬁ",
    ]
    assert list(field_names(wires).values()) == [
        "template_id",
        "class_",
        "model_dump_",
        "a_b_2",
        "a_b",
        "a_b_3",
        "id",
        "x",
        "ref",
        "field",
        "field_1st",
        "str_",
        "date",
        "fi",
    ]


def test_classes_are_named_after_their_place(tmp_path: Path) -> None:
    line = nested({"text": {"type": "string"}})
    variant = nested({"kind": {"const": "by-card"}})
    properties = {
        "lines": {"type": "array", "items": line},
        "billTo": nested({"street": nested({"name": {"type": "string"}})}),
        "map": {"type": "object", "additionalProperties": line},
        "choice": {"oneOf": [variant, line]},
        "Field": {"$ref": "#/$defs/Field"},
    }
    made = text_of(tmp_path, job(properties, {"$defs": {"Field": line, "thing-payload": line, "unused": line}}))
    assert [line.split("(")[0] for line in made.splitlines() if line.startswith("class ")] == [
        "class ThingPayloadLine",
        "class ThingPayloadBillToStreet",
        "class ThingPayloadMapValue",
        "class ThingPayloadChoiceByCard",
        "class ThingPayloadChoiceVariant2",
        "class FieldModel",
        "class ThingPayloadBillTo",
        "class ThingPayload",
    ]


def test_a_dict_has_the_names_of_the_wire(tmp_path: Path) -> None:
    config = make(
        tmp_path, {"thing.json": EMAIL, "odd.json": job({"class": {"type": "integer"}, "__x": {}, "list": {}})}
    )
    made = dicts(read_project(config), schemas="schemas")
    assert "templateId: NotRequired[str]" in made["thing.py"]
    assert '"class": "NotRequired[int]"' in made["odd.py"]
    assert '"__x": "NotRequired[Any]"' in made["odd.py"]


def test_files_in_a_circle_are_imported_all_the_same(build: Any) -> None:
    left = {"$defs": {"Item": nested({"other": {"$ref": "right.json#/$defs/Item"}})}}
    right = {"$defs": {"Item": nested({"other": {"$ref": "left.json#/$defs/Item"}, "n": {"type": "integer"}})}}
    model = build(job({"a": {"$ref": "left.json#/$defs/Item"}}), **{"left.json": left, "right.json": right})
    payload = {"a": {"other": {"n": 1, "other": {"other": {"n": 2}}}}}
    assert wire(read(model, payload)) == payload


def test_the_options_of_the_engine_are_pinned() -> None:
    assert {key: value for key, value in MODELS.items() if key != "custom_class_name_generator"} == {
        "input_file_type": "jsonschema",
        "output_model_type": "pydantic_v2.BaseModel",
        "base_class": "memshelf.payload.Payload",
        "target_python_version": "3.11",
        "target_pydantic_version": "2.14",
        "enum_field_as_literal": "all",
        "strict_nullable": True,
        "skip_root_model": True,
        "use_missing_sentinel": True,
        "use_exact_imports": True,
        "use_type_checking_imports": False,
        "use_closed_typed_dict": False,
        "use_double_quotes": True,
        "treat_dot_as_module": False,
        "allow_remote_refs": False,
        "strict_refs": True,
        "disable_timestamp": True,
        "custom_file_header": "#",
        "formatters": ["builtin"],
        "builtin_format_line_length": 10_000,
    }
    assert DICTS["output_model_type"] == "typing.TypedDict"


def test_a_project_without_jobs_has_no_models() -> None:
    assert models(ProjectSpec((), ()), schemas="schemas") == {}


def text_of(folder: Path, schema: Json) -> str:
    """Give the text of one job's models."""
    return models(read_project(make(folder, {"thing.json": schema})), schemas="schemas")["thing.py"]


def test_words_are_put_into_the_singular() -> None:
    plural = ["lines", "addresses", "entries", "boxes", "status", "data", "s"]
    assert [singular(word) for word in plural] == [
        "line",
        "address",
        "entry",
        "box",
        "status_item",
        "data_item",
        "s_item",
    ]
    assert class_name("bill_to-x y") == "BillToXY"


def test_a_place_is_found_by_anchor_and_by_address(tmp_path: Path) -> None:
    schema = job({"a": {"$ref": "#here"}}, {"$defs": {"X": {"$anchor": "here", "type": "string"}}})
    places = Places(read_project(make(tmp_path, {"thing.json": schema})))
    here = Place("thing.json", ("properties", "a"))
    assert places.target(here, "#here") == Place("thing.json", ("$defs", "X"))
    assert places.target(here, "#/$defs/Y") is None
    assert places.target(here, "thing.json") == Place("thing.json")
    assert places.target(here, 5) is None
