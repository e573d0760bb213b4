"""Handle everything: Every way to combine schemas."""

from memshelf import Context, Job
from shapes_generated import EverythingPayload


async def handle(job: Job[EverythingPayload], context: Context) -> None:
    """Every way to combine schemas."""
    raise NotImplementedError(
        "everything has no handler body yet: write it in shapes_jobs/everything.py"
    )
