"""What was measured, and what it says about the limits of the server at hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["coroutines", "threads"]
KINDS: tuple[Kind, ...] = ("coroutines", "threads")
FAR = 0.5
"""Share of an insert from which on the way to the server is most of it."""
FEW_SLOTS = 100
"""Slots up to which every claim is smaller than a worker would make it."""
BUSY = 1.0
"""Processes for each core from which on a machine is too busy to be measured."""
FULL = 0.8
"""Share of a core from which on a process has no more to give."""


@dataclass(frozen=True, slots=True)
class Server:
    """The server that answered."""

    version: str
    kind: Literal["standalone", "replica set", "sharded cluster"]
    set_name: str | None
    members: int
    """Members of the set that hold data, as far as the one that answered tells; 1 for a server by itself."""
    round_trip: float
    """Milliseconds of a `ping`, median."""


@dataclass(frozen=True, slots=True)
class OneByOne:
    """Queue calls in turn with plain inserts of the same documents, in milliseconds."""

    calls: Sequence[float]
    inserts: Sequence[float]


@dataclass(frozen=True, slots=True)
class Drain:
    """One backlog, run by one worker."""

    jobs: int
    rate: float
    """Jobs a second, from the first handler's start to the last one's end."""
    commands: float
    """For one job."""
    cpu: float
    """Cores that this process used meanwhile."""


@dataclass(frozen=True, slots=True)
class PickUp:
    """From queue calls to their handlers' first lines on an idle worker, in turn with plain inserts, in ms."""

    waits: Sequence[float]
    inserts: Sequence[float]
    wakes_by: str
    """`change stream` or `polling`."""


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that one run has found."""

    server: Server
    concurrency: int
    process_every: str
    one_by_one: OneByOne
    many: Sequence[float]
    """Jobs a second, one figure a round."""
    drains: dict[Kind, Sequence[Drain]]
    pick_up: PickUp
    complete: bool
    """Whether the time was enough for all of it."""
    load: float | None = None
    """Processes that wanted each core of this machine before; None where nobody counts them."""

    @property
    def insert(self) -> float:
        """One majority insert, in milliseconds, median."""
        return median(self.one_by_one.inserts)

    def drained(self, kind: Kind) -> float:
        """Jobs a second, median."""
        return median(each.rate for each in self.drains[kind])


def percentile(values: Sequence[float], share: float) -> float:
    """Give the value below which so large a share lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def limits(found: Findings) -> Iterator[str]:
    """Say what limits each figure, and what would raise it."""
    yield _of_inserts(found)
    yield _of_drains(found)
    yield _of_pick_up(found)
    if found.load is not None and found.load > BUSY:
        yield (
            f"{found.load:.1f} processes wanted each core of this machine before it began: every figure is lower than "
            "it would be on an idle one"
        )


def _of_inserts(found: Findings) -> str:
    server, insert = found.server, found.insert
    if server.round_trip > insert * FAR:
        why = f"{server.round_trip:.1f} of it is the way to the server and back"
    elif server.members > 1:
        why = f"a majority of {server.members} members has to have it in its journal"
    else:
        why = "the server writes its journal to disk first"
    many = median(found.many)
    return (
        f"one insert takes {insert:.1f} ms here: {why}; "
        f"queue many at once where you can, {many:,.0f} jobs/s instead of {1000 / median(found.one_by_one.calls):,.0f}"
    )


def _of_drains(found: Findings) -> str:
    best = max(found.drains["coroutines"], key=lambda each: each.rate)
    if best.cpu > FULL:
        return (
            f"a drain is limited by this process, which used {best.cpu:.1f} cores: more worker processes "
            "(`memshelf worker --processes`) share the work"
        )
    if found.concurrency <= FEW_SLOTS:
        return (
            f"a drain is limited by its {found.concurrency} slots, since a claim takes no more jobs than are free: "
            "MEMSHELF_MAX_CONCURRENCY raises them, and 400 take 200 a claim"
        )
    return (
        f"a drain waits for the server most of the time: this process used {best.cpu:.1f} cores; "
        "more slots hide the way to the server, and a faster disk shortens each write"
    )


def _of_pick_up(found: Findings) -> str:
    if found.pick_up.wakes_by == "polling":
        return (
            f"an idle worker polls every {found.process_every} here, since it has no change stream: a replica set has "
            "them, unless MEMSHELF_CHANGE_STREAMS is off; MEMSHELF_PROCESS_EVERY shortens the wait, for a query each "
            "time"
        )
    ratio = median(found.pick_up.waits) / median(found.pick_up.inserts)
    return f"a pick-up is worth {ratio:.1f} inserts: one to store the job, and one write to claim it"
