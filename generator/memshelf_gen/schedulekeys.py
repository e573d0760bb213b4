"""Check the schedules in `x-job`: what its metaschema cannot say of cron texts, intervals and time zones."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from memshelf_gen.crontext import CronError, read_cron
from memshelf_gen.document import Document, Steps
from memshelf_gen.jobchanges import seconds
from memshelf_gen.jobkeys import JOB
from memshelf_gen.problem import Problem, did_you_mean

SCHEDULE = "schedule"
LONGEST = 36_525 * 86_400


def check_schedules(document: Document) -> Iterator[Problem]:
    """Give the faults of a document's schedules that its metaschema lets pass; payloads are judged later."""
    job = document.value.get(JOB)
    written = job.get(SCHEDULE) if isinstance(job, dict) else None
    keys: dict[str, int] = {}
    for index, each in enumerate(written if isinstance(written, list) else ()):
        if not isinstance(each, dict):
            continue
        at = (JOB, SCHEDULE, index)
        for steps, text in _faults(each):
            yield document.problem((*at, *steps), text)
        key = key_of(each, index)
        if isinstance(key, str) and keys.setdefault(key, index) != index:
            place = (*at, "key") if "key" in each else at
            yield document.problem(place, f"another schedule of this job is called {key!r}; write another key")


def key_of(written: dict[str, Any], index: int) -> Any:
    """Give the key of the schedule at an index of the list: its own, or its number."""
    return written.get("key", str(index + 1))


def _faults(written: dict[str, Any]) -> Iterator[tuple[Steps, str]]:
    cron, every, zone = written.get("cron"), written.get("every"), written.get("timezone")
    if cron is None and every is None:
        yield (), "must say when, by cron or by every, such as cron: 0 9 * * mon-fri or every: 15 minutes"
    if cron is not None and every is not None:
        yield ("every",), "must not stand beside cron; write a schedule for each"
    if isinstance(cron, str):
        try:
            read_cron(cron)
        except CronError as error:
            yield ("cron",), str(error)
    if isinstance(every, str) and seconds(every) and not 1 <= seconds(every) <= LONGEST:
        yield ("every",), f"must be from 1 second to a hundred years, got {every!r}"
    if zone is not None and cron is None and every is not None:
        yield ("timezone",), "has no effect on an interval, which is the same in every zone; leave it out"
    elif isinstance(zone, str) and zone not in _zones():
        hint = did_you_mean(zone, _zones(), otherwise="; write an IANA name such as UTC or Europe/Paris")
        yield ("timezone",), f"no time zone is called {zone!r}{hint}"


@cache
def _zones() -> frozenset[str]:
    return frozenset({*available_timezones(), "UTC"})
