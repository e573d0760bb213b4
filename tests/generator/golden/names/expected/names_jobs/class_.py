"""Handle names: Names that Python or pydantic would trip over: \"\"" \\ {x} 'y' \\N{DASH} é😀\u202e end\\"""

from memshelf import Context, Job
from names_generated import ClassPayload


async def handle(job: Job[ClassPayload], context: Context) -> None:
    """Names that Python or pydantic would trip over: \"\"" \\ {x} 'y' \\N{DASH} é😀\u202e end\\"""
    raise NotImplementedError(
        "names has no handler body yet: write it in names_jobs/class_.py"
    )
