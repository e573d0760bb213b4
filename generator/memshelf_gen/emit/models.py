"""Make the models and the TypedDicts of payloads, their types with datamodel-code-generator: its only home."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Mapping
from typing import Any

from datamodel_code_generator import GenerateConfig, generate

from memshelf_gen.emit.annotations import Union, read
from memshelf_gen.emit.code import Module, TemplateError
from memshelf_gen.emit.finish import DICT, MODEL, finish
from memshelf_gen.emit.modules import arrange
from memshelf_gen.emit.relax import relax
from memshelf_gen.proof import prove
from memshelf_gen.spec import Json, ProjectSpec

# Most releases of datamodel-code-generator change its output, so its version is pinned, and every option that matters
# is spelled out. It is asked for types alone, once for each type of the project: classes, names, defaults, limits,
# aliases and docstrings are ours.
OPTIONS: Mapping[str, Any] = {
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


def payloads(project: ProjectSpec, *, schemas: str) -> dict[str, Module]:
    """Give the modules of the payloads by path: `models/billing/invoice.py`, and the TypedDicts in `dicts/`."""
    relaxed = relax(project)
    prove(project.jobs, relaxed.admitted, schemas=schemas)
    keys = {shape: {field: _key(typed) for field, typed in fields.items()} for shape, fields in relaxed.types.items()}
    made = _types({_key(typed): typed for fields in relaxed.types.values() for typed in fields.values()})
    types = {shape: {field: made[key] for field, key in fields.items()} for shape, fields in keys.items()}
    modules = arrange(relaxed.files, types)
    return {
        f"{folder}/{each.path}": finish(each, types, relaxed.tags, kind, schemas=schemas)
        for folder, kind in (("models", MODEL), ("dicts", DICT))
        for each in modules
    }


def _key(typed: Json) -> str:
    return json.dumps(typed)


def _types(wanted: Mapping[str, Json]) -> dict[str, Union]:
    """Give the annotation of each type, under its own key."""
    if not wanted:
        return {}
    fields = {f"t{number}": typed for number, typed in enumerate(wanted.values())}
    document = {"title": "Types", "type": "object", "properties": fields, "required": list(fields)}
    made = generate(json.dumps(document), config=GenerateConfig(**OPTIONS))
    if not isinstance(made, str):
        raise TemplateError(f"datamodel-code-generator gave {type(made).__name__} instead of one module")
    annotations = dict(_annotations(ast.parse(made).body))
    return {key: read(annotations[field]) for key, field in zip(wanted, fields, strict=True)}


def _annotations(statements: Iterable[ast.stmt]) -> Iterable[tuple[str, ast.expr]]:
    for statement in statements:
        match statement:
            case ast.ClassDef(body=body):
                yield from _annotations(body)
            case ast.AnnAssign(target=ast.Name(id=word), annotation=annotation):
                yield word, annotation
