"""datamodel-code-generator by itself, with the options under which it does best, as one module of one schema."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from datamodel_code_generator import GenerateConfig, generate
from pydantic import BaseModel

OPTIONS: Mapping[str, Any] = {
    "input_file_type": "jsonschema",
    "output_model_type": "pydantic_v2.BaseModel",
    "target_python_version": "3.11",
    "target_pydantic_version": "2.14",
    "class_name": "Root",
    "use_annotated": True,
    "field_constraints": True,
    "use_union_operator": True,
    "use_standard_collections": True,
    "enum_field_as_literal": "all",
    "use_single_value_enum_as_const": True,
    "use_missing_sentinel": True,
    "strict_nullable": True,
    "use_schema_description": True,
    "use_field_description": True,
    "use_attribute_docstrings": True,
    "use_single_line_docstring": True,
    "use_default_kwarg": True,
    "use_title_as_name": True,
    "naming_strategy": "full-path",
    "use_tag_as_union_variant_name": True,
    "field_type_collision_strategy": "rename-field",
    "collapse_root_models": True,
    "use_double_quotes": True,
    "disable_timestamp": True,
    "allow_population_by_field_name": True,
    "allow_remote_refs": False,
    "strict_refs": True,
    "treat_dot_as_module": False,
    "use_exact_imports": True,
    "use_type_checking_imports": False,
    "type_mappings": ["email=string", "uri=string", "date-time=string", "time=string", "duration=string"],
    "formatters": ["builtin"],
}


def write(bundle: Mapping[str, Any]) -> str:
    """Give the module of a schema that needs no other file; its class is `Root`, not what the title says."""
    document = {key: value for key, value in bundle.items() if key != "title"}
    made = generate(json.dumps(document), config=GenerateConfig(**OPTIONS))
    if isinstance(made, dict):
        raise TypeError(f"several modules: {list(made)}")
    return str(made)


@contextmanager
def model(text: str) -> Iterator[type[BaseModel]]:
    """Import such a module and give the class of the whole payload."""
    module = ModuleType("alone")
    sys.modules[module.__name__] = module
    try:
        exec(compile(text, module.__name__, "exec"), module.__dict__)
        found: type[BaseModel] = module.Root
        found.model_rebuild()
        yield found
    finally:
        del sys.modules[module.__name__]
