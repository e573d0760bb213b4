"""Decide what this worker asks for, and claim it."""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bson.errors import InvalidBSON
from bson.raw_bson import RawBSONDocument
from pymongo.errors import PyMongoError

from memshelf.flows.claim import (
    PAIRS,
    Claimed,
    ClaimUnread,
    Terms,
    Wanted,
    claim_one,
    next_due,
    queues_in_use,
    read_claimed,
    take,
    within_free_slots,
)
from memshelf.flows.look import Looked, claim_first, look
from memshelf.garbled import as_stored
from memshelf.lowwater import LowWater
from memshelf.mongo import AsyncStore
from memshelf.registry import Registry
from memshelf.settings import Settings
from memshelf.unpack import CODEC, LENIENT, NAIVE, unpack

SMALLEST_HALF = 100
"""Slots from which on one half is claimed while the other half runs; fewer are claimed at once."""
LARGEST_BATCH = 500
FRESH = 0.05
"""Seconds for which candidates that were looked for ahead are worth trying."""
WIDEST = 16
PATIENCE = 4
"""Clean claims in a row after which the window is narrowed. Simulated with eight workers: narrowed after each, 47 % of
the claims are empty; after four, and widened fourfold by an empty one, 20 %."""
LAST_LOOK = 3.0
"""Seconds that a stopping worker may spend on finding out what its last claims won."""
CONTENDED = 0.1
"""Share of lost candidates from which a claim counts as contended."""


class Undecodable(Exception):
    """A document that is not valid BSON for Python; carries what could be read of it."""

    def __init__(self, document: Mapping[str, Any], reason: str) -> None:
        self.document = document
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class _Ahead:
    """Candidates that were looked for before they were asked for."""

    since: float
    found: Sequence[Mapping[str, Any]]


class Claimer:
    """Claims jobs for one worker; a claimed job is a job started, so never more than the free slots."""

    def __init__(
        self, store: AsyncStore, registry: Registry, settings: Settings, worker: str, rng: random.Random
    ) -> None:
        self._store = store
        self._registry = registry
        self._settings = settings
        self._worker = worker
        self._rng = rng
        self._queues = tuple(settings.queues) or tuple(sorted({entry.type.queue for entry in registry}))
        self._queues_read = float("-inf")
        self._isolated = frozenset(entry.type.name for entry in registry if entry.isolation == "process")
        self._unread: list[ClaimUnread] = []
        self._window = 1
        self._clean = 0
        self._turn = 0
        self._ahead: _Ahead | None = None
        self._low = LowWater()
        self.expects_more = False
        """Whether there is more to claim, as far as the last claim could tell."""
        self.several_due = False
        """Whether more than one job was due at the last look; a batch takes three calls, one job only one."""

    async def claim(self, free: int, running: Counter[str], arrived: int = 0) -> list[bytes]:
        """Claim up to `free` due jobs; gives their raw documents.

        Args:
            free: free slots of the worker.
            running: how many jobs of each type, by its name on the wire, run here now.
            arrived: how many are about to start; of which type is not known yet, so that they count for each.

        Raises:
            PyMongoError, ClaimUnread, StoreUnavailable: the server did not answer; call again.
        """
        recovered = await self._recover()
        if recovered:
            return recovered
        wanted = self._wanted(free, running, arrived)
        if not wanted or not self._queues:
            self.expects_more = False
            return []
        terms = Terms(
            worker=self._worker,
            token=f"{self._worker}:{secrets.token_hex(12)}",
            lease=self._settings.lease,
            queues=self._queues,
            now=await self._store.now() + self._store.clock.error,
        )
        try:
            return await self._take(terms, wanted, free)
        except ClaimUnread as error:
            self._unread.append(error)
            raise

    async def look_around(self) -> None:
        """Learn which queues are in use, where the settings name none; at most once a poll interval."""
        if self._settings.queues or time.monotonic() - self._queues_read < self._settings.process_every.total_seconds():
            return
        found = await self._store.run(queues_in_use())
        self._queues = tuple(sorted({*found, *(entry.type.queue for entry in self._registry)}))
        self._queues_read = time.monotonic()

    def holds_back(self, running: Counter[str], arrived: int) -> bool:
        """Whether jobs of some type may not start here until another one ends."""
        return self._room(running, arrived) == 0 or any(
            each.type.concurrency is not None and running[each.type.name] + arrived >= each.type.concurrency
            for each in self._registry
        )

    async def seconds_until_due(self, running: Counter[str], arrived: int) -> float:
        """Tell how long it is until a waiting job that has a free slot here is due; infinite without any."""
        names = [each.name for each in self._wanted(1, running, arrived)]
        times = await self._store.run(next_due(self._queues, names)) if names else ()
        latest = await self._store.now() + self._store.clock.error
        self.several_due = sum(each <= latest for each in times) > 1
        return max(0.0, (times[0] - latest).total_seconds()) if times else float("inf")

    async def _take(self, terms: Terms, wanted: Sequence[Wanted], free: int) -> list[bytes]:
        # Half of the slots at a time, so that one half is claimed while the other half runs and is recorded.
        half = min(LARGEST_BATCH, max(SMALLEST_HALF, -(-self._settings.max_concurrency // 2)))
        most = min(free, sum(each.free for each in wanted), half)
        if most == 1 or not self.expects_more:
            claimed = await self._take_one(terms, wanted)
            self.expects_more = self.expects_more and bool(claimed.documents)
            return [document.raw for document in claimed.documents]
        claimed = await self._take_batch(terms, wanted, most, look_ahead=most * 2 > half)
        self.expects_more = claimed.seen >= most
        self._adapt(claimed)
        return [document.raw for document in claimed.documents]

    async def _take_one(self, terms: Terms, wanted: Sequence[Wanted]) -> Claimed:
        now = time.monotonic()
        start = self._low.start(terms.queues, (each.name for each in wanted), now)
        claimed, looked = await self._store.run(claim_first(replace(terms, start=start), wanted))
        self._note(looked, now)
        return claimed

    async def _take_batch(self, terms: Terms, wanted: Sequence[Wanted], most: int, *, look_ahead: bool) -> Claimed:
        """Take a batch; while it is read, look for the candidates of the next one."""
        found = await self._candidates(terms, wanted, most)
        ids = within_free_slots(found, wanted, most)
        if not ids and found:  # Their ids cannot be said; the server alone can choose one of them.
            one = await self._store.run(claim_one(terms, wanted))
            return Claimed(one.documents, one.tried, len(found))
        if not ids:
            return Claimed((), 0, 0)
        await self._store.run(take(terms, wanted, ids))
        reading = read_claimed(terms.token, ids)
        if not look_ahead or len(found) < most:
            return Claimed(await self._store.run(reading), len(ids), len(found))
        looking = asyncio.create_task(self._look(terms, wanted, most))
        try:
            documents = await self._store.run(reading)
        finally:
            await asyncio.wait({looking})
        if not looking.cancelled() and looking.exception() is None:
            self._ahead = _Ahead(time.monotonic(), looking.result())
        return Claimed(documents, len(ids), len(found))

    async def _candidates(self, terms: Terms, wanted: Sequence[Wanted], most: int) -> Sequence[Mapping[str, Any]]:
        """Give candidates that were looked for ahead, if that was just now, or look for them."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None and ahead.found and time.monotonic() - ahead.since < FRESH:
            return ahead.found
        return await self._look(terms, wanted, most)

    async def _look(self, terms: Terms, wanted: Sequence[Wanted], most: int) -> Sequence[Mapping[str, Any]]:
        now = time.monotonic()
        start = self._low.start(terms.queues, (each.name for each in wanted), now)
        skip = self._rng.randrange(self._window) * most if self._window > 1 else 0
        looked = await self._store.run(look(replace(terms, start=start), wanted, limit=most, skip=skip))
        self._note(looked, now)
        return looked.found

    def _note(self, looked: Looked, now: float) -> None:
        self._low.looked(looked.found, full=looked.full, top=looked.top, skipped=looked.skipped, now=now)

    def _adapt(self, claimed: Claimed) -> None:
        """Widen the window when others claim at the same place, narrow it when they do not."""
        if claimed.tried == 0:
            self._window, self._clean = 1, 0
            return
        if len(claimed.documents) < claimed.tried * (1 - CONTENDED):
            self._window, self._clean = min(WIDEST, self._window * (2 if claimed.documents else 4)), 0
            return
        self._clean += 1
        if self._clean == PATIENCE:
            self._window, self._clean = max(1, self._window // 2), 0

    async def _recover(self) -> list[bytes]:
        """Read again what an earlier claim may have won."""
        while self._unread:
            earlier = self._unread[0]
            documents = await self._store.run(read_claimed(earlier.token, earlier.ids))
            self._unread.pop(0)
            if documents:
                return [document.raw for document in documents]
        return []

    async def last_look(self) -> list[bytes]:
        """Read what lost claims may have won, now that nothing more will be claimed; gives their raw documents.

        What cannot be read now either is rescued by others when its lease has ended.
        """
        found: list[bytes] = []
        with contextlib.suppress(*RETRYABLE, TimeoutError):
            async with asyncio.timeout(LAST_LOOK):
                while self._unread:
                    found += await self._recover()
        return found

    def _room(self, running: Counter[str], arrived: int) -> int | None:
        """Tell how many more jobs may start in child processes; None if this worker has no such jobs."""
        if not self._isolated:
            return None
        return max(0, self._settings.max_processes - sum(running[name] for name in self._isolated) - arrived)

    def _wanted(self, free: int, running: Counter[str], arrived: int = 0) -> list[Wanted]:
        wanted = []
        room = self._room(running, arrived)
        for entry in self._registry:
            job = entry.type
            slots = free if job.concurrency is None else min(free, job.concurrency - running[job.name] - arrived)
            shared = room if job.name in self._isolated else None
            if slots > 0 and shared != 0:
                wanted += [
                    Wanted(name, slots, job.retries.max + 1, job.max_lost, job.timeout, job.name, shared)
                    for name in (job.name, *job.previous_names)
                ]
        most = max(1, PAIRS // max(1, len(self._queues)))
        if len(wanted) > most:
            self._turn = (self._turn + most) % len(wanted)
            wanted = (wanted[self._turn :] + wanted[: self._turn])[:most]
        return wanted


def decode(raw: bytes) -> Mapping[str, Any]:
    """Decode one claimed document.

    Raises:
        Undecodable: it holds text that is not UTF-8, or other bytes that Python cannot take.
    """
    codec = CODEC if b"\3meta\0" in raw else NAIVE  # In `meta`, and nowhere else, a date may go to the handler.
    try:
        return unpack(raw, codec)
    except InvalidBSON as error:
        document = unpack(raw, LENIENT)
        document["_id"] = as_stored(RawBSONDocument(raw), "_id", document["_id"])
        raise Undecodable(document, str(error)) from None


RETRYABLE = (PyMongoError, ClaimUnread)
"""What a claim may raise when the connection fails."""
