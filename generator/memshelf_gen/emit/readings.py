"""The formats whose texts have a typed reading: which class of the runtime reads which."""

from __future__ import annotations

from typing import Any

READINGS = {
    "date-time": "DateTimeText",
    "date": "DateText",
    "time": "TimeText",
    "duration": "DurationText",
    "uuid": "UuidText",
    "uri": "UriText",
    "uri-reference": "UriText",
    "iri": "UriText",
    "iri-reference": "UriText",
    "ipv4": "Ipv4Text",
    "ipv6": "Ipv6Text",
}
READING_CLASSES = frozenset(READINGS.values())
HOME = "memshelf.formats"
"""The module of the runtime that has these classes."""

# The judge asserts a format only where its draft knows it.
_UNKNOWN_TO_DRAFT_7 = {"duration", "uuid"}


def reading(form: Any, dialect: Any) -> str | None:
    """Give the class that reads texts of a format under a dialect, or None where they stay plain texts."""
    if not isinstance(form, str) or ("draft-07" in str(dialect) and form in _UNKNOWN_TO_DRAFT_7):
        return None
    return READINGS.get(form)
