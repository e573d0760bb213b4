"""Make the models and the TypedDicts of payloads with datamodel-code-generator, which only this file imports."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from datamodel_code_generator import GenerateConfig, generate

from memshelf_gen.emit.classes import write_dict, write_model
from memshelf_gen.emit.code import TemplateError
from memshelf_gen.emit.finish import finish
from memshelf_gen.emit.relax import relax
from memshelf_gen.emit.shape import Relaxed
from memshelf_gen.proof import prove
from memshelf_gen.spec import ProjectSpec

# Most releases of datamodel-code-generator change its output, so its version is pinned, and every option that matters
# is spelled out. It is asked for types alone: names, defaults, limits, aliases and docstrings are ours (finish.py).
OPTIONS: Mapping[str, Any] = {
    "input_file_type": "jsonschema",
    "target_python_version": "3.11",
    "target_pydantic_version": "2.14",
    "enum_field_as_literal": "all",
    "strict_nullable": True,
    "skip_root_model": True,
    "custom_class_name_generator": lambda name: name,
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
MODELS: Mapping[str, Any] = {
    **OPTIONS,
    "output_model_type": "pydantic_v2.BaseModel",
    "base_class": "memshelf.payload.Payload",
    "use_missing_sentinel": True,
}
DICTS: Mapping[str, Any] = {**OPTIONS, "output_model_type": "typing.TypedDict"}


def models(project: ProjectSpec, *, schemas: str) -> dict[str, str]:
    """Give the pydantic models: the text of each module below `models/`, by its path such as `billing/invoice.py`."""
    relaxed = relax(project)
    prove(project.jobs, relaxed.admitted, schemas=schemas)
    return finish(_generate(relaxed, MODELS), relaxed, schemas=schemas, write_class=write_model)


def dicts(project: ProjectSpec, *, schemas: str) -> dict[str, str]:
    """Give the TypedDicts: the text of each module below `dicts/`, by its path."""
    relaxed = relax(project, suffix="Dict", formats=False)
    return finish(_generate(relaxed, DICTS), relaxed, schemas=schemas, write_class=write_dict)


def _generate(relaxed: Relaxed, options: Mapping[str, Any]) -> dict[str, str]:
    """Run datamodel-code-generator over all files at once; it reads folders only, so they stand in a temporary one."""
    if not relaxed.files:
        return {}
    with TemporaryDirectory(prefix="memshelf-gen-") as folder:
        for file in relaxed.files:
            path = Path(folder, *file.ascii_module.split(".")).with_suffix(".json")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(file.document), encoding="utf-8")
        made = generate(Path(folder), config=GenerateConfig(**options))
    if not isinstance(made, dict):
        raise TemplateError(f"datamodel-code-generator gave {type(made).__name__} instead of modules")
    return {"/".join(path): text for path, text in sorted(made.items()) if path[-1] != "__init__.py"}
