"""The documents that the generator publishes as they are: the stored job, schema files, and what commands answer."""

from __future__ import annotations

import json
from importlib.resources import files

EDITORS = ".job.schema.json"
"""What the metaschema is called in a schema folder; names with a dot in front are not read, so it is no job."""


def envelope() -> str:
    """Give the JSON Schema of the stored document, for producers in other languages.

    The collection's validator in the runtime is its twin: a test compares their verdicts on a real server.
    """
    return files("memshelf_gen").joinpath("envelope.schema.json").read_text(encoding="utf-8")


def metaschema() -> str:
    """Give the JSON Schema of whole job schema files, for editors; `docs/draw_metaschema.py` writes it."""
    return files("memshelf_gen").joinpath("job-file.schema.json").read_text(encoding="utf-8")


def modeline(depth: int) -> str:
    """Give the comment that leads an editor from a schema, so many folders down, to the metaschema."""
    return f"# yaml-language-server: $schema={'../' * depth}{EDITORS}\n"


def answers() -> dict[str, str]:
    """Give the JSON Schema of what each command prints with --json, by the file's name, sorted."""
    folder = files("memshelf_gen").joinpath("answers")
    return {
        each.name: each.read_text(encoding="utf-8") for each in sorted(folder.iterdir(), key=lambda each: each.name)
    }


def is_answer(text: str) -> bool:
    """Tell whether a file holds the schema of an answer, of this release or of another."""
    try:
        loaded = json.loads(text)
    except ValueError:
        return False
    return isinstance(loaded, dict) and str(loaded.get("$id", "")).startswith("urn:memshelf:answers/")
