"""Look for due jobs from a mark on, and from the top where that gives too few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from memshelf.call import Flow
from memshelf.flows.claim import Claimed, Terms, Wanted, candidates, claim_one
from memshelf.unpack import outline


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look found."""

    found: Sequence[Mapping[str, Any]]
    """Candidates, in order."""
    full: bool
    """Whether those are as many as was asked for."""
    top: bool
    """Whether it looked from the top, in the end."""
    skipped: bool = False
    """Whether there are candidates before them that it skipped."""


def look(terms: Terms, wanted: Sequence[Wanted], *, limit: int, skip: int) -> Flow[Looked]:
    """Read up to `limit` candidates; nothing is skipped where that would leave none."""
    found = yield from candidates(terms, wanted, limit=limit, skip=skip)
    if terms.start is not None and len(found) < limit:
        return (yield from look(_from_top(terms), wanted, limit=limit, skip=skip))
    if skip and not found:
        return (yield from look(terms, wanted, limit=limit, skip=0))
    return Looked(found, full=len(found) >= limit, top=terms.start is None, skipped=skip > 0)


def claim_first(terms: Terms, wanted: Sequence[Wanted]) -> Flow[tuple[Claimed, Looked]]:
    """Take the first due job, in one round trip if there is one from the mark on.

    Raises:
        ClaimUnread: the reply was lost; the job may have been won.
    """
    claimed = yield from claim_one(terms, wanted)
    if terms.start is not None and not claimed.documents:
        return (yield from claim_first(_from_top(terms), wanted))
    found = [outline(each) for each in claimed.documents]
    return claimed, Looked(found, full=bool(found), top=terms.start is None)


def _from_top(terms: Terms) -> Terms:
    return replace(terms, start=None)
