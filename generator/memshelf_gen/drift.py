"""Compare the files that a project should have with those that it has."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

from memshelf_gen.disk import Found
from memshelf_gen.manifest import MANIFEST
from memshelf_gen.results import Changed, Drift


def compare(files: Mapping[str, str], found: Found, *, top: str) -> Drift:
    """Give the difference between the files wanted and the files found; `top` is the folder of both, for people."""
    differing = [path for path in sorted(files) if path in found.files and found.files[path] != files[path]]
    # The record differs whenever anything does: of itself it says something only when nothing else differs.
    told = [path for path in differing if path != MANIFEST] or differing
    return Drift(
        missing=tuple(f"{top}/{path}" for path in sorted(files.keys() - found.files.keys())),
        changed=tuple(Changed(f"{top}/{path}", diff(f"{top}/{path}", found.files[path], files[path])) for path in told),
        unexpected=tuple(f"{top}/{path}" for path in sorted(found.files.keys() - files.keys())),
    )


def diff(path: str, old: str, new: str) -> str:
    """Give a unified diff of one file; a last line without its newline is marked as diff does."""
    lines = difflib.unified_diff(_lines(old), _lines(new), f"a/{path}", f"b/{path}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str) -> list[str]:
    """Split at line feeds alone: other signs that Python takes for the end of a line may stand inside a schema."""
    return [line for line in re.split(r"(?<=\n)", text) if line]
