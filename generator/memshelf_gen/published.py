"""Give the metaschemas of JSON Schema, which a `$ref` may mean without a copy of them in the schema folder."""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

from memshelf_gen.document import Document

_HOSTS = (*(f"http://json-schema.org/draft-0{number}/" for number in (4, 6, 7)), "https://json-schema.org/draft/")


def published(address: str) -> Document | None:
    """Give the published document at an address without a fragment; None for any other address."""
    return _documents().get(address) if address.startswith(_HOSTS) else None


@cache
def _documents() -> dict[str, Document]:
    # Reads some twenty files, so only when a schema asks for one of them.
    registry: Any = importlib.import_module("jsonschema_specifications").REGISTRY
    found: dict[str, Any] = {address: registry.contents(address) for address in registry}
    return {
        address: Document(address, address, contents, {})
        for address, contents in found.items()
        if address.startswith(_HOSTS)
    }
