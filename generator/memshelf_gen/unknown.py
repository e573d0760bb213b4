"""Tell slips of the pen from annotations of other tools, among the keywords that a draft does not know."""

from __future__ import annotations

from memshelf_gen.keywords import KEYWORDS, Draft
from memshelf_gen.problem import did_you_mean

_HINTS = {
    "nullable": "; it is OpenAPI's: write type: [string, 'null'] for instance",
    "discriminator": "; it is OpenAPI's: give each branch of oneOf a property with a const",
    "example": "; did you mean 'examples', a list?",
    "additionalItems": "; in draft 2020-12 it is items, beside prefixItems",
    "id": "; did you mean '$id'?",
    "extends": "; it is allOf",
    "divisibleBy": "; it is multipleOf",
    "optional": "; a property is optional unless `required` of its object lists it",
}
_OTHERWISE = "; fields belong under properties, annotations of your own begin with x-"
_NAMED_IN_SHORT = {"ref": "$ref", "defs": "$defs"}


def meant(keyword: str, draft: Draft) -> str:
    """Give the keyword that an unknown one surely is a slip for; empty for all others, which are annotations.

    JSON Schema lets a schema have any keyword, and other tools use that. A few letters' difference is a slip, if no
    draft and no other tool has the keyword: `requried`, `maxLenght`, `additionalProperty`.
    """
    if keyword in _HINTS or any(keyword in known for known in KEYWORDS.values()):
        return ""
    if _NAMED_IN_SHORT.get(keyword) in KEYWORDS[draft]:
        return _NAMED_IN_SHORT[keyword]
    allowed = 3 if len(keyword) >= 15 else 2 if len(keyword) >= 8 else 1
    near = {known: _edits(keyword.casefold(), known.casefold()) for known in KEYWORDS[draft] if len(known) > 3}
    best = min(near, key=lambda known: (near[known], known))
    return best if len(keyword) > 3 and near[best] <= allowed else ""


def advice(keyword: str, draft: Draft) -> str:
    """Say what an author may have wanted with a keyword that the draft does not know; begins with `; `."""
    elsewhere = [other for other in KEYWORDS if keyword in KEYWORDS[other]]
    if keyword in _HINTS:
        return _HINTS[keyword]
    if elsewhere:
        renamed = {"$defs": "; in draft-07 it is definitions"}
        return renamed.get(keyword, f" of {draft}; it belongs to {' and '.join(elsewhere)}")
    return did_you_mean(keyword, KEYWORDS[draft], otherwise=_OTHERWISE)


def _edits(one: str, other: str) -> int:
    """Count the letters to add, drop, change or swap with their neighbour (Damerau 1964)."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        line = [row]
        for column, found in enumerate(other, 1):
            edits = min(last[column] + 1, line[-1] + 1, last[column - 1] + (letter != found))
            if row > 1 < column and letter == other[column - 2] and found == one[row - 2]:
                edits = min(edits, before[column - 2] + 1)
            line.append(edits)
        before, last = last, line
    return last[-1]
