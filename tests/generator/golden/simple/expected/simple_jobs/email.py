"""Handle send-email: Send one transactional email."""

from memshelf import Context, Job
from simple_generated import EmailPayload


async def handle(job: Job[EmailPayload], context: Context) -> None:
    """Send one transactional email."""
    raise NotImplementedError(
        "send-email has no handler body yet: write it in simple_jobs/email.py"
    )
