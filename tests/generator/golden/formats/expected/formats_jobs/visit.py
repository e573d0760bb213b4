"""Handle visit: Plan one visit."""

from formats_generated import VisitPayload
from memshelf import Context, Job


async def handle(job: Job[VisitPayload], context: Context) -> None:
    """Plan one visit."""
    raise NotImplementedError(
        "visit has no handler body yet: write it in formats_jobs/visit.py"
    )
