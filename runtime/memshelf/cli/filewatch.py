"""Notice that files have changed, by looking at them now and then."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

LOOK_EVERY = 0.5
"""Seconds between two looks; a few hundred files cost a few milliseconds each time."""
SUFFIXES = frozenset({".py", ".json", ".yaml", ".yml"})

Snapshot = Mapping[Path, tuple[int, int]]


async def changes(places: Iterable[Path], *, since: Snapshot) -> tuple[Snapshot, frozenset[Path]]:
    """Wait until files differ from a snapshot and have come to rest; give the new one and what differs."""
    places = tuple(places)
    while (now := snapshot(places)) == since:  # noqa: ASYNC110 - files send no signal
        await asyncio.sleep(LOOK_EVERY)
    # An editor or a checkout writes several files: one reload for all.
    while (later := snapshot(places)) != now:
        now = later
        await asyncio.sleep(LOOK_EVERY / 2)
    return now, frozenset(path for path in {*now, *since} if now.get(path) != since.get(path))


def snapshot(places: Iterable[Path]) -> Snapshot:
    """Look at all files of ours in some folders."""
    return {path: seen for place in places for path, seen in _look(place)}


def _look(place: Path) -> Iterator[tuple[Path, tuple[int, int]]]:
    for path in place.rglob("*") if place.is_dir() else [place]:
        if path.suffix not in SUFFIXES or any(part.startswith((".", "__pycache__")) for part in path.parts[-3:]):
            continue
        try:
            found = path.stat()
        except OSError:
            continue  # It is gone already, or a link to nothing.
        yield path, (found.st_mtime_ns, found.st_size)
