"""Handle older: An older draft, which does not know every format."""

from formats_generated import OlderPayload
from memshelf import Context, Job


async def handle(job: Job[OlderPayload], context: Context) -> None:
    """An older draft, which does not know every format."""
    raise NotImplementedError(
        "older has no handler body yet: write it in formats_jobs/older.py"
    )
