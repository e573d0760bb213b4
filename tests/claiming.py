"""A claim of several jobs as one flow: the steps of a worker's claim, in their order, with nothing done meanwhile."""

from __future__ import annotations

from collections.abc import Sequence

from memshelf.call import Flow
from memshelf.flows.claim import Claimed, Terms, Wanted, candidates, read_claimed, take, within_free_slots


def claim_in_steps(terms: Terms, wanted: Sequence[Wanted], *, most: int) -> Flow[Claimed]:
    """Read candidates, take them, and read what was won."""
    found = yield from candidates(terms, wanted, limit=most, skip=0)
    ids = within_free_slots(found, wanted, most)
    if not ids:
        return Claimed((), 0, len(found))
    yield from take(terms, wanted, ids)
    documents = yield from read_claimed(terms.token, ids)
    return Claimed(documents, len(ids), len(found))
