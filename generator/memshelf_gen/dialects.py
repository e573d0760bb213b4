"""Read schemas whose `$schema` names a metaschema of the schema folder, as schemas of the draft that it builds on.

A metaschema chooses vocabularies (JSON Schema 2020-12, section 8.1). A keyword of a vocabulary that it leaves out is an
annotation without a meaning, so it is taken out: what is left means the same under the draft's own metaschema, and so
for every validator.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from memshelf_gen.document import Document
from memshelf_gen.keywords import DRAFTS, Draft, children, draft_of, filled
from memshelf_gen.older import upgraded

_VOCABULARIES: Mapping[str, str] = {
    "core": "",
    "applicator": """
        prefixItems items additionalItems contains additionalProperties properties patternProperties dependentSchemas
        propertyNames if then else allOf anyOf oneOf not
    """,
    "unevaluated": "unevaluatedItems unevaluatedProperties",
    "validation": """
        type const enum multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern
        maxItems minItems uniqueItems maxContains minContains maxProperties minProperties required dependentRequired
    """,
    "meta-data": "title description default deprecated readOnly writeOnly examples",
    "format": "format",
    "content": "contentEncoding contentMediaType contentSchema",
}
"""The keywords of each vocabulary; those of the core are always understood."""
_CALLED = {"format-annotation": "format", "format-assertion": "format"}


def settle_dialects(documents: Iterable[Document]) -> list[Document]:
    """Give the documents, those of a metaschema in the folder as documents of its draft, older ones as draft-07."""
    listed = [upgraded(document) for document in documents]
    if all(draft_of(each.value) for each in listed):
        return listed
    by_id = {_bare(each.value.get("$id")): each.value for each in listed if isinstance(each.value.get("$id"), str)}
    return [each if draft_of(each.value) else _settled(each, by_id) for each in listed]


def _settled(document: Document, by_id: Mapping[str, Any]) -> Document:
    metaschema = by_id.get(_bare(document.value.get("$schema")))
    base, seen = metaschema, 0
    while base is not None and draft_of(base) is None and seen < len(by_id):
        base, seen = by_id.get(_bare(base.get("$schema"))), seen + 1
    draft = draft_of(base) if base is not None else None
    if metaschema is None or draft is None:
        return document
    dropped = _dropped(metaschema.get("$vocabulary"), draft)
    if dropped is None:
        return document
    dialect = next(address for address, named in DRAFTS.items() if named == draft)
    value = {**_without(document.value, dropped, draft), "$schema": dialect}
    return dataclasses.replace(document, value=value)


def _dropped(vocabulary: Any, draft: Draft) -> frozenset[str] | None:
    """Give the keywords that a metaschema's vocabularies leave out; None when it requires one that nobody knows."""
    if not isinstance(vocabulary, dict):
        return frozenset()
    home = f"https://json-schema.org/draft/{draft}/vocab/"
    chosen = {address.removeprefix(home) for address in vocabulary if address.startswith(home)}
    if any(required and not address.startswith(home) for address, required in vocabulary.items()):
        return None
    chosen = {_CALLED.get(each, each) for each in chosen}
    if draft == "2019-09" and "applicator" in chosen:
        chosen.add("unevaluated")
    if not chosen <= _VOCABULARIES.keys():
        return None
    return frozenset(word for each, words in _VOCABULARIES.items() if each not in chosen for word in words.split())


def _without(schema: Any, dropped: frozenset[str], draft: Draft) -> Any:
    """Give a schema without some keywords, at all levels."""
    if not isinstance(schema, dict):
        return schema
    kept = {keyword: value for keyword, value in schema.items() if keyword not in dropped}
    inside = {steps: _without(child, dropped, draft) for steps, child in children(kept, draft)}
    return {keyword: filled(keyword, value, inside) for keyword, value in kept.items()}


def _bare(address: object) -> str:
    return str(address).removesuffix("#")
