"""How much is measured, and how much is written for that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bson

from memshelf.measuring.findings import KINDS
from memshelf.measuring.place import Place
from memshelf.measuring.sample import SAMPLE
from memshelf.order import order

ROUNDS = 3
SINGLE = 300
PICKED = 200


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    payload: dict[str, Any]
    jobs: int
    """Of each backlog."""
    seconds: float
    """After which no part begins anew."""

    @property
    def single(self) -> int:
        """Jobs that are queued one by one."""
        return min(self.jobs, SINGLE)

    @property
    def picked(self) -> int:
        """Jobs that an idle worker picks up."""
        return min(self.jobs, PICKED)

    @property
    def documents(self) -> int:
        """The most documents that are written."""
        return 2 * (self.single + self.picked + 1) + ROUNDS * len(KINDS) * self.jobs

    def bytes(self, place: Place) -> int:
        """The size of all documents, by that of one."""
        return self.documents * len(bson.encode(order(SAMPLE, self.payload, {}, place.store.now(), place.settings)))
