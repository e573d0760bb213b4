"""Durations written as text: `30s`, `1h30m`, `5 seconds`, `1 hour and 15 minutes`.

A duration is one or more parts, each a number and a unit, from the largest unit to the smallest, every unit at most
once. Numbers may have up to three decimals (`1.5h`), milliseconds none, so that every duration is a whole number of
milliseconds, which is what MongoDB keeps. A day is always 24 hours and a week seven days; months and years have no
fixed length and are refused. The limits on digits keep every duration below 700 years, so that no sum overflows.
"""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache

from memshelf.errors import WhenError

EXAMPLES = "`30s`, `500ms`, `1h30m`, `5 seconds`, `1 hour and 15 minutes`"

_MILLISECONDS = {"w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
_PARTS = {
    "w": r"([0-9]{1,4}(?:\.[0-9]{1,3})?) *w(?:eeks?)?",
    "d": r"([0-9]{1,5}(?:\.[0-9]{1,3})?) *d(?:ays?)?",
    "h": r"([0-9]{1,6}(?:\.[0-9]{1,3})?) *h(?:rs?|ours?)?",
    "m": r"([0-9]{1,8}(?:\.[0-9]{1,3})?) *m(?:ins?|inutes?)?",
    "s": r"([0-9]{1,9}(?:\.[0-9]{1,3})?) *s(?:ecs?|econds?)?",
    "ms": r"([0-9]{1,12}) *m(?:s|illiseconds?)",
}
_BETWEEN = r"(?:$|(?:,? +and +|, *| *)(?=[0-9]))"

DURATION_PATTERN = "^(?=[0-9])" + "".join(f"(?:{part}{_BETWEEN})?" for part in _PARTS.values()) + "$"
"""The whole grammar as one regular expression (ECMA-262 too): what it matches is a duration, and nothing else is."""

_DURATION = re.compile(DURATION_PATTERN)
_LOOSE_PART = re.compile(r"(-?[0-9][0-9.,_]*)\s*([^\W\d_]*)")
_UNITS = {
    "w": "w week weeks",
    "d": "d day days",
    "h": "h hr hrs hour hours",
    "m": "m min mins minute minutes",
    "s": "s sec secs second seconds",
    "ms": "ms millisecond milliseconds",
}


def parse_duration(text: str) -> timedelta:
    """Read a duration, exactly.

    Args:
        text: such as `1h30m`; lower case, no spaces around it.

    Returns:
        A whole number of milliseconds, not negative.

    Raises:
        WhenError: the text is not a duration; the message says what would be right.
    """
    if not isinstance(text, str):
        raise WhenError(f"a duration is a text such as {EXAMPLES}, got {type(text).__name__}")
    return _read(text)


# A generated catalog has hundreds of durations, most of them alike.
@lru_cache(maxsize=128)
def _read(text: str) -> timedelta:
    found = _DURATION.fullmatch(text)
    if found is None:
        raise WhenError(f"{_shown(text)} is not a duration: {_fault(text)}")
    total = sum(
        Decimal(number) * size
        for number, size in zip(found.groups(), _MILLISECONDS.values(), strict=True)
        if number is not None
    )
    return timedelta(milliseconds=int(total))


def format_duration(duration: timedelta) -> str:
    """Write a duration as short text that `parse_duration` reads back: `1h30m`, `1.5s`, `500ms`, `0s`.

    Anything finer than a millisecond is dropped. A negative duration is shown with a minus sign, for people only.
    """
    milliseconds = abs(duration) // timedelta(milliseconds=1)
    if milliseconds == 0:
        return "0s"
    sign = "-" if duration < timedelta(0) else ""
    if milliseconds < 1_000:
        return f"{sign}{milliseconds}ms"
    text = sign
    for unit in ("d", "h", "m"):
        count, milliseconds = divmod(milliseconds, _MILLISECONDS[unit])
        text += f"{count}{unit}" if count else ""
    seconds, milliseconds = divmod(milliseconds, 1_000)
    if milliseconds:
        return f"{text}{seconds}.{milliseconds:03}".rstrip("0") + "s"
    return f"{text}{seconds}s" if seconds else text


def _fault(text: str) -> str:
    """Say the first thing that is wrong with a text that is not a duration."""
    known = {word: unit for unit, words in _UNITS.items() for word in words.split()}
    order = list(_UNITS)
    seen: list[str] = []
    for number, word in _LOOSE_PART.findall(text):
        if number.startswith("-"):
            return f"it must not be negative; write it as {EXAMPLES}"
        if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", number):
            return f"{_shown(number)} is not a number; write one such as 5 or 1.5"
        if not word:
            return f"{_shown(number)} has no unit; write {number}s for seconds (units: w d h m s ms)"
        if word.lower().startswith(("month", "year")) or word.lower() in {"mo", "mos", "y", "yr", "yrs"}:
            return "months and years have no fixed length; count them in days, such as `30d` or `365d`"
        if word not in known:
            right = f"write {word.lower()} in lower case" if word.lower() in known else "units are w d h m s ms"
            return f"{_shown(word)} is not a unit; {right}"
        if "." in number and known[word] == "ms":
            return "milliseconds have no decimals"
        if re.search(r"\.[0-9]{4}", number):
            return "a number has at most three decimals"
        seen.append(known[word])
    if len(set(seen)) < len(seen):
        return "a unit stands in it twice; write each once, such as `1h30m`"
    if seen != sorted(seen, key=order.index):
        return "the larger unit comes first, such as `1h30m`"
    if re.search(r"[0-9]{5,}", text):
        return "it is too long; at most 9999w, 99999d, 999999h or the same in smaller units"
    return f"write it as {EXAMPLES}"


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:59] + "…")
