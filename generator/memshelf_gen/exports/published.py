"""The documents that the generator publishes as they are: the contract of the stored job."""

from __future__ import annotations

from importlib.resources import files


def envelope() -> str:
    """Give the JSON Schema of the stored document, for producers in other languages.

    The collection's validator in the runtime is its twin: a test compares their verdicts on a real server.
    """
    return files("memshelf_gen").joinpath("envelope.schema.json").read_text(encoding="utf-8")
