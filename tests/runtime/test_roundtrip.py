"""Every payload of the domain comes back from the database as it was queued, types and the order of keys included."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memshelf import BlockingQueue, JobType, Payload, Settings
from memshelf.jobtype import BundledSchema
from memshelf.payload import wire
from tests.runtime.domain import PAYLOADS
from tests.runtime.exactness import exact


class AnythingPayload(Payload):
    """Any object."""


ANYTHING = JobType(
    name="anything",
    key="anything",
    payload=lambda: AnythingPayload,
    schema=BundledSchema(package="tests.runtime.app", path="schemas/anything.json", digest="sha256:of-anything"),
)


class Queue(BlockingQueue):
    catalog = type(BlockingQueue.catalog)([ANYTHING])


@given(payloads=st.lists(PAYLOADS, min_size=1, max_size=20))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_what_comes_back_is_what_was_queued(mongo_url: str, database_name: str, payloads: list[dict[str, Any]]) -> None:
    with Queue(settings=Settings.load(mongo_url=mongo_url, database=database_name)) as queue:
        handles = queue.queue_many(ANYTHING, payloads)
        read_again = [queue.get(job.id) for job in handles]
    assert [exact(wire(job.payload)) for job in read_again] == [exact(payload) for payload in payloads]
