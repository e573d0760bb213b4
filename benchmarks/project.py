"""Write a project of any number of jobs: six fields each, one of them an address that all share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ADDRESS = {
    "type": "object",
    "description": "Where somebody lives.",
    "required": ["street", "city"],
    "additionalProperties": False,
    "properties": {"street": {"type": "string"}, "city": {"type": "string"}, "zip": {"type": "string", "maxLength": 9}},
}


def write_project(folder: Path, jobs: int) -> Path:
    """Write the schemas and the configuration, and give the path of the latter."""
    schemas = folder / "schemas"
    schemas.mkdir(parents=True)
    _write(schemas / "common.json", {"$schema": _DIALECT, "$defs": {"Address": _ADDRESS}})
    for number in range(jobs):
        _write(schemas / f"job{number:04d}.json", _job(number))
    config = folder / "pyproject.toml"
    config.write_text("[tool.memshelf]\ngenerated = 'made'\njobs = 'handlers'\n", encoding="utf-8")
    return config


def _job(number: int) -> dict[str, Any]:
    return {
        "$schema": _DIALECT,
        "description": f"Do thing {number}.",
        "x-job": {"timeout": "30s"},
        "type": "object",
        "additionalProperties": False,
        "required": ["to", "subject"],
        "properties": {
            "to": {"type": "string", "format": "email", "description": "The receiver."},
            "subject": {"type": "string", "maxLength": 200},
            "templateId": {"type": "string"},
            "priority": {"enum": ["low", "normal", "high"], "default": "normal"},
            "amount": {"type": "integer", "minimum": number},
            "address": {"$ref": "common.json#/$defs/Address"},
        },
    }


def _write(path: Path, schema: dict[str, Any]) -> None:
    path.write_text(json.dumps(schema, indent=2), encoding="utf-8")
