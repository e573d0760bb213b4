"""`memshelf jobs purge`: delete many jobs at once."""

from __future__ import annotations

from typing import Annotated

import typer

from memshelf.cli.choice import Names, Queue, States
from memshelf.cli.output import AsJson, answer
from memshelf.errors import InputError


def purge(
    context: typer.Context,
    state: States = None,
    name: Names = None,
    queue: Queue = None,
    older_than: Annotated[
        str | None,
        typer.Option("--older-than", metavar="DURATION", help="Only jobs that finished, or were due, longer ago: 7d."),
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", "-l", min=0, metavar="N", help="At most N, oldest first; 0: all.")
    ] = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how many there are.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete jobs that are not running, after saying how many there are.

    \b
    memshelf jobs purge --state succeeded --older-than 7d
    memshelf jobs purge --state dead --state quarantined --name email --yes
    memshelf jobs purge --state dead --older-than 90d --dry-run

    They are deleted a thousand at a time. What an interruption leaves, the same command deletes the next time.
    """
    from memshelf.cli.choice import chosen, said
    from memshelf.cli.consent import consent
    from memshelf.cli.opening import opened
    from memshelf.cli.progress import interrupted, progress
    from memshelf.durations import parse_duration
    from memshelf.flows.purge import purge as purge_all
    from memshelf.flows.survey import count
    from memshelf.states import MOVES

    if not state:
        raise InputError("--state: name at least one, such as --state succeeded; jobs of other states are left alone")
    age = None if older_than is None else parse_duration(older_than)
    catalog = context.obj.catalog_at_hand() if name else None
    with opened() as store:
        before = None if age is None else store.now() - age
        found = chosen(state, name, queue, catalog=catalog, before=before, allowed=MOVES["remove"].sources)
        number = store.run(count(found))
        number = min(number, limit) if limit else number
        age_words = f" older than {older_than}" if older_than else ""
        if number and not dry_run:
            consent(f"delete {said(number, state, name, queue)}{age_words}", yes=yes, as_json=as_json)
        removed = 0
        if number and not dry_run:
            with progress("deleting", as_json=as_json) as tell, interrupted("deleted", tell) as told:
                removed = store.run(purge_all(found, limit, told))
    shown, deed = (number, "would be deleted") if dry_run else (removed, "deleted")
    answer(
        as_json,
        {"found": number, "removed": removed, "dryRun": dry_run},
        f"{said(shown, state, name, queue)}{age_words} {deed}",
    )
