"""Write what a job's classes admit as one self-contained schema, from the values that the classes are written of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from memshelf_gen.emit.places import Place
from memshelf_gen.emit.shape import ClassShape, FieldShape
from memshelf_gen.spec import Json

_LENGTHS = {"string": {"min_length": "minLength", "max_length": "maxLength"}}
_LENGTHS["array"] = {"min_length": "minItems", "max_length": "maxItems"}
_BOUNDS = {"ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}


def admitted(root: Place, shapes: Mapping[Place, ClassShape], documents: Mapping[Place, Json], dialect: str) -> Json:
    """Give the schema of the payloads that the class at a place takes, with every class that it reaches.

    It is written in the dialect of the job's own schema, since two drafts have no canonical form in common.
    """
    names = {root: "0"}
    waiting = [root]
    definitions: Json = {}
    while waiting:
        place = waiting.pop()
        typed = documents[place]
        properties = {
            field.wire: {**_plain(typed["properties"][field.name], names, waiting), **_limits(field, typed)}
            for field in shapes[place].fields
        }
        definitions[names[place]] = {
            "type": "object",
            "properties": properties,
            "required": [field.wire for field in shapes[place].fields if field.required],
            **({"additionalProperties": False} if shapes[place].closed else {}),
        }
    return {"$schema": dialect, "$ref": "#/definitions/0", "definitions": definitions}


def _limits(field: FieldShape, typed: Json) -> Json:
    """Give a field's limits as keywords; each judges values of its own type only."""
    own = typed["properties"][field.name]
    kinds = [one.get("type") for one in own.get("anyOf", [own])]
    words = {**_BOUNDS, **next((_LENGTHS[kind] for kind in kinds if kind in _LENGTHS), {})}
    return {words[limit]: bound for limit, bound in field.limits.items()}


def _plain(node: Any, names: dict[Place, str], waiting: list[Place]) -> Any:
    """Give a type without limits, which only fields have, or formats, which refuse nothing, its references within."""
    match node:
        case {"$ref": Place() as place}:
            if place not in names:
                names[place] = str(len(names))
                waiting.append(place)
            return {"$ref": f"#/definitions/{names[place]}"}
        case {"type": "string", "reading": str()}:
            return {"type": "string"}
        case dict():
            kept = {key: value for key, value in node.items() if not (key == "limits" and "type" in node)}
            return {key: _plain(value, names, waiting) for key, value in kept.items()}
        case list():
            return [_plain(one, names, waiting) for one in node]
        case _:
            return node
