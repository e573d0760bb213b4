"""Give emitted text its final shape: black decides, at the line length of the project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import black
from black.mode import TargetVersion

DEFAULT_LINE_LENGTH = 88
_TARGETS = {TargetVersion.PY311, TargetVersion.PY312, TargetVersion.PY313}


def shape(text: str, *, line_length: int = DEFAULT_LINE_LENGTH) -> str:
    """Format a module's text as black does."""
    return black.format_str(text, mode=black.Mode(target_versions=_TARGETS, line_length=line_length))


def line_length(pyproject: Mapping[str, Any]) -> int:
    """Give the line length that a project's own black uses, so that black leaves generated files as they are."""
    table = pyproject.get("tool", {}).get("black", {})
    length = (
        table.get("line-length", table.get("line_length", DEFAULT_LINE_LENGTH)) if isinstance(table, dict) else None
    )
    return length if isinstance(length, int) and length > 0 else DEFAULT_LINE_LENGTH
