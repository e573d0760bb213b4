"""Generated code changes where a schema changes, and nowhere else: what docs/stability.md says."""

from __future__ import annotations

import ast
import copy
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from memshelf_gen.making import make as make_rendered
from memshelf_gen.pipeline import generate
from memshelf_gen.settings import ProjectConfig, read_config
from memshelf_gen.whole import whole
from tests.generator.projects import Json, job, make, nested, tree, write

HERE = Path(__file__).parent
LISTS = {"__init__.py", "catalog.py", "queues.py", "handlers.py", "registry.py", ".memshelf-gen.json"}
ORDER: Json = job(
    {
        "address": nested({"city": {"type": "string"}, "zip": {"type": "string"}}),
        "class": {"type": "string"},
        "a-b": {"type": "string"},
        "a_b": {"type": "string"},
        "lines": {"type": "array", "items": nested({"sku": {"type": "string"}})},
        "payment": {
            "oneOf": [
                nested({"kind": {"const": "card"}, "last4": {"type": "string"}}, required=["kind"]),
                nested({"kind": {"const": "cash"}}, required=["kind"]),
            ]
        },
        "other": {"$ref": "#/$defs/Other"},
    },
    {"$defs": {"Other": nested({"name": {"type": "string"}})}},
)


def files_of(folder: Path, schemas: dict[str, Json]) -> dict[str, str]:
    config = make(folder, schemas)
    return rendered(config)


def rendered(config: ProjectConfig) -> dict[str, str]:
    return whole(make_rendered(config, line_length=88, cached=False), config, release="1.0")


def fields_of(text: str) -> dict[str, str]:
    """Give each field of each class with its annotation."""
    return {
        f"{each.name}.{ast.unparse(field.target)}": ast.unparse(field.annotation)
        for each in ast.walk(ast.parse(text))
        if isinstance(each, ast.ClassDef)
        for field in each.body
        if isinstance(field, ast.AnnAssign)
    }


@pytest.mark.parametrize("name", ["zzz", "aaa", "a c", "2", "klass", "city", "sku", "Order", "model_dump", "def", ""])
@pytest.mark.parametrize("schema", [{"type": "string"}, nested({"city": {"type": "integer"}})], ids=["text", "object"])
@pytest.mark.parametrize("first", [True, False])
def test_an_unrelated_property_renames_nothing(tmp_path: Path, name: str, schema: Json, first: bool) -> None:
    before = files_of(tmp_path, {"order.json": ORDER})
    grown: Any = copy.deepcopy(ORDER)
    old = grown["properties"]
    grown["properties"] = {name: schema, **old} if first else {**old, name: schema}
    after = files_of(tmp_path, {"order.json": grown})
    for path in ("models/order.py", "dicts/order.py"):
        there, now = fields_of(before[path]), fields_of(after[path])
        assert there
        assert {field: now.get(field) for field in there} == there


def test_of_properties_with_one_name_in_python_the_one_that_is_that_name_keeps_it(tmp_path: Path) -> None:
    for names in (["a_b", "a-b", "a b"], ["a b", "a-b", "a_b"]):
        text = files_of(tmp_path, {"x.json": job({name: {"type": "string"} for name in names})})["models/x.py"]
        fields = fields_of(text)
        assert fields["XPayload.a_b"] == "str | MISSING"
        assert fields.keys() == {"XPayload.a_b", "XPayload.a_b_hyphen", "XPayload.a_b_space"}


def test_a_further_job_leaves_the_files_of_others_alone(tmp_path: Path) -> None:
    before = files_of(tmp_path, {"order.json": ORDER, "deep/bill.json": job({"order": {"type": "string"}})})
    further = {"aaa.json": job({}), "deep/zzz.json": ORDER, "orders.json": job({"a": {"type": "string"}})}
    for path, schema in further.items():
        write(tmp_path / "schemas" / path, schema)
    config = read_config(tmp_path / "pyproject.toml")
    after = rendered(config)
    assert {path for path in before if before[path] != after[path]} <= LISTS


def test_another_order_of_properties_renames_nothing(tmp_path: Path) -> None:
    before = files_of(tmp_path, {"order.json": ORDER})["models/order.py"]
    turned: Any = copy.deepcopy(ORDER)
    turned["properties"] = dict(reversed(turned["properties"].items()))
    after = files_of(tmp_path, {"order.json": turned})["models/order.py"]
    assert fields_of(before) == fields_of(after)


def test_comments_empty_lines_and_line_ends_change_nothing(tmp_path: Path) -> None:
    shutil.copytree(HERE / "golden/billing", tmp_path, dirs_exist_ok=True)
    config = read_config(tmp_path / "pyproject.toml")
    generate(config)
    folder = config.generated_folder
    before = tree(folder)
    for path in config.schema_folder.rglob("*.yaml"):
        lines = path.read_text(encoding="utf-8").splitlines()
        path.write_bytes("\r\n".join(["# A comment.", "", *lines, "", "# Another one."]).encode())
    generate(config)
    assert tree(folder) == before


def test_a_description_changes_docstrings_digests_and_nothing_else(tmp_path: Path) -> None:
    described: Any = copy.deepcopy(ORDER)
    described["properties"]["class"]["description"] = "Which class."
    before = files_of(tmp_path, {"order.json": ORDER})
    after = files_of(tmp_path, {"order.json": described})
    for path in ("models/order.py", "dicts/order.py", "queues.py", "handlers.py"):
        assert undocumented(before[path]) == undocumented(after[path])
    one, other = (json.loads(files[".memshelf-gen.json"])["sources"] for files in (before, after))
    assert one != other


def undocumented(text: str) -> str:
    """Give code without its docstrings, those behind fields too."""
    module = ast.parse(text)
    for node in ast.walk(module):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            kept = [each for each in body if not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))]
            body[:] = kept or [ast.Pass()]
    return ast.unparse(module)
