"""Sizes of payloads written as text: `64KB`, `2MB`."""

from __future__ import annotations

import re

MAX_PAYLOAD = 15_000_000
"""Below MongoDB's 16 MiB for a document, with room for what stands around the payload."""

_SIZE = re.compile(r"([0-9]+) ?(B|KB|MB)")
_UNITS = {"B": 1, "KB": 1_000, "MB": 1_000_000}


def bytes_of(size: int | float | str) -> int:
    """Give a size in bytes; KB is 1000 bytes, as in the International System of Units. Raises ValueError."""
    if not isinstance(size, str):
        return int(size)
    found = _SIZE.fullmatch(size)
    if found is None:
        raise ValueError(f"not a size: {size!r}")
    return int(found[1]) * _UNITS[found[2]]
