"""The keywords of JSON Schema: which draft knows them, what their values are, and where schemas stand in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Literal, TypeAlias

from memshelf_gen.document import Steps

Draft: TypeAlias = Literal["draft-07", "2019-09", "2020-12"]

DRAFTS: Mapping[str, Draft] = {
    "http://json-schema.org/draft-07/schema": "draft-07",
    "https://json-schema.org/draft/2019-09/schema": "2019-09",
    "https://json-schema.org/draft/2020-12/schema": "2020-12",
}
DEFAULT_DIALECT = "https://json-schema.org/draft/2020-12/schema"
TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")

FORMATS = (
    *("date-time", "date", "time", "duration", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6", "uri"),
    *(
        "uri-reference",
        "iri",
        "iri-reference",
        "uri-template",
        "uuid",
        "json-pointer",
        "relative-json-pointer",
        "regex",
    ),
)
"""The formats that JSON Schema names (2020-12, validation, section 7.3)."""


class Shape(Enum):
    """What the value of a keyword is."""

    ANYTHING = auto()
    LIST = auto()
    TEXT = auto()
    URI = auto()
    REFERENCE = auto()
    ANCHOR = auto()
    REGEX = auto()
    FLAG = auto()
    FLAGS = auto()
    NUMBER = auto()
    POSITIVE = auto()
    COUNT = auto()
    TYPES = auto()
    NAMES = auto()
    NAMES_BY_NAME = auto()
    SCHEMA = auto()
    SCHEMAS = auto()
    SCHEMA_OR_SCHEMAS = auto()
    SCHEMA_BY_NAME = auto()
    SCHEMA_BY_REGEX = auto()
    SCHEMA_OR_NAMES_BY_NAME = auto()


@dataclass(frozen=True, slots=True)
class Keyword:
    """One keyword."""

    shape: Shape
    drafts: frozenset[Draft]


_EVERY: tuple[Draft, ...] = ("draft-07", "2019-09", "2020-12")
_TABLE: tuple[tuple[Shape, tuple[Draft, ...], str], ...] = (
    (Shape.URI, _EVERY, "$schema"),
    (Shape.REFERENCE, _EVERY, "$id $ref"),
    (Shape.REFERENCE, ("2019-09",), "$recursiveRef"),
    (Shape.REFERENCE, ("2020-12",), "$dynamicRef"),
    (Shape.ANCHOR, ("2019-09", "2020-12"), "$anchor"),
    (Shape.ANCHOR, ("2020-12",), "$dynamicAnchor"),
    (Shape.FLAG, ("2019-09",), "$recursiveAnchor"),
    (Shape.FLAGS, ("2019-09", "2020-12"), "$vocabulary"),
    (Shape.TEXT, _EVERY, "$comment title description format contentEncoding contentMediaType"),
    (Shape.ANYTHING, _EVERY, "const default"),
    (Shape.LIST, _EVERY, "enum examples"),
    (Shape.TYPES, _EVERY, "type"),
    (Shape.FLAG, _EVERY, "uniqueItems readOnly writeOnly"),
    (Shape.FLAG, ("2019-09", "2020-12"), "deprecated"),
    (Shape.NUMBER, _EVERY, "minimum maximum exclusiveMinimum exclusiveMaximum"),
    (Shape.POSITIVE, _EVERY, "multipleOf"),
    (Shape.COUNT, _EVERY, "minLength maxLength minItems maxItems minProperties maxProperties"),
    (Shape.COUNT, ("2019-09", "2020-12"), "minContains maxContains"),
    (Shape.REGEX, _EVERY, "pattern"),
    (Shape.NAMES, _EVERY, "required"),
    (Shape.NAMES_BY_NAME, ("2019-09", "2020-12"), "dependentRequired"),
    (Shape.SCHEMA, _EVERY, "additionalProperties propertyNames contains not if then else"),
    (Shape.SCHEMA, ("2019-09", "2020-12"), "unevaluatedItems unevaluatedProperties contentSchema"),
    (Shape.SCHEMA, ("draft-07", "2019-09"), "additionalItems"),
    (Shape.SCHEMA, ("2020-12",), "items"),
    (Shape.SCHEMA_OR_SCHEMAS, ("draft-07", "2019-09"), "items"),
    (Shape.SCHEMAS, _EVERY, "allOf anyOf oneOf"),
    (Shape.SCHEMAS, ("2020-12",), "prefixItems"),
    (Shape.SCHEMA_BY_NAME, _EVERY, "properties definitions"),
    (Shape.SCHEMA_BY_NAME, ("2019-09", "2020-12"), "$defs dependentSchemas"),
    (Shape.SCHEMA_BY_REGEX, _EVERY, "patternProperties"),
    (Shape.SCHEMA_OR_NAMES_BY_NAME, _EVERY, "dependencies"),
)
KEYWORDS: Mapping[Draft, Mapping[str, Shape]] = {
    draft: {name: shape for shape, drafts, names in _TABLE if draft in drafts for name in names.split()}
    for draft in _EVERY
}
"""Each draft's keywords. `dependencies` was split in 2019-09, but validators still take it for what it was."""

_REFERENCES: Mapping[Draft, tuple[str, ...]] = {
    "draft-07": ("$ref",),
    "2019-09": ("$ref", "$recursiveRef"),
    "2020-12": ("$ref", "$dynamicRef"),
}
ADDRESSES = frozenset(("$schema", "$id", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$vocabulary"))
"""Keywords that say what a schema is called or written in; nothing is refused for them."""
IN_PLACE = frozenset(("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "dependencies"))
"""Keywords whose schemas judge the very value that their own schema judges, not a part of it."""

ANNOTATIONS = frozenset(
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
    ]
)
"""Keywords that say something to people and to tools, and refuse nothing."""


def draft_of(schema: Mapping[str, Any]) -> Draft | None:
    """Give the draft that a document is written in; None for one that is not read here."""
    dialect = schema.get("$schema", DEFAULT_DIALECT)
    return DRAFTS.get(dialect.removesuffix("#")) if isinstance(dialect, str) else None


def is_private(keyword: str) -> bool:
    """Tell whether a keyword is an annotation of its author's, which no validator sees."""
    return keyword.startswith("x-")


def children(schema: Any, draft: Draft) -> Iterator[tuple[Steps, Any]]:
    """Give the schemas directly inside a schema, each with the steps to it; whatever is malformed is left out."""
    if not isinstance(schema, dict):
        return
    for keyword, value in schema.items():
        for steps in _steps_to_schemas(KEYWORDS[draft].get(keyword), value):
            found = value
            for step in steps:
                found = found[step]
            if isinstance(found, dict | bool):
                yield (keyword, *steps), found


def links(schema: Any, draft: Draft) -> dict[str, str]:
    """Give the references that a schema itself has, by their keywords."""
    known = _REFERENCES[draft] if isinstance(schema, dict) else ()
    return {keyword: schema[keyword] for keyword in known if isinstance(schema.get(keyword), str)}


def schemas(schema: Any, draft: Draft, at: Steps = ()) -> Iterator[tuple[Steps, Any]]:
    """Give a schema and all schemas below it, each with the steps to it."""
    yield at, schema
    for steps, child in children(schema, draft):
        yield from schemas(child, draft, (*at, *steps))


def filled(keyword: str, value: Any, inside: dict[Steps, Any]) -> Any:
    """Give a keyword's value with the schemas in it replaced by their copies."""
    if (keyword,) in inside:
        return inside[(keyword,)]
    match value:
        case dict():
            return {key: inside.get((keyword, key), each) for key, each in value.items()}
        case list():
            return [inside.get((keyword, index), each) for index, each in enumerate(value)]
        case _:
            return value


def _steps_to_schemas(shape: Shape | None, value: Any) -> list[Steps]:
    match shape, value:
        case Shape.SCHEMA | Shape.SCHEMA_OR_SCHEMAS, dict() | bool():
            return [()]
        case Shape.SCHEMAS | Shape.SCHEMA_OR_SCHEMAS, list():
            return [(index,) for index in range(len(value))]
        case Shape.SCHEMA_BY_NAME | Shape.SCHEMA_BY_REGEX | Shape.SCHEMA_OR_NAMES_BY_NAME, dict():
            return [(key,) for key in value]
        case _:
            return []
