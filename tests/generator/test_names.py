"""The names of fields and classes, and every text that comes into generated code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from memshelf.payload import MISSING, read, wire
from memshelf_gen.emit.fields import class_name, field_names, singular
from memshelf_gen.emit.models import payloads
from memshelf_gen.emit.places import Place, Places
from memshelf_gen.emit.style import shape
from memshelf_gen.parse import read_project
from memshelf_gen.pipeline import check, generate
from tests.generator.payload_table import ITEM
from tests.generator.projects import EMAIL, Json, importable, job, make, nested


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


@pytest.mark.parametrize("text", ["  # ", "x  # y", " = TypedDict(", ",)", '"  # ', "\\", "\n    pass", "{a}", "'"])
def test_any_name_and_any_constant_is_safe(build: Any, text: str) -> None:
    properties = {
        "long " * 20: {"type": "string"},
        text: {"const": text},
        f"{text}'": {"enum": [text, f'{text}"']},
        "a": {"default": text},
    }
    model = build(job(properties, required=[text]))
    data = {text: text, f"{text}'": f'{text}"', "a": text}
    assert wire(read(model, data)) == data
    assert read(model, {text: text}).a == text


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
        "a_b_hyphen",
        "a_b",
        "a_b_camel",
        "id",
        "x",
        "ref",
        "field",
        "field_1st",
        "str_",
        "date",
        "fi",
    ]


def test_no_name_of_pydantics_is_a_fields_name(build: Any) -> None:
    names = [name for owner in (BaseModel, type(BaseModel)) for name in dir(owner)]
    model = build(job({name: {"type": "integer"} for name in names}))
    payload: Json = {name: number for number, name in enumerate(dict.fromkeys(names))}
    assert wire(read(model, payload)) == payload
    assert [name for name in model.model_fields if hasattr(BaseModel, name)] == []


def test_classes_are_named_after_their_place(tmp_path: Path) -> None:
    line = nested({"text": {"type": "string"}})
    variant = nested({"kind": {"const": "by-card"}})
    properties = {
        "lines": {"type": "array", "items": line},
        "billTo": nested({"street": nested({"name": {"type": "string"}})}),
        "map": {"type": "object", "additionalProperties": line},
        "cards": {"$ref": "#/$defs/Cards"},
        "choice": {"oneOf": [variant, nested({"kind": {"const": "cash"}}), {"type": "null"}]},
        "either": {"oneOf": [variant, line]},
        "line": line,
        "Field": {"$ref": "#/$defs/Field"},
    }
    made = text_of(
        tmp_path,
        job(
            properties,
            {
                "$defs": {
                    "Field": line,
                    "Cards": {"type": "array", "items": line},
                    "thing-payload": line,
                    "unused": line,
                }
            },
        ),
    )
    assert [line.split("(")[0] for line in made.splitlines() if line.startswith("class ")] == [
        "class ThingPayloadLinesItem",
        "class ThingPayloadBillToStreet",
        "class ThingPayloadMapValue",
        "class CardsItem",
        "class ThingPayloadChoiceByCard",
        "class ThingPayloadChoiceCash",
        "class ThingPayloadEitherVariant1",
        "class ThingPayloadEitherVariant2",
        "class ThingPayloadLine",
        "class FieldModel",
        "class ThingPayloadBillTo",
        "class ThingPayload",
    ]


def test_a_class_without_capitals_does_not_hide_behind_a_field(build: Any) -> None:
    place = {"$ref": "#/$defs/東京"}
    schema = job(
        {"東京": place, "": place}, {"$defs": {"東京": nested({"東京": place}), "": nested({}), "None": place}}
    )
    payload: Json = {"東京": {"東京": {}}, "": {}}
    assert wire(read(build(schema), payload)) == payload


def test_a_dict_has_the_names_of_the_wire(tmp_path: Path) -> None:
    config = make(
        tmp_path, {"thing.json": EMAIL, "odd.json": job({"class": {"type": "integer"}, "__x": {}, "list": {}})}
    )
    made = {path: shape(each) for path, each in payloads(read_project(config), schemas="schemas").items()}
    assert "templateId: NotRequired[str]" in made["dicts/thing.py"]
    assert '"class": "NotRequired[int]"' in made["dicts/odd.py"]
    assert '"__x": "NotRequired[Any]"' in made["dicts/odd.py"]


def test_a_dict_does_not_take_the_name_of_what_it_is_made_of(build: Any, tmp_path: Path) -> None:
    schema = job({"a": {"$ref": "#/$defs/Typed"}}, {"$defs": {"Typed": nested({"n": {"type": "integer"}})}})
    model = build(schema)
    assert wire(read(model, {"a": {"n": 1}})) == {"a": {"n": 1}}
    assert "class TypedModelDict(TypedDict):" in (tmp_path / "built/dicts/thing.py").read_text()


def test_hundreds_of_odd_names_are_safe_at_any_depth(build: Any) -> None:
    names = [
        f"{before}{number}{after}" for number in range(60) for before, after in zip("$ab_ éX", "-_Bb ﬁ.", strict=True)
    ]
    deep: Json = {"type": "string"}
    payload: Any = "bottom"
    for number in range(40):
        deep, payload = nested({f"in-{number}": deep, "in": {"$ref": "#"}}), {f"in-{number}": payload}
    model = build(job({**{name: {"type": "integer"} for name in names}, "deep": deep, "": {"$ref": "#"}}))
    data: Json = {**{name: number for number, name in enumerate(names)}, "deep": payload, "": {"$ab": 1, "": {}}}
    assert wire(read(model, data)) == data
    assert len(model.model_fields) == len(names) + 2


def test_jobs_may_have_the_payloads_of_each_other_inside(build: Any) -> None:
    """Also where one is met within another first, and where further classes come between and behind."""
    line = nested({"n": {"type": "integer"}})
    files = {f"{name}.json": job({"line": line, "thing": {"$ref": "thing.json"}}) for name in ("alpha", "zeta")}
    model = build(job({name: {"$ref": f"{name}.json"} for name in ("zeta", "alpha")} | {"line": line}), **files)
    inner = {"line": {"n": 1}}
    data = {"zeta": {**inner, "thing": {"alpha": inner}}, "alpha": inner, "line": {"n": 2}}
    assert wire(read(model, data)) == data
    assert type(read(model, data).alpha.line).__name__ == "AlphaPayloadLine"


def test_files_in_a_circle_are_imported_all_the_same(build: Any) -> None:
    left = {"$defs": {"Item": nested({"other": {"$ref": "right.json#/$defs/Item"}})}}
    right = {"$defs": {"Item": nested({"other": {"$ref": "left.json#/$defs/Item"}, "n": {"type": "integer"}})}}
    model = build(job({"a": {"$ref": "left.json#/$defs/Item"}}), **{"left.json": left, "right.json": right})
    payload = {"a": {"other": {"n": 1, "other": {"other": {"n": 2}}}}}
    assert wire(read(model, payload)) == payload


def text_of(folder: Path, schema: Json) -> str:
    """Give the text of one job's models."""
    made = payloads(read_project(make(folder, {"thing.json": schema})), schemas="schemas")
    return shape(made["models/thing.py"])


def test_modules_keep_their_letters(tmp_path: Path) -> None:
    job_of = {"$ref": "größe/maß.json"}
    config = make(
        tmp_path,
        {
            "café.json": job({"a": job_of, "b": {"$ref": "発送.json#/$defs/Item"}}),
            "größe/maß.json": nested({"n": {"type": "integer"}, "up": {"$ref": "../å.json"}}),
            "å.json": nested({"n": {"type": "integer"}}),
            "発送.json": {**job({}), "x-job": {"name": "send"}, "$defs": {"Item": ITEM}},
            "là.json": job({"other": {"$ref": "ici é.json"}}),
            "ici é.json": nested({"other": {"$ref": "là.json"}}),
        },
        generated="built",
        jobs="built_jobs",
    )
    generate(config)
    assert check(config).clean
    with importable(config) as built:
        payload = {"a": {"n": 1, "up": {"n": 2}}}
        assert wire(read(built.CaféPayload, payload)) == payload
        assert built.CaféPayload.__module__ == "built.models.café"


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


def test_every_reference_names_the_file_and_the_place_that_it_means(tmp_path: Path) -> None:
    schema = job({"a": {"$ref": "#here"}, "b": {"$ref": "#"}}, {"$defs": {"X": {"$anchor": "here", "type": "string"}}})
    places = Places(read_project(make(tmp_path, {"more/thing #1.json": schema})))
    file = "more/thing #1.json"
    assert places[Place(file, ("properties", "a"))] == {"$ref": f"{file}#/$defs/X"}
    assert places.target(f"{file}#/$defs/X") == Place(file, ("$defs", "X"))
    assert places.target(f"{file}#") == Place(file)
    assert places.target(f"{file}#/$defs/Y") is None
    assert places.target(5) is None
