"""`memshelf jobs replay`: make dead, cancelled and quarantined jobs ready again."""

from __future__ import annotations

from typing import Annotated

import typer

from memshelf.cli.choice import Names, Queue, States
from memshelf.cli.exits import FAILED
from memshelf.cli.output import AsJson, answer
from memshelf.errors import InputError


def replay(
    context: typer.Context,
    jobs: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="The ids of the jobs, or none with --state or --name.")
    ] = None,
    state: States = None,
    name: Names = None,
    queue: Queue = None,
    limit: Annotated[
        int, typer.Option("--limit", "-l", min=0, metavar="N", help="At most N, oldest first; 0: all.")
    ] = 0,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make dead, cancelled or quarantined jobs ready again: counters start afresh, the history stays.

    \b
    memshelf jobs replay 665f1f77bcf86cd799439011
    memshelf jobs replay --state dead --name email            asks first
    memshelf jobs replay --state dead --limit 10 --yes
    """
    from memshelf.cli.changes import change_each, changes_picture, changes_value
    from memshelf.flows.shelf import replay as replay_one

    picked = bool(state or name or queue)
    if bool(jobs) == picked:
        raise InputError("name jobs by their ids, or choose them by --state, --name or --queue: one of both")
    if picked:
        _replay_chosen(context, state, name, queue, limit, yes, as_json)
        return
    changes = change_each(jobs or [], lambda store, job_id: replay_one(job_id))
    answer(as_json, changes_value(changes), changes_picture(changes, "ready again"))
    if any(change.error for change in changes):
        raise typer.Exit(FAILED)


def _replay_chosen(
    context: typer.Context,
    state: list[str] | None,
    name: list[str] | None,
    queue: list[str] | None,
    limit: int,
    yes: bool,
    as_json: bool,
) -> None:
    """Replay job by job: a job that changed in the meantime, or cannot be replayed, holds up no other."""
    from memshelf.cli.changes import change_one
    from memshelf.cli.choice import chosen, said
    from memshelf.cli.consent import consent
    from memshelf.cli.opening import opened
    from memshelf.flows.shelf import replay as replay_one
    from memshelf.flows.survey import ids
    from memshelf.states import MOVES

    sources = MOVES["replay"].sources
    wanted = state or ["dead"]
    found = chosen(wanted, name, queue, allowed=sources, catalog=context.obj.catalog_at_hand() if name else None)
    with opened() as store:
        job_ids = store.run(ids(found, limit))
        if job_ids:
            consent(f"replay {said(len(job_ids), wanted, name, queue)}", yes=yes, as_json=as_json)
        changes = [change_one(str(job_id), lambda: store.run(replay_one(job_id))) for job_id in job_ids]  # noqa: B023
    skipped = [{"id": change.id, "error": change.error} for change in changes if change.error]
    replayed = len(changes) - len(skipped)
    text = f"{said(replayed, wanted, name, queue)} ready again" + (f", {len(skipped)} skipped" if skipped else "")
    answer(as_json, {"replayed": replayed, "skipped": skipped}, text)
