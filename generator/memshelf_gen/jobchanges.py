"""Compare how a job is queued and run with how it was."""

from __future__ import annotations

import re
from collections.abc import Iterator

from memshelf_gen.spec import JobSpec

_UNITS = {"w": 604_800.0, "d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_KEPT = {"succeeded": "7d", "dead": "forever", "cancelled": "7d", "quarantined": "forever"}
"""How long jobs are kept where neither a schema nor a setting says otherwise."""


def changes(old: JobSpec, new: JobSpec) -> Iterator[tuple[str, str, str]]:
    """Give each change that somebody may feel: its rule, the key of x-job, and the two values."""
    names = (new.names.wire, *new.previous_names)
    if old.names.wire not in names:
        yield "job-renamed", "name", f"{old.names.wire} became {new.names.wire}"
    elif old.names.key != new.names.key:
        yield "file-moved", "", f"{old.source} became {new.source}"
    for name in old.previous_names:
        if name not in names:
            yield "previous-name-removed", "previous_names", name
    if old.queue != new.queue:
        yield "queue-changed", "queue", f"{old.queue} became {new.queue}"
    for key, rule in (
        ("version", "version-lowered"),
        ("max_payload", "max-payload-lowered"),
        ("max_lost", "max-lost-lowered"),
    ):
        before, now = getattr(old, key), getattr(new, key)
        if now < before:
            yield rule, key, f"{before} became {now}"
    if new.retries.max < old.retries.max:
        yield "retries-lowered", "retries", f"{old.retries.max} became {new.retries.max}"
    if seconds(new.timeout) < seconds(old.timeout):
        yield "timeout-lowered", "timeout", f"{old.timeout or 'none'} became {new.timeout}"
    if (old.acknowledge, new.acknowledge) == ("each", "batched"):
        yield "acknowledge-loosened", "acknowledge", "each became batched"
    for state, default in _KEPT.items():
        was, now = old.keep.get(state, default), new.keep.get(state, default)
        if _kept(now) < _kept(was):
            yield "keep-shortened", "keep", f"{state}: {was} became {now}"
    if old.concurrency != new.concurrency:
        limits = [each.concurrency or "no limit" for each in (old, new)]
        yield "concurrency-changed", "concurrency", f"{limits[0]} became {limits[1]}"
    if old.isolation != new.isolation:
        homes = [each.isolation or "no wish" for each in (old, new)]
        yield "isolation-changed", "isolation", f"{homes[0]} became {homes[1]}"
    before = (old.retries.backoff, seconds(old.retries.delay), seconds(old.retries.max_delay), old.retries.jitter)
    now = (new.retries.backoff, seconds(new.retries.delay), seconds(new.retries.max_delay), new.retries.jitter)
    if before != now:
        yield "backoff-changed", "retries", "the waits between retries"


def _kept(text: str) -> float:
    return 0.0 if text == "none" else seconds(None if text == "forever" else text)


def seconds(duration: str | None) -> float:
    """Give the length of a duration that the metaschema has taken; none is endless."""
    if duration is None:
        return float("inf")
    found = re.findall(r"([0-9]+(?:\.[0-9]+)?) *(ms|milli|[wdhms])", duration)
    return sum(float(count) * _UNITS["ms" if unit == "milli" else unit] for count, unit in found)
