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
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete jobs that are not running, after saying how many there are.

    \b
    memshelf jobs purge --state succeeded --older-than 7d
    memshelf jobs purge --state dead --state quarantined --name email --yes
    """
    from memshelf.cli.choice import chosen, said
    from memshelf.cli.consent import consent
    from memshelf.cli.opening import opened
    from memshelf.durations import parse_duration
    from memshelf.flows.shelf import purge as purge_all
    from memshelf.flows.survey import count
    from memshelf.states import MOVES

    if not state:
        raise InputError("--state: name at least one, such as --state succeeded; jobs of other states are left alone")
    age = None if older_than is None else parse_duration(older_than)
    catalog = context.obj.catalog_at_hand() if name else None
    with opened() as store:
        before = None if age is None else store.now() - age
        allowed = MOVES["remove"].sources
        found = chosen(state, name, queue, catalog=catalog, before=before, allowed=allowed)
        number = store.run(count(found))
        age_words = f" older than {older_than}" if older_than else ""
        if number:
            consent(f"delete {said(number, state, name, queue)}{age_words}", yes=yes, as_json=as_json)
        removed = store.run(purge_all(found)) if number else 0
    answer(as_json, {"removed": removed}, f"{said(removed, state, name, queue)}{age_words} deleted")
