"""Names of fields and classes stay what they are when something is added that has nothing to do with them."""

from __future__ import annotations

import ast
import copy
import keyword
import re
import tempfile
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from memshelf.errors import ModelDisagrees
from memshelf.payload import read
from memshelf.payload import wire as wire_of
from memshelf_gen.emit.distinct import spelled
from memshelf_gen.emit.fields import field_name, field_names
from memshelf_gen.pipeline import generate
from tests.generator.projects import Json, importable, job, make, nested

ODD = [
    "",
    "class",
    "class_",
    "model_dump",
    "model_dump_",
    "modelDump",
    "model_dump_camel",
    "schema",
    "a-b",
    "a_b",
    "aB",
    "AB",
    "$ref",
    "ref",
    "_id",
    "id",
    "1st",
    "str",
]
WIRES = st.sampled_from(ODD) | st.text("aAbB_-$ .1éﬁ😀", max_size=4) | st.text(max_size=4)


@given(st.lists(WIRES, unique=True))
def test_names_of_fields_are_good_and_all_different(wires: list[str]) -> None:
    names = field_names(wires)
    assert list(names) == wires
    assert len({*names.values()}) == len(wires)
    for name in names.values():
        assert name.isidentifier()
        assert not keyword.iskeyword(name)
        assert name == unicodedata.normalize("NFKC", name)
        assert not hasattr(BaseModel, name)
        assert name[0] != "_"


@given(st.lists(WIRES, unique=True))
def test_no_field_has_the_name_that_another_has_on_the_wire(wires: list[str]) -> None:
    """A constructor takes both names, so one that is both a field's and another's schema name would mean either."""
    assert {wire: name for wire, name in field_names(wires).items() if name in wires and name != wire} == {}


@given(st.lists(WIRES, unique=True), st.randoms())
def test_the_order_of_properties_names_no_field(wires: list[str], random: Any) -> None:
    other = random.sample(wires, len(wires))
    assert field_names(other) == field_names(wires)


@given(st.lists(WIRES, unique=True), WIRES)
def test_a_field_keeps_its_name_beside_a_new_one_that_wants_another(wires: list[str], new: str) -> None:
    before = field_names(wires)
    wanted = {field_name(wire) for wire in wires}
    assume(new not in wires and field_name(new) not in {*before.values(), *wanted})
    after = field_names([new, *wires])
    assert after == {new: field_name(new), **before}


@given(st.lists(WIRES, unique=True))
def test_a_good_name_is_kept_beside_all_others(wires: list[str]) -> None:
    assert {wire: name for wire, name in field_names(wires).items() if field_name(wire) == wire} == {
        wire: wire for wire in wires if field_name(wire) == wire
    }


PAGE = Path(__file__).parents[2] / "docs" / "generator.md"


def test_the_table_of_fields_in_the_documentation_is_true() -> None:
    rows = PAGE.read_text(encoding="utf-8").partition("| properties of one object | fields |\n|---|---|\n")[2]
    rows = rows.partition("\n\n")[0]
    for row in rows.splitlines():
        wires, names = (re.findall("`(.+?)`", cell) for cell in row.strip("|").split("|"))
        assert field_names(wires) == dict(zip(wires, names, strict=True))
    assert len(rows.splitlines()) > 5


@pytest.mark.parametrize(
    ("wires", "names"),
    [
        (
            "template_id templateId template-id TemplateId",
            "template_id template_id_camel template_id_hyphen template_id_pascal",
        ),
        ("templateId template-id", "template_id template_id_hyphen"),
        ("ref $ref @ref", "ref ref_dollar ref_at"),
        ("id _id __id ID", "id id_underscore id_underscore_underscore id_upper"),
        ("class_ class", "class_ class_plain"),
        ("schema_ schema SCHEMA", "schema_ schema_plain schema_upper"),
        ("model_dump modelDump", "model_dump_ model_dump_camel_"),
        ("a_b_hyphen a_b a-b", "a_b_hyphen a_b a_b_hyphen_d44362"),
        ("a_b a-B a-bB", "a_b a_b_hyphen_camel a_b_b"),
        ("http_call HTTPCall HttpCall", "http_call http_call_pascal http_call_pascal_402661"),
        ("fi ﬁ", "fi fi_ufb01"),
        ("größe GRÖSSE Größe", "größe grösse größe_pascal"),
        ("1st field_1st", "field_1st_plain field_1st"),
    ],
)
def test_names_that_clash_say_how_they_are_written(wires: str, names: str) -> None:
    assert list(field_names(wires.split()).values()) == names.split()


def test_how_a_name_is_written_is_said_in_words() -> None:
    assert {text: spelled(text) for text in ("", "a", "a.b", "a b", "aB", "x/y/z", "é", "+-*/%", "__")} == {
        "": "empty",
        "a": "plain",
        "a.b": "dot",
        "a b": "space",
        "aB": "camel",
        "x/y/z": "slash_slash",
        "é": "plain",
        "+-*/%": "plus_hyphen_star_slash",
        "__": "plain",
    }


KEYS = st.sampled_from(
    [
        "line",
        "lines",
        "Line",
        "a-b",
        "aB",
        "a_b",
        "Field",
        "card",
        "value",
        "",
        "東京",
        "oneOf",
        "properties",
        "lineValue",
    ]
)
LEAVES = st.sampled_from(
    [{"type": "string"}, {"const": "x"}, {"const": "y"}, {"$ref": "#/$defs/Card"}, {"$ref": "thing.json"}, {}]
)


def objects(below: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    made = st.dictionaries(KEYS, below, max_size=4).map(nested)
    return (
        made
        | made.map(lambda one: {"type": "array", "items": one})
        | st.lists(made, min_size=2, max_size=3).map(lambda some: {"oneOf": some})
    )


SCHEMAS = st.recursive(LEAVES, objects, max_leaves=12)
JOBS = st.builds(
    lambda properties, definitions: job(properties, {"$defs": {"Card": nested({}), **definitions}}),
    st.dictionaries(KEYS, SCHEMAS, max_size=4),
    st.dictionaries(KEYS.filter(bool), SCHEMAS, max_size=3),
)


Names = set[tuple[str, ...]]


def named(files: Mapping[str, Json]) -> Names:
    """Generate a project, and give for each class of each module its fields with their names on the wire."""
    with tempfile.TemporaryDirectory() as folder:
        config = make(Path(folder), files)
        generate(config)
        modules = {path: path.read_text() for path in (config.generated_folder / "models").rglob("*.py")}
    return {
        (path.name, *found)
        for path, text in modules.items()
        if path.name not in ("_internal.py", "__init__.py")
        for found in exported(text, modules.get(path.parent / "_internal.py", ""))
    }


def exported(text: str, internal: str) -> Iterator[tuple[str, ...]]:
    """Give the fields of the classes in one module, also of those that it has from another one."""
    tree = ast.parse(text)
    yield from fields(tree, {})
    for each in ast.walk(tree):
        if isinstance(each, ast.ImportFrom) and each.module == "_internal":
            yield from fields(ast.parse(internal), {one.name: one.asname or one.name for one in each.names})


def fields(tree: ast.Module, names: dict[str, str]) -> Iterator[tuple[str, ...]]:
    classes = [each for each in tree.body if isinstance(each, ast.ClassDef)]
    assert len({each.name for each in classes}) == len(classes)
    for each in classes:
        if names and each.name not in names:
            continue
        for line in each.body:
            if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
                alias = re.search(r"validation_alias=('.*?'|\".*?\")", ast.unparse(line.annotation))
                wire = ast.literal_eval(alias[1]) if alias else line.target.id
                yield names.get(each.name, each.name), line.target.id, wire


def inside(schema: Any) -> Iterator[Json]:
    """Give every object with properties."""
    if isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict):
            yield schema["properties"]
        for value in schema.values():
            yield from inside(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from inside(value)


def test_the_table_of_classes_in_the_documentation_is_true() -> None:
    rows = PAGE.read_text(encoding="utf-8").partition("| what | class |\n|---|---|\n")[2].partition("\n\n")[0]
    line = nested({"n": {}})
    tagged = [nested({"kind": {"const": kind}, "n": {}}) for kind in ("card", "cash")]
    properties: Json = {
        "billTo": line,
        "lines": {"type": "array", "items": line},
        "prices": {"type": "object", "additionalProperties": line},
    }
    invoice = job(
        {**properties, "total": {"$ref": "#/$defs/line-item"}, "method": {"oneOf": tagged}},
        {"$defs": {"line-item": line}},
    )
    untagged = job({"method": {"oneOf": [nested({"n": {}, "m": {}}), line]}})
    made = {found[1] for each in (invoice, untagged) for found in named({"billing/invoice.json": each})}
    assert {re.findall("`(.+?)`", row)[-1] for row in rows.splitlines()} <= made
    assert len(rows.splitlines()) == 7


SLOW = settings(
    deadline=None,
    max_examples=25,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
ADDED: list[Json] = [
    {"const": "new"},
    nested({"quux": nested({"line": {}})}),
    {"type": "array", "items": nested({})},
    {"$ref": "other.json#/$defs/Card"},
]
OTHER = {"$defs": {"Card": nested({"card": {"type": "integer"}, "thing": {"$ref": "thing.json#/$defs/Card"}})}}


@SLOW
@given(st.lists(WIRES, unique=True, min_size=1, max_size=30))
def test_a_constructor_takes_both_names_and_a_dict_those_of_the_wire(wires: list[str]) -> None:
    names = field_names(wires)
    data = {wire: number for number, wire in enumerate(wires)}
    schema = job({wire: {"type": "integer"} for wire in wires}, {"additionalProperties": False})
    with tempfile.TemporaryDirectory() as folder:
        config = make(Path(folder), {"thing.json": schema}, generated="built", jobs="built_jobs")
        generate(config)
        with importable(config) as package:
            model = package.ThingPayload
            made = model(**data)
            assert made == model(**{names[wire]: number for wire, number in data.items()}) == read(model, data)
            assert [getattr(made, names[wire]) for wire in wires] == list(data.values())
            assert wire_of(made) == data
            for name in {*names.values()} - {*wires}:
                with pytest.raises(ModelDisagrees):
                    read(model, {name: 1})


@SLOW
@given(JOBS, st.data())
def test_classes_and_fields_keep_their_names_when_a_property_is_added(schema: Json, data: st.DataObject) -> None:
    """Even where the property closes a circle of files, whose classes then stand in one module."""
    changed = copy.deepcopy(schema)
    place = data.draw(st.sampled_from(list(inside(changed))))
    added = data.draw(st.sampled_from(ADDED))
    others = dict(place)
    place.clear()
    place.update({"zzyzx": added, **others} if data.draw(st.booleans()) else {**others, "zzyzx": added})
    assert named({"thing.json": schema, "other.json": OTHER}) <= named({"thing.json": changed, "other.json": OTHER})


@SLOW
@given(JOBS, JOBS)
def test_classes_and_fields_keep_their_names_when_a_file_or_a_definition_is_added(schema: Json, new: Json) -> None:
    added = {**schema, "$defs": {"Zzyzx": nested({"line": nested({})}), **schema["$defs"]}}
    before = named({"thing.json": schema})
    assert before <= named({"thing.json": added, "a.json": new, "z.json": new, "other.json": OTHER})


@SLOW
@given(JOBS)
def test_the_order_of_a_schema_names_nothing(schema: Json) -> None:
    assert named({"thing.json": reversed_in(schema)}) == named({"thing.json": schema})


def reversed_in(schema: Any) -> Any:
    match schema:
        case dict():
            return {key: reversed_in(value) for key, value in reversed(schema.items())}
        case list():
            return [reversed_in(value) for value in schema]
    return schema
