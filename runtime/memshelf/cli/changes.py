"""Changes of several jobs, one after the other: what became of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rich.text import Text

from memshelf.call import Flow
from memshelf.cli.figures import printable
from memshelf.cli.jobids import with_job_id
from memshelf.cli.opening import opened
from memshelf.errors import JobNotFoundError, JobStateError
from memshelf.flows.shelf import Document
from memshelf.mongo import Store
from memshelf.options import JobId


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one job."""

    id: str
    state: str | None
    """Its state after the change, or the last one of a job that was removed."""
    error: str | None
    """Why it was not changed."""


def change_each(jobs: Iterable[str], flow: Callable[[Store, JobId], Flow[Document]]) -> list[Change]:
    """Perform a flow for each job; a job that is gone or in another state does not stop the others."""
    with opened() as store:
        return [
            change_one(text, lambda: with_job_id(text, lambda job_id: store.run(flow(store, job_id))))  # noqa: B023
            for text in dict.fromkeys(jobs)
        ]


def change_one(job: str, act: Callable[[], Document]) -> Change:
    """Change one job."""
    try:
        return Change(job, str(act().get("state")), None)
    except (JobNotFoundError, JobStateError) as error:
        return Change(job, None, str(error))


def changes_value(changes: Sequence[Change]) -> dict[str, Any]:
    """Give the changes for JSON."""
    return {"jobs": [{"id": change.id, "state": change.state, "error": change.error} for change in changes]}


def changes_picture(changes: Sequence[Change], done: str) -> Text:
    """Give the changes for people."""
    text = Text()
    for change in changes:
        if change.error is not None:
            text.append(f"{printable(change.error)}\n", style="red")
        elif done == "cancelled" and change.state == "running":
            text.append(f"job {printable(change.id)}: its worker is asked to stop it\n")
        else:
            text.append(f"job {printable(change.id)}: {done}\n")
    text.rstrip()
    return text
