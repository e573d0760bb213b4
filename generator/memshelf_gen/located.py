"""Write a file's document so that each of its references names the file and the schema that it means."""

from __future__ import annotations

from typing import Any

from memshelf_gen.keywords import ADDRESSES, is_private, links
from memshelf_gen.pointers import pointer
from memshelf_gen.references import Place, References
from memshelf_gen.scopes import meanings
from memshelf_gen.spec import Json

_TYPED = ("type", "enum")
"""What is kept of a metaschema that is referred to: the types of what it admits."""


def located(references: References, source: str) -> Json:
    """Give a file's document without `x-` keys and addresses; `$schema` and `$id` of the whole are kept.

    A reference is `billing/address.yaml#/$defs/Address`, whatever address or anchor it was written with. A dynamic
    reference with several meanings is left out, and of a metaschema only its types are kept.
    """
    document = references.documents[source].value
    head = {keyword: document[keyword] for keyword in ("$schema", "$id") if keyword in document}
    return {**head, **_located(references, Place(source), document)}


def _located(references: References, place: Place, node: Any) -> Any:
    if isinstance(node, list):
        return [_located(references, place.below((index,)), each) for index, each in enumerate(node)]
    if not isinstance(node, dict):
        return node
    is_schema = place in references.resources
    found = links(node, references.drafts[place.source]) if is_schema else {}
    made: Json = {}
    for key, value in node.items():
        if is_schema and (is_private(key) or key in ADDRESSES):
            continue
        if key in found:
            made |= _meaning(references, place, key, value) if "$ref" not in made else {}
        else:
            made[key] = _located(references, place.below((key,)), value)
    return made


def _meaning(references: References, place: Place, keyword: str, reference: str) -> Json:
    found = meanings(references, place, keyword, reference)
    if len(found) > 1:
        return {}
    (target,) = found
    if references.is_published(target.source):
        schema = references[target]
        return {each: schema[each] for each in _TYPED if each in schema}
    return {"$ref": f"{target.source}{pointer(target.steps)}"}
