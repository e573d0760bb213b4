"""List the generated files in a file beside them, so that stale ones are told from those that people put there."""

from __future__ import annotations

import json
from collections.abc import Iterable

from memshelf_gen.emit.header import MARK

MANIFEST = ".memshelf-gen.json"
TEMPORARY = ".memshelf-gen-tmp-"
"""Starts the names of files that are being written; one is left only when the process was killed."""


def manifest(paths: Iterable[str]) -> str:
    """Give the list's text: paths below the generated package, sorted."""
    return json.dumps({"files": sorted({MANIFEST, *paths})}, indent=2, ensure_ascii=False) + "\n"


def is_ours(path: str, text: str, listed: frozenset[str]) -> bool:
    """Tell whether memshelf-gen wrote a file: the list names it, or its first line says so."""
    return path in listed or text.startswith(MARK) or path.rpartition("/")[2].startswith(TEMPORARY)


def read_manifest(text: str) -> frozenset[str]:
    """Give the listed paths; nothing of a list that cannot be read, after a bad merge for instance."""
    try:
        loaded = json.loads(text)
    except ValueError:
        return frozenset()
    files = loaded.get("files") if isinstance(loaded, dict) else None
    return frozenset(path for path in files if isinstance(path, str)) if isinstance(files, list) else frozenset()
