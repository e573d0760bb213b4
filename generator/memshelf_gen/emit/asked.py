"""Say a type as datamodel-code-generator reads it: without limits, with classes as types that exist already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from memshelf_gen.emit.places import Place
from memshelf_gen.emit.readings import HOME
from memshelf_gen.emit.shape import ClassShape

_CLASSES = "payloads"
"""What datamodel-code-generator takes for the home of the classes; nothing is imported from there."""


def asked(node: Any, shapes: Mapping[Place, ClassShape]) -> Any:
    """Give a relaxed type as it is asked for, with the classes by their places."""
    match node:
        case {"$ref": Place() as place}:
            return {"type": "object", "customTypePath": f"{_CLASSES}.{shapes[place].key}"}
        case {"type": str() as kind, "reading": str() as word}:
            return {"type": kind, "customTypePath": f"{HOME}.{word}"}
        case dict():
            return {
                key: asked(value, shapes)
                for key, value in node.items()
                if not (key == "limits" and isinstance(node.get("type"), str))
            }
        case list():
            return [asked(one, shapes) for one in node]
        case _:
            return node
