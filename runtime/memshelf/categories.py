"""The general categories of Unicode, which `\\p{Lu}` names, as characters of a class in Python's `re`."""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import lru_cache

_LONG = {
    "Letter": "L",
    "Cased_Letter": "LC",
    "Uppercase_Letter": "Lu",
    "Lowercase_Letter": "Ll",
    "Titlecase_Letter": "Lt",
    "Modifier_Letter": "Lm",
    "Other_Letter": "Lo",
    "Mark": "M",
    "Combining_Mark": "M",
    "Nonspacing_Mark": "Mn",
    "Spacing_Mark": "Mc",
    "Enclosing_Mark": "Me",
    "Number": "N",
    "Decimal_Number": "Nd",
    "digit": "Nd",
    "Letter_Number": "Nl",
    "Other_Number": "No",
    "Punctuation": "P",
    "punct": "P",
    "Connector_Punctuation": "Pc",
    "Dash_Punctuation": "Pd",
    "Open_Punctuation": "Ps",
    "Close_Punctuation": "Pe",
    "Initial_Punctuation": "Pi",
    "Final_Punctuation": "Pf",
    "Other_Punctuation": "Po",
    "Symbol": "S",
    "Math_Symbol": "Sm",
    "Currency_Symbol": "Sc",
    "Modifier_Symbol": "Sk",
    "Other_Symbol": "So",
    "Separator": "Z",
    "Space_Separator": "Zs",
    "Line_Separator": "Zl",
    "Paragraph_Separator": "Zp",
    "Other": "C",
    "Control": "Cc",
    "cntrl": "Cc",
    "Format": "Cf",
    "Surrogate": "Cs",
    "Private_Use": "Co",
    "Unassigned": "Cn",
}
_PARTS = {"LC": ("Lu", "Ll", "Lt")}
_SHORT = frozenset(_LONG.values())


def members(name: str, *, negated: bool = False) -> str | None:
    """Give the characters of a category, as they stand in a class: `A-Za-z\\u00aa…`; None for what is no category.

    Args:
        name: what stands in the braces: `Lu`, `Uppercase_Letter`, `gc=Lu` or `General_Category=Lu`.
        negated: give all other characters.
    """
    key, _, value = name.rpartition("=")
    short = _LONG.get(value, value)
    if key not in ("", "gc", "General_Category") or short not in _SHORT:
        return None
    return _ranges(short, negated)


@lru_cache(maxsize=64)
def _ranges(category: str, negated: bool) -> str:
    """Look at every character once; a fifth of a second, when a pattern that needs it is compiled."""
    wanted = _PARTS.get(category, (category,))
    found: list[list[int]] = []
    for point in range(sys.maxunicode + 1):
        if unicodedata.category(chr(point)).startswith(wanted) is not negated:
            if found and found[-1][1] == point - 1:
                found[-1][1] = point
            else:
                found.append([point, point])
    return "".join(_range(first, last) for first, last in found)


def _range(first: int, last: int) -> str:
    return re.escape(chr(first)) if first == last else f"{re.escape(chr(first))}-{re.escape(chr(last))}"
