"""Tell the variants of a union apart by the constant that each of them has, if there is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from memshelf_gen.emit.places import Place, Places


def tags(places: Places, union: Place) -> list[str]:
    """Give each variant's tag, of the union whose list of variants stands at a place; empty for those without one.

    A constant that only some of the objects have is no tag: it may have nothing to do with the choice.
    """
    found = [_texts(places, union.below(index)) for index in range(len(places[union]))]
    objects = [texts for texts in found if texts is not None]
    deciding = [name for name in sorted({name for each in objects for name in each}) if _decides(name, objects)]
    return [_tag(each or {}, deciding) for each in found]


def _tag(texts: Mapping[str, Sequence[str]], deciding: Sequence[str]) -> str:
    return next((texts[name][0] for name in deciding if len(texts.get(name, ())) == 1), "")


def _decides(name: str, objects: Sequence[Mapping[str, Sequence[str]]]) -> bool:
    texts = [text for each in objects for text in each.get(name, ())]
    return len(objects) > 1 and all(each.get(name) for each in objects) and len({*texts}) == len(texts)


def _texts(places: Places, place: Place) -> dict[str, list[str]] | None:
    """Give the texts that an object's properties are limited to; None for what is no object with properties."""
    schema: Any = places[place]
    target = places.target(schema.get("$ref")) if isinstance(schema, dict) else None
    schema = schema if target is None else places[target]
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(properties, dict):
        return None
    allowed = {
        name: [value["const"]] if "const" in value else value.get("enum")
        for name, value in properties.items()
        if isinstance(value, dict)
    }
    return {
        name: texts
        for name, texts in allowed.items()
        if isinstance(texts, list) and all(isinstance(text, str) for text in texts)
    }
