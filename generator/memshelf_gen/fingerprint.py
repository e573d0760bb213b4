"""Tell by one digest what generated code depends on besides schemas and settings: Python, and what is installed."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path


@cache
def at_start() -> str:
    """Give the fingerprint of the code that this process runs."""
    return fingerprint()


def fingerprint() -> str:
    """Give the digest of the Python, of this package's own files, and of every installed distribution's version.

    All distributions count, not only those that generation uses today: one more makes it slow once, one too few would
    make it wrong. Of the own files the bytes count, since a copy that somebody works on keeps its version.
    """
    digest = hashlib.sha256(sys.version.encode())
    for part in (*_own_files(Path(__file__).parent), *sorted(_distributions())):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def _own_files(folder: Path) -> Iterator[bytes]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(names):
            path = os.path.join(parent, name)
            yield os.fsencode(os.path.relpath(path, folder))
            with open(path, "rb") as file:
                yield file.read()


def _distributions() -> Iterator[bytes]:
    """Give the names of the folders with metadata, which end in the version, on the path of imports."""
    for place in dict.fromkeys(sys.path):
        try:
            names = os.listdir(place or ".")
        except OSError:  # an archive, or nothing
            if os.path.isfile(place):
                found = os.stat(place)
                yield os.fsencode(f"{place} {found.st_size} {found.st_mtime_ns}")
            continue
        yield from (os.fsencode(name) for name in names if name.endswith((".dist-info", ".egg-info")))
