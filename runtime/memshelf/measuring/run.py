"""Measure everything once, in the time that there is."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from statistics import median

from memshelf.durations import format_duration
from memshelf.measuring.draining import drain
from memshelf.measuring.findings import KINDS, Drain, Findings, Kind, Server
from memshelf.measuring.latency import pick_up
from memshelf.measuring.place import Place
from memshelf.measuring.plan import ROUNDS, Plan
from memshelf.measuring.queueing import many_at_once, one_by_one
from memshelf.mongo import Store

PINGS = 20
LEAST = 3.0
"""Seconds that a drain may take however late it is."""
QUEUED, DRAINED = 0.15, 0.75
"""Shares of the time after which the parts end that queue one by one, and that drain."""


def look(store: Store) -> Server:
    """Ask the server what it is."""
    admin = store.client.admin
    version, hello = str(store.client.server_info()["version"]), admin.command("hello")
    times = []
    for _ in range(PINGS):
        began = time.perf_counter()
        admin.command("ping")
        times.append((time.perf_counter() - began) * 1000)
    if hello.get("msg") == "isdbgrid":
        return Server(version, "sharded cluster", None, 1, median(times))
    if "setName" in hello:
        members = len(hello.get("hosts", ())) or 1
        return Server(version, "replica set", str(hello["setName"]), members, median(times))
    return Server(version, "standalone", None, 1, median(times))


def measure(place: Place, plan: Plan, server: Server, tell: Callable[[str], None]) -> Findings:
    """Measure one part after the other; each has a share of the time, and makes a few calls however late it is."""
    with asyncio.Runner() as runner:
        runner.get_loop()  # Made now: a Ctrl-C while a loop is being made leaves half a loop.
        return _measure(place, plan, server, tell, runner)


def _measure(place: Place, plan: Plan, server: Server, tell: Callable[[str], None], runner: asyncio.Runner) -> Findings:
    began, load = time.monotonic(), _load()
    tell(f"queueing {plan.single:,} jobs one by one, in turn with plain inserts")
    single = one_by_one(place, plan.payload, plan.single, began + plan.seconds * QUEUED)
    many: list[float] = []
    drains: dict[Kind, list[Drain]] = {kind: [] for kind in KINDS}
    end = began + plan.seconds * DRAINED
    for number in range(1, ROUNDS + 1):
        for kind in KINDS:
            if number > 1 and time.monotonic() > end:
                break
            tell(f"queueing {plan.jobs:,} jobs at once, and draining them in {kind}: round {number} of {ROUNDS}")
            many.append(many_at_once(place, plan.payload, plan.jobs))
            left = (end - time.monotonic()) / (2 if not drains["threads"] and kind == "coroutines" else 1)
            drains[kind].append(runner.run(drain(place, kind, time.monotonic() + max(LEAST, left))))
    place.store.client[place.settings.database][place.settings.collection].delete_many({"state": "ready"})
    tell(f"queueing {plan.picked:,} jobs for an idle worker, in turn with plain inserts")
    picked = runner.run(pick_up(place, plan.payload, plan.picked, began + plan.seconds))
    return Findings(
        server=server,
        concurrency=place.settings.max_concurrency,
        process_every=format_duration(place.settings.process_every),
        one_by_one=single,
        many=many,
        drains={kind: tuple(each) for kind, each in drains.items()},
        pick_up=picked,
        load=load,
        complete=(
            len(single.calls) == plan.single
            and len(picked.waits) == plan.picked
            and all(len(each) == ROUNDS and all(one.jobs >= plan.jobs for one in each) for each in drains.values())
        ),
    )


def _load() -> float | None:
    """Give how many processes want each core; Windows does not count them."""
    if not hasattr(os, "getloadavg"):
        return None
    return os.getloadavg()[0] / (os.cpu_count() or 1)
