"""Handle registry: A job named like a generated module."""

from memshelf import Context, Job
from names_generated import RegistryPayload


async def handle(job: Job[RegistryPayload], context: Context) -> None:
    """A job named like a generated module."""
    raise NotImplementedError(
        "registry has no handler body yet: write it in names_jobs/registry.py"
    )
