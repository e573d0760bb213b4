"""Handle choice: A payload that is one of several."""

from memshelf import Context, Job
from shapes_generated import ChoicePayload


async def handle(job: Job[ChoicePayload], context: Context) -> None:
    """A payload that is one of several."""
    raise NotImplementedError(
        "choice has no handler body yet: write it in shapes_jobs/choice.py"
    )
