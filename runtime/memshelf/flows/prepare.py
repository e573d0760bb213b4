"""Make the collection ready: its validator and its indexes, as often as one likes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from pymongo.errors import CollectionInvalid, OperationFailure

from memshelf.call import Flow, call
from memshelf.envelope import validator
from memshelf.indexes import wanted_indexes

Document: TypeAlias = Mapping[str, Any]
NAMESPACE_EXISTS = 48
INDEX_BUILD_UNDER_WAY = 12587
LEVEL = "moderate"
"""New documents must be valid; one that got in all the same can still be claimed, and set aside."""
WORKER_NOTES_KEPT = 3600
"""Seconds after which the note of a worker that is gone is removed."""


def prepare(collection: str) -> Flow[tuple[str, ...]]:
    """Create the collection, its validator and its indexes where they are absent; give the indexes' names."""
    wanted: Document = validator()
    try:
        yield call("create_collection", collection, validator=wanted, validationLevel=LEVEL, target="database")
    except CollectionInvalid:
        yield from _renew(collection, wanted)
    except OperationFailure as error:
        if error.code != NAMESPACE_EXISTS:
            raise
        yield from _renew(collection, wanted)
    names: list[str] = yield call("create_indexes", wanted_indexes())
    yield call("create_index", "seenAt", expireAfterSeconds=WORKER_NOTES_KEPT, target="workers")
    return tuple(names)


def _renew(collection: str, wanted: Document) -> Flow[None]:
    """Change the validator where it differs; a server that builds indexes for another worker just now may refuse."""
    (found,) = yield call("list_collections", filter={"name": collection}, target="database")
    options = found.get("options", {})
    if (options.get("validator"), options.get("validationLevel")) == (wanted, LEVEL):
        return
    try:
        yield call("command", "collMod", collection, validator=wanted, validationLevel=LEVEL, target="database")
    except OperationFailure as error:
        if error.code != INDEX_BUILD_UNDER_WAY:
            raise
