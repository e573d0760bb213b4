"""Places in a payload, written as `$.lines[2].amount`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TypeAlias

Steps: TypeAlias = tuple[str | int, ...]

MOST_LEVELS = 100
"""Levels of objects and arrays in a payload, itself the first: what MongoDB takes."""

_LONGEST_KEY = 60
_LONGEST_PATH = 240


def place(steps: Sequence[str | int]) -> str:
    """Write the place that the steps lead to from the payload, `$`; long keys and long paths are cut."""
    text = "$" + "".join(_step(step) for step in steps)
    return text if len(text) <= _LONGEST_PATH else text[:_LONGEST_PATH] + "…"


def shown(name: str) -> str:
    """Write a key in quotes, cut when long; characters that a terminal cannot show are escaped."""
    cut = name if len(name) <= _LONGEST_KEY else name[:_LONGEST_KEY] + "…"
    return "'" + (cut if cut.isprintable() else json.dumps(cut)[1:-1]) + "'"


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if step.isidentifier() and len(step) <= _LONGEST_KEY else f"[{shown(step)}]"
