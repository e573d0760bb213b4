"""Say in draft 2020-12 what a schema of an older draft says, for schemas of several drafts that stand in one bundle."""

from __future__ import annotations

from functools import cache

from memshelf_gen.document import Steps
from memshelf_gen.judging import VALIDATORS
from memshelf_gen.keywords import KEYWORDS, Draft
from memshelf_gen.spec import Json

_MOVED = frozenset(("items", "additionalItems", "contains", "dependencies"))
"""Keywords whose schemas may stand elsewhere afterwards."""
_JUNK = ("\x00 [", "no", "-1", "1e", "é é", "%%", "http://[", "a" * 300, "")


def modern(schema: Json, draft: Draft) -> Json:
    """Give one schema in draft 2020-12; the schemas in it are taken as they are."""
    made: Json = {}
    for keyword in ("$ref", "definitions") if draft == "draft-07" and "$ref" in schema else tuple(schema):
        value = schema.get(keyword)
        match keyword:
            case "items" if isinstance(value, list):
                made["prefixItems"] = value
            case "additionalItems" if isinstance(schema.get("items"), list):
                made["items"] = value
            case "dependencies" if isinstance(value, dict):
                names = {name: each for name, each in value.items() if isinstance(each, list)}
                made |= {"dependentRequired": names} if names else {}
                others = {name: each for name, each in value.items() if name not in names}
                made |= {"dependentSchemas": others} if others else {}
            case "contains" | "minContains" | "maxContains" if draft == "2019-09":
                continue
            case "format" if not is_asserted(str(value), draft):
                continue
            case _ if keyword in schema and (keyword in KEYWORDS[draft] or keyword not in KEYWORDS["2020-12"]):
                made[keyword] = value
    holding = {keyword: schema[keyword] for keyword in ("contains", "minContains", "maxContains") if keyword in schema}
    if draft == "2019-09" and "contains" in holding:
        # What `contains` found counts as evaluated since 2020-12; behind two `not` nothing does.
        made["allOf"] = [*made.get("allOf", []), {"not": {"not": holding}}]
    return made


def keeps_place(steps: Steps) -> bool:
    """Tell whether a schema at some steps stands there in draft 2020-12 too."""
    return _MOVED.isdisjoint(steps)


@cache
def is_asserted(name: str, draft: Draft) -> bool:
    """Tell whether the judge of a draft refuses anything for a format."""
    judge = VALIDATORS[draft]({"format": name}, validate_formats=True)
    return not all(map(judge.is_valid, _JUNK))
