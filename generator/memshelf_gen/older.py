"""Read schemas of drafts 04 and 06, in which much is published, as schemas of draft-07 that mean the same.

Draft 04 calls `$id` `id` and says with true or false whether a bound itself is allowed. Two things mean more than the
standard of their time says. A keyword or a format that came later refuses what it refuses in draft-07: whoever writes
`const` means it, and the validators that published schemas are tried with know it. And a whole number is an integer
however it is written, while 1.0 was a number only in draft 04.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from memshelf_gen.document import Document, Mark, Steps
from memshelf_gen.keywords import KEYWORDS, children, filled, is_private

Older: TypeAlias = Literal["draft-04", "draft-06"]

OLDER: Mapping[str, Older] = {
    "http://json-schema.org/draft-04/schema": "draft-04",
    "http://json-schema.org/draft-06/schema": "draft-06",
}
_DIALECT = "http://json-schema.org/draft-07/schema#"
_STRICT = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}


def upgraded(document: Document) -> Document:
    """Give a document of an older draft as one of draft-07, each value where it stood; any other as it is."""
    draft = older_draft_of(document.value)
    if draft is None:
        return document
    marks = dict(document.marks)
    value = {**_upgraded(document.value, draft, (), marks), "$schema": _DIALECT}
    return dataclasses.replace(document, value=value, marks=marks)


def older_draft_of(schema: Mapping[str, Any]) -> Older | None:
    """Give the older draft that a document is written in."""
    dialect = schema.get("$schema")
    return OLDER.get(dialect.removesuffix("#")) if isinstance(dialect, str) else None


def _upgraded(schema: Any, draft: Older, at: Steps, marks: dict[Steps, Mark]) -> Any:
    if not isinstance(schema, dict):
        return schema
    kept = _kept(schema, draft, at, marks)
    inside = {steps: _upgraded(child, draft, (*at, *steps), marks) for steps, child in children(kept, "draft-07")}
    return {
        keyword: (
            filled(keyword, value, inside)
            if keyword in KEYWORDS["draft-07"] or is_private(keyword)
            else _each(value, draft, (*at, keyword), marks)
        )
        for keyword, value in kept.items()
    }


def _kept(schema: dict[str, Any], draft: Older, at: Steps, marks: dict[Steps, Mark]) -> dict[str, Any]:
    """Give the keywords as draft-07 has them."""
    kept: dict[str, Any] = {}
    for keyword, value in schema.items():
        match keyword:
            case "$id" if draft == "draft-04":
                continue  # an address would change what the references below it mean
            case "id" if draft == "draft-04" and isinstance(value, str):
                kept["$id"] = value
                marks[(*at, "$id")] = marks.get((*at, "id"), Mark(1, 1))
            case "$schema" if older_draft_of({"$schema": value}) == draft:
                kept["$schema"] = _DIALECT
            case "minimum" | "maximum" if draft == "draft-04" and schema.get(_STRICT[keyword]) is True:
                kept[_STRICT[keyword]] = value
            case "exclusiveMinimum" | "exclusiveMaximum" if draft == "draft-04" and isinstance(value, bool):
                continue
            case _:
                kept[keyword] = value
    return kept


def _each(value: Any, draft: Older, at: Steps, marks: dict[Steps, Mark]) -> Any:
    """Give the value of an unknown keyword, in which references can find schemas all the same."""
    match value:
        case {"type": str() | list()} | {"$ref": str()} | {"id": str()}:
            return _upgraded(value, draft, at, marks)
        case dict():
            return {key: _each(each, draft, (*at, key), marks) for key, each in value.items()}
        case list():
            return [_each(each, draft, (*at, index), marks) for index, each in enumerate(value)]
        case _:
            return value
