"""Find the unions that one field decides, so that pydantic reads its value and tries no member in vain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from memshelf_gen.emit.places import Place
from memshelf_gen.emit.shape import ClassShape
from memshelf_gen.spec import Json


def find_tags(
    unions: Iterable[tuple[Place, ...]], shapes: Mapping[Place, ClassShape], documents: Mapping[Place, Json]
) -> dict[frozenset[str], str]:
    """Give the deciding field of each union that has one, under the keys of the union's classes."""
    found = {
        frozenset(shapes[place].key for place in union): _tag(union, shapes, documents)
        for union in unions
        if len(union) > 1
    }
    return {keys: tag for keys, tag in found.items() if tag}


def _tag(union: tuple[Place, ...], shapes: Mapping[Place, ClassShape], documents: Mapping[Place, Json]) -> str:
    first = shapes[union[0]]
    return next((field.name for field in first.fields if _decides(field.name, union, shapes, documents)), "")


def _decides(
    name: str, union: tuple[Place, ...], shapes: Mapping[Place, ClassShape], documents: Mapping[Place, Json]
) -> bool:
    """Tell whether every member requires the field, under one name on the wire, with texts no other member has."""
    fields = [field for place in union for field in shapes[place].fields if field.name == name]
    values = [documents[place]["properties"].get(name, {}).get("enum", ()) for place in union]
    return (
        len(fields) == len(union)
        and all(field.required for field in fields)
        and len({field.wire for field in fields}) == 1
        and all(values)
        and sum(map(len, values)) == len({text for texts in values for text in texts})
    )
