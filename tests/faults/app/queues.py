"""The queue of the fault suite."""

from __future__ import annotations

from memshelf.queues import BlockingQueue
from tests.faults.app.catalog import catalog


class JobQueue(BlockingQueue):
    """Queues the plays of the fault suite."""

    catalog = catalog
