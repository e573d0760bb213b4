"""Bring a bundle into draft 2020-12 with absolute references, so that two bundles and parts of them can be compared."""

from __future__ import annotations

from functools import cache
from typing import Any

import jsonschema_rs

from memshelf_gen.keywords import DEFAULT_DIALECT, Draft, children, draft_of, filled, is_private, schemas
from memshelf_gen.spec import Json

_UNFIT = ("$id", "$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveRef", "$recursiveAnchor")
_SAID = frozenset(
    [
        "title",
        "description",
        "$comment",
        "default",
        "examples",
        "deprecated",
        "readOnly",
        "writeOnly",
        "contentEncoding",
        "contentMediaType",
        "contentSchema",
        "$schema",
        "$vocabulary",
    ]
)
"""Keywords that say something to people and refuse nothing."""
_JUNK = ("\x00 [", "no", "-1", "1e", "é é", "%%", "http://[", "a" * 300, "")


def modern(bundle: Json, address: str) -> Json | None:
    """Give a bundle that means the same in draft 2020-12, its references counted from an address.

    What people read is left out, and formats that its draft does not assert. None when it holds several documents,
    which only the validator can follow.
    """
    draft = draft_of(bundle) or "2020-12"
    for _, schema in schemas(bundle, draft):
        if isinstance(schema, dict) and any(keyword in schema for keyword in _UNFIT):
            return None
        reference = schema.get("$ref", "#") if isinstance(schema, dict) else "#"
        moved = draft != "2020-12" and any(
            each in reference for each in ("/items/", "/additionalItems", "/dependencies")
        )
        if not reference.startswith("#") or moved:
            return None
    made: Json = _made(bundle, draft, address)
    return {"$schema": DEFAULT_DIALECT, **made}


def _made(schema: Any, draft: Draft, address: str) -> Any:
    if not isinstance(schema, dict):
        return schema
    inside = {steps: _made(child, draft, address) for steps, child in children(schema, draft)}
    only = ("$ref", "definitions") if draft == "draft-07" and "$ref" in schema else tuple(schema)
    made: Json = {}
    for keyword in only:
        if keyword not in schema or keyword in _SAID or is_private(keyword):
            continue
        value = filled(keyword, schema[keyword], inside)
        match keyword:
            case "$ref":
                made[keyword] = f"{address}{value}"
            case "format" if not is_asserted(value, draft):
                continue
            case "items" if isinstance(value, list):
                made["prefixItems"] = value
            case "additionalItems":
                if isinstance(schema.get("items"), list):
                    made["items"] = value
            case "dependencies" if draft == "draft-07":
                names = {name: each for name, each in value.items() if isinstance(each, list)}
                made |= {"dependentRequired": names} if names else {}
                others = {name: each for name, each in value.items() if name not in names}
                made |= {"dependentSchemas": others} if others else {}
            case _:
                made[keyword] = value
    return made


@cache
def is_asserted(name: str, draft: Draft) -> bool:
    """Tell whether the judge of a draft refuses anything for a format."""
    validators = {
        "draft-07": jsonschema_rs.Draft7Validator,
        "2019-09": jsonschema_rs.Draft201909Validator,
        "2020-12": jsonschema_rs.Draft202012Validator,
    }
    judge = validators[draft]({"format": name}, validate_formats=True)
    return not all(map(judge.is_valid, _JUNK))
