"""The time zones, found by their IANA names."""

from __future__ import annotations

import difflib
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, available_timezones

from memshelf.errors import WhenError


def find_zone(name: str) -> tzinfo:
    """Give the time zone of an IANA name such as `Europe/Paris`; `UTC` needs no zone data.

    Raises:
        WhenError: no zone has this name.
    """
    if not isinstance(name, str):
        raise WhenError(f"a time zone is an IANA name such as `Europe/Paris`, got {type(name).__name__}")
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise WhenError(f"{name[:80]!r} is not a time zone known here; {_right(name)}") from None


def _right(name: str) -> str:
    known = available_timezones()
    if not known:
        return "this system has no zone data: pip install tzdata"
    near = difflib.get_close_matches(name[:80], known, 1, cutoff=0.7)
    return f"did you mean `{near[0]}`?" if near else "write an IANA name such as `UTC` or `Europe/Paris`"
