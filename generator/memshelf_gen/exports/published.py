"""The documents that the generator publishes as they are: the stored job, and what each command answers."""

from __future__ import annotations

import json
from importlib.resources import files


def envelope() -> str:
    """Give the JSON Schema of the stored document, for producers in other languages.

    The collection's validator in the runtime is its twin: a test compares their verdicts on a real server.
    """
    return files("memshelf_gen").joinpath("envelope.schema.json").read_text(encoding="utf-8")


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
