"""Describe whole job schema files for editors: JSON Schema with a text for every keyword, and `x-job`, in one file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from memshelf_gen.jobkeys import JOB, job_metaschema
from memshelf_gen.keywords import DRAFTS, KEYWORDS, TYPES, Shape
from memshelf_gen.spec import Json

NAME = ".job.schema.json"
"""What the file is called in a schema folder; schemas with a dot in front are not read, so it is no job."""
FORMATS = (
    "date-time date time duration email idn-email hostname idn-hostname ipv4 ipv6 uri uri-reference iri iri-reference "
    "uri-template uuid json-pointer relative-json-pointer regex"
)

_SCALARS: Mapping[Shape, Json] = {
    Shape.ANYTHING: {},
    Shape.LIST: {"type": "array"},
    Shape.TEXT: {"type": "string"},
    Shape.URI: {"type": "string", "format": "uri"},
    Shape.REFERENCE: {"type": "string", "format": "uri-reference"},
    Shape.ANCHOR: {"type": "string", "pattern": "^[A-Za-z_][-A-Za-z0-9._]*$"},
    Shape.REGEX: {"type": "string", "format": "regex"},
    Shape.FLAG: {"type": "boolean"},
    Shape.FLAGS: {"type": "object", "additionalProperties": {"type": "boolean"}},
    Shape.NUMBER: {"type": "number"},
    Shape.POSITIVE: {"type": "number", "exclusiveMinimum": 0},
    Shape.COUNT: {"type": "integer", "minimum": 0},
    Shape.TYPES: {
        "anyOf": [
            {"enum": list(TYPES)},
            {"type": "array", "items": {"enum": list(TYPES)}, "minItems": 1, "uniqueItems": True},
        ]
    },
    Shape.NAMES: {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
    Shape.NAMES_BY_NAME: {
        "type": "object",
        "additionalProperties": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
    },
}


def metaschema() -> str:
    """Give the file; it needs no other one and no network."""
    xjob = job_metaschema()
    document = {
        "$schema": xjob["$schema"],
        "$id": "urn:memshelf:job-file.schema.json",
        "$comment": "Written by memshelf-gen, which also keeps it up to date. Editors read it; it is no job.",
        "title": "a job schema, or a file of shared definitions",
        "description": "JSON Schema, and in x-job how the jobs are queued and run.",
        "type": "object",
        "properties": xjob["properties"],
        "allOf": [
            {"if": _written_in(address), "then": {"$ref": f"#/$defs/{draft}"}} for address, draft in DRAFTS.items()
        ],
        "$defs": {**_explained(xjob["$defs"]), **dict(_definitions())},
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def keyword_texts() -> dict[str, str]:
    """Give a sentence on each keyword of any draft, in the order of an editor's list."""
    loaded: dict[str, str] = json.loads(files("memshelf_gen").joinpath("keywords.json").read_text(encoding="utf-8"))
    return loaded


def modeline(depth: int) -> str:
    """Give the comment that leads an editor from a schema so many folders down to the file."""
    return f"# yaml-language-server: $schema={'../' * depth}{NAME}\n"


def _explained(schema: Any) -> Any:
    """Give a metaschema in which an editor says what a text should be, instead of showing a regular expression."""
    match schema:
        case {"pattern": str(), "title": str(title)}:
            return {**schema, "patternErrorMessage": f"must be {title}"}
        case dict():
            return {key: _explained(each) for key, each in schema.items()}
        case _:
            return schema


def _written_in(address: str) -> Json:
    """Give the condition under which a file is written in a draft; one with a dialect of its own is in none."""
    said = {"properties": {"$schema": {"enum": [address, f"{address}#"]}}}
    return said if DRAFTS[address] == "2020-12" else {**said, "required": ["$schema"]}


def _definitions() -> Iterator[tuple[str, Json]]:
    texts = keyword_texts()
    for draft, keywords in KEYWORDS.items():
        inside: Json = {"$ref": f"#/$defs/{draft}-inside"}
        properties = {
            name: {"description": text, **_value(name, keywords[name], inside)}
            for name, text in texts.items()
            if name in keywords
        }
        yield draft, {"properties": properties}
        # Inside a file, a schema may be true or false, and it has no settings of a job.
        part: Json = {"$ref": f"#/$defs/{draft}", "properties": {JOB: False}}
        yield f"{draft}-inside", {"type": ["object", "boolean"], **part}


def _value(name: str, shape: Shape, inside: Json) -> Json:
    """Give the schema of a keyword's value; what is usual is offered, and nothing else is refused for it."""
    match shape:
        case Shape.SCHEMA:
            return inside
        case Shape.SCHEMAS:
            return {"type": "array", "items": inside, "minItems": 1}
        case Shape.SCHEMA_OR_SCHEMAS:
            return {"anyOf": [inside, {"type": "array", "items": inside}]}
        case Shape.SCHEMA_BY_NAME:
            return {"type": "object", "additionalProperties": inside}
        case Shape.SCHEMA_BY_REGEX:
            return {"type": "object", "additionalProperties": inside, "propertyNames": {"format": "regex"}}
        case Shape.SCHEMA_OR_NAMES_BY_NAME:
            return {"type": "object", "additionalProperties": {"anyOf": [inside, _SCALARS[Shape.NAMES]]}}
        case _ if name == "$schema":
            return {"type": "string", "format": "uri", "examples": list(DRAFTS)}
        case _ if name == "format":
            return {"type": "string", "examples": FORMATS.split()}
        case _:
            return _SCALARS[shape]
