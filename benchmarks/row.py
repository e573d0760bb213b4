"""One line of the table: two things measured in turn, or one held against a bar."""

from __future__ import annotations

import operator
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any, TypeAlias

import psutil
from pymongo import MongoClient

ROUNDS = 3
BAR = re.compile(r"(≥|≤|<|>) ([\d.]+)( ×)?")
HOLDS: dict[str, Callable[[float, float], bool]] = {
    "≥": operator.ge,
    "≤": operator.le,
    "<": operator.lt,
    ">": operator.gt,
}


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured, beside what it is measured by."""

    what: str
    ours: float
    unit: str
    by: float | None = None
    """The yardstick's figure; None where the bar is an amount."""
    yardstick: str = ""
    bar: str = ""
    """The bar of the project, as text: `≥ 0.8 ×` of the yardstick, `≤ 0.1` of what was measured."""
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours against the yardstick: rates by rates, times by times."""
        return None if self.by is None else self.ours / self.by

    @property
    def met(self) -> bool | None:
        """Whether the bar is held; None where there is none."""
        asked = BAR.match(self.bar)
        if asked is None:
            return None
        sign, limit, times = asked.groups()
        reached = self.ratio if times and self.ratio is not None else self.ours
        return HOLDS[sign](reached, float(limit))


Measured: TypeAlias = Callable[[], float]


def alternating(ours: Measured, by: Measured, rounds: int = ROUNDS) -> tuple[float, float]:
    """Measure both in turn, so that a busy machine slows both; give the medians."""
    readings = [(ours(), by()) for _ in range(rounds)]
    return median(first for first, _ in readings), median(second for _, second in readings)


def rate(count: int, run: Callable[[], object]) -> float:
    """Give how many a second, by the wall."""
    began = time.perf_counter()
    run()
    return count / (time.perf_counter() - began)


@dataclass(slots=True)
class Cpu:
    """Seconds of processor time that a block took."""

    client: float = 0.0
    """In this process."""
    server: float = 0.0
    """In mongod, if it runs on this machine; else 0."""


@contextmanager
def processor_time(url: str) -> Iterator[Cpu]:
    """Measure what a block costs here and in the server."""
    spent, server = Cpu(), _server(url)
    before = _times(server)
    yield spent
    spent.client, spent.server = (after - first for after, first in zip(_times(server), before, strict=True))


def _times(server: psutil.Process | None) -> tuple[float, float]:
    here = os.times()
    there = server.cpu_times() if server else None
    return here.user + here.system, there.user + there.system if there else 0.0


def _server(url: str) -> psutil.Process | None:
    with MongoClient[dict[str, Any]](url) as client:
        number = client.admin.command("serverStatus")["pid"]
    try:
        process = psutil.Process(int(number))
        return process if "mongod" in process.name() else None
    except psutil.Error:
        return None
