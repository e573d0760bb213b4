"""Small projects for the generator's tests: folders with schemas, made and loaded in one line each."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from memshelf_gen.cache import FOLDER
from memshelf_gen.settings import ProjectConfig, read_config

Json = dict[str, Any]

EMAIL: Json = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "description": "Send one transactional email.",
    "x-job": {"name": "send-email", "concurrency": 3, "timeout": "30s"},
    "type": "object",
    "additionalProperties": False,
    "required": ["to", "subject"],
    "properties": {
        "to": {"type": "string", "format": "email", "description": "The receiver."},
        "subject": {"type": "string", "maxLength": 200},
        "body": {"type": "string"},
        "templateId": {"type": "string"},
        "priority": {"enum": ["low", "normal", "high"], "default": "normal"},
    },
}


def job(properties: Json, keywords: Json | None = None, *, required: list[str] | None = None) -> Json:
    """Give a job's schema with these properties and further keywords."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "description": "Do one thing.",
        "x-job": {},
        **nested(properties, keywords, required=required),
    }


def nested(properties: Json, keywords: Json | None = None, *, required: list[str] | None = None) -> Json:
    """Give the schema of an object, with further keywords."""
    return {"type": "object", "properties": properties, "required": required or [], **(keywords or {})}


def make(folder: Path, schemas: Mapping[str, Json | str], **settings: str) -> ProjectConfig:
    """Write a project's configuration and schemas; settings are those of [tool.memshelf]."""
    table = "".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items())
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text(f"[tool.memshelf]\n{table}", encoding="utf-8")
    config = read_config(folder / "pyproject.toml")
    for path, schema in schemas.items():
        write(config.schema_folder / path, schema)
    return config


def write(path: Path, content: Json | str) -> None:
    """Write one file, an object as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False), encoding="utf-8")


def tree(folder: Path) -> dict[str, bytes]:
    """Give every file of a folder, compiled ones and the cache left out."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".pyc" and FOLDER not in path.parts
    }


@contextmanager
def importable(config: ProjectConfig) -> Iterator[Any]:
    """Import the generated package; afterwards it and the handlers are forgotten again."""
    root = str(config.root / config.source)
    sys.path.insert(0, root)
    importlib.invalidate_caches()
    try:
        yield importlib.import_module(config.generated)
    finally:
        sys.path.remove(root)
        tops = {name.partition(".")[0] for name in (config.generated, config.jobs)}
        for name in [name for name in sys.modules if name.partition(".")[0] in tops]:
            del sys.modules[name]
