"""`memshelf jobs`: look at stored jobs, and change what becomes of them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from memshelf.cli import keep, purge, replay
from memshelf.cli.choice import Names, Queue, States
from memshelf.cli.exits import FAILED
from memshelf.cli.output import AsJson, answer, width

app = typer.Typer(
    rich_markup_mode=None, no_args_is_help=True, help="Look at stored jobs, and change what becomes of them."
)
app.command()(replay.replay)
app.command()(purge.purge)
app.command()(keep.keep)

Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="The ids of the jobs.")]


@app.command("list")
def list_jobs(
    context: typer.Context,
    state: States = None,
    name: Names = None,
    queue: Queue = None,
    limit: Annotated[int, typer.Option("--limit", "-l", min=1, max=10_000, metavar="N", help="How many at most.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List jobs, the newest first, without their payloads.

    \b
    memshelf jobs list
    memshelf jobs list --state dead --state quarantined --name email --limit 100
    memshelf jobs list --json | jq -r '.jobs[].id'
    """
    from memshelf.cli.choice import chosen
    from memshelf.cli.jobview import job_value
    from memshelf.cli.opening import opened
    from memshelf.cli.tables import jobs_table
    from memshelf.flows.shelf import listing

    found = chosen(state, name, queue, catalog=context.obj.catalog_at_hand() if name else None)
    with opened() as store:
        documents = store.run(listing(found, limit))
        now = store.now()
    value = {"jobs": [job_value(document, errors=False) for document in documents]}
    answer(as_json, value, jobs_table(documents, now, width=width()) if documents else "no jobs")


@app.command()
def counts(as_json: AsJson = False) -> None:
    """Count jobs by name and state."""
    from memshelf.cli.opening import opened
    from memshelf.cli.tables import counts_table
    from memshelf.flows.shelf import counts as count_all

    with opened() as store:
        counted = store.run(count_all())
    value = {"counts": counted, "total": sum(sum(states.values()) for states in counted.values())}
    answer(as_json, value, counts_table(counted) if counted else "no jobs")


@app.command()
def show(
    job: Annotated[str, typer.Argument(metavar="ID", help="The job's id.")],
    payload: Annotated[bool, typer.Option("--payload", help="Show the payload too; it may hold private data.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show one job with its history of errors.

    \b
    memshelf jobs show 665f1f77bcf86cd799439011
    memshelf jobs show order-1042 --payload --json
    """
    from memshelf.cli.jobids import with_job_id
    from memshelf.cli.jobview import job_picture, job_value
    from memshelf.cli.opening import opened
    from memshelf.flows.shelf import get

    with opened() as store:
        document = with_job_id(job, lambda job_id: store.run(get(job_id)))
        now = store.now()
    answer(as_json, {"job": job_value(document, payload=payload)}, job_picture(document, now, payload=payload))


@app.command()
def cancel(context: typer.Context, jobs: Ids, as_json: AsJson = False) -> None:
    """Cancel waiting jobs, and ask the workers of running ones to stop them.

    \b
    memshelf jobs cancel 665f1f77bcf86cd799439011
    """
    from memshelf.flows.shelf import cancel as cancel_one
    from memshelf.retention import own_retentions

    known = context.obj.catalog_at_hand() or ()

    def flow(store: Any, job_id: Any) -> Any:
        kept = store.settings.retention
        return cancel_one(job_id, kept, own=own_retentions(kept, known))

    _change(jobs, as_json, "cancelled", flow)


@app.command()
def remove(jobs: Ids, as_json: AsJson = False) -> None:
    """Delete jobs that are not running.

    \b
    memshelf jobs remove 665f1f77bcf86cd799439011 order-1042
    """
    from memshelf.flows.shelf import remove as remove_one

    _change(jobs, as_json, "removed", lambda store, job_id: remove_one(job_id))


def _change(jobs: list[str], as_json: bool, done: str, flow: Any) -> None:
    """Change every job of a list and tell what became of each; exit with 1 if one could not be changed."""
    from memshelf.cli.changes import change_each, changes_picture, changes_value

    changes = change_each(jobs, flow)
    answer(as_json, changes_value(changes), changes_picture(changes, done))
    if any(change.error for change in changes):
        raise typer.Exit(FAILED)
