"""Draw the metaschema for editors, which says what a whole job schema file may hold; run it to write the file.

It is JSON Schema with a sentence on every keyword, `x-job` with a sentence on every key, and `x-lint` with every rule,
in one file that needs no other one and no network. The sentences on keywords are in `docs/keywords.json`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from memshelf_gen.jobkeys import JOB, job_metaschema
from memshelf_gen.keywords import DRAFTS, FORMATS, KEYWORDS, TYPES, Shape
from memshelf_gen.lint.rules import own_rules
from memshelf_gen.lint.suppressions import INVALID, LINT, UNUSED
from memshelf_gen.spec import Json

HERE = Path(__file__).parent
PAGE = HERE.parent / "generator/memshelf_gen/job-file.schema.json"

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


def draw() -> str:
    """Give the file."""
    xjob = job_metaschema()
    document = {
        "$schema": xjob["$schema"],
        "$id": "urn:memshelf:job-file.schema.json",
        "$comment": "Written by memshelf-gen, which also keeps it up to date. Editors read it; it is no job.",
        "title": "a job schema, or a file of shared definitions",
        "description": "JSON Schema, and in x-job how the jobs are queued and run.",
        "type": "object",
        "properties": {**xjob["properties"], LINT: {"$ref": "#/$defs/Suppressions"}},
        "allOf": [
            {"if": _written_in(address), "then": {"$ref": f"#/$defs/{draft}"}} for address, draft in DRAFTS.items()
        ],
        "$defs": {**_explained({**xjob["$defs"], **_suppressions()}), **dict(_definitions())},
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def keyword_texts() -> dict[str, str]:
    """Give a sentence on each keyword of any draft, in the order of an editor's list."""
    loaded: dict[str, str] = json.loads((HERE / "keywords.json").read_text(encoding="utf-8"))
    return loaded


def _suppressions() -> Json:
    """Describe `x-lint`: every rule that a schema may silence, those of other distributions too."""
    rules = {rule.id: rule for rule in own_rules()}
    fixed = [id for id, rule in rules.items() if rule.stops or id in (INVALID.id, UNUSED.id)]
    reason: Json = {"$ref": "#/$defs/Reason"}
    return {
        "Suppressions": {
            "title": "an object with a reason for each rule",
            "description": "Rules of memshelf-gen lint that do not hold in this schema and below it.",
            "type": "object",
            "properties": {
                id: False if id in fixed else {"description": f"{rule.text[0].upper()}{rule.text[1:]}.", **reason}
                for id, rule in rules.items()
            },
            "additionalProperties": reason,
        },
        "Reason": {
            "title": "a sentence that says why",
            "description": "Why the rule does not hold here.",
            "type": "string",
            "pattern": "\\S",
        },
    }


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
        part: Json = {
            "$ref": f"#/$defs/{draft}",
            "properties": {JOB: False, LINT: {"$ref": "#/$defs/Suppressions"}},
        }
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
            return {"type": "string", "examples": list(FORMATS)}
        case _:
            return _SCALARS[shape]


if __name__ == "__main__":
    PAGE.write_text(draw(), encoding="utf-8")
