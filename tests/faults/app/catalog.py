"""The jobs of the fault suite: the same play for coroutines, for threads, and against the clock."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from memshelf.isolation import Isolation
from memshelf.jobtype import BundledSchema, Catalog, JobType
from memshelf.retry import RetryPolicy
from tests.faults.app.models import ActPayload

SCHEMA = BundledSchema(package=__name__.rpartition(".")[0], path="schemas/act.json", digest="sha256:of-the-fault-suite")
RETRIES = RetryPolicy(max=3, backoff="fixed", delay=timedelta(milliseconds=20), jitter=False)


def _payload() -> type[ActPayload]:
    return ActPayload


def _act(
    name: str,
    *,
    timeout: timedelta | None = None,
    max_lost: int = 5,
    acknowledge: Literal["batched", "each"] = "batched",
    isolation: Isolation | None = None,
) -> JobType[ActPayload]:
    return JobType(
        name=name,
        key=name,
        description="Do what the payload says.",
        payload=_payload,
        schema=SCHEMA,
        retries=RETRIES,
        timeout=timeout or timedelta(minutes=15),
        max_lost=max_lost,
        acknowledge=acknowledge,
        isolation=isolation,
    )


ACT = _act("act")
THREAD = _act("thread")
HASTY = _act("hasty", timeout=timedelta(milliseconds=300))
FRAGILE = _act("fragile", max_lost=2)
CAREFUL = _act("careful", acknowledge="each")
ISOLATED = _act("isolated", isolation="process")
ISOLATED_PLAIN = _act("isolated-plain", isolation="process")
ISOLATED_HASTY = _act("isolated-hasty", isolation="process", timeout=timedelta(seconds=1))
OWN_LOOP = _act("own-loop", isolation="thread")

catalog = Catalog((ACT, THREAD, HASTY, FRAGILE, CAREFUL, ISOLATED, ISOLATED_PLAIN, ISOLATED_HASTY, OWN_LOOP))
