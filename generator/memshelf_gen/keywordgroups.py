"""The keywords of a schema that are asked about together, and what a change of each is called."""

from __future__ import annotations

from memshelf_gen.spec import Json

LIMITS = {
    **dict.fromkeys(("maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum", "maxContains"), "upper"),
    **dict.fromkeys(("minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum", "minContains"), "lower"),
}
PLAIN = {
    "pattern": "pattern",
    "format": "format",
    "multipleOf": "multiple-of",
    "uniqueItems": "unique-items",
    "not": "not",
    "if": "condition",
    "dependentRequired": "dependency",
    "dependentSchemas": "dependency",
    "propertyNames": "property-names",
    "contains": "contains",
    "unevaluatedProperties": "unevaluated",
    "unevaluatedItems": "unevaluated",
}
BESIDE = {
    "properties": ("properties", "patternProperties", "additionalProperties"),
    "patternProperties": (),
    "additionalProperties": (),
    "items": ("items", "prefixItems"),
    "prefixItems": (),
    "contains": ("contains", "minContains", "maxContains"),
    "minContains": (),
    "maxContains": (),
    "if": ("if", "then", "else"),
    "then": (),
    "else": (),
}
"""Keywords that are asked about together, under the name of the first; the others of the group are not asked alone."""
SILENT = frozenset(("$ref", "allOf", "$defs", "definitions", "$schema"))


def first(keyword: str) -> str:
    """Give the keyword under whose name a group is asked about."""
    return next(name for name, group in BESIDE.items() if keyword in group)


def group_of(schema: Json, keyword: str) -> Json:
    """Give the part of a schema that is asked about under a keyword."""
    if keyword.startswith("unevaluated"):
        return schema
    return {name: schema[name] for name in BESIDE.get(keyword) or (keyword,) if name in schema}


def kebab(keyword: str) -> str:
    """Write a keyword as rules are written: `max-length`."""
    return "".join(f"-{sign.lower()}" if sign.isupper() else sign for sign in keyword)
