"""`memshelf jobs replay`: make dead, cancelled and quarantined jobs ready again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from memshelf.cli.choice import Error, Names, Place, Queue, Said, Since, States, Until
from memshelf.cli.editing import Data, Merge, Sets
from memshelf.cli.exits import FAILED
from memshelf.cli.output import AsJson, answer
from memshelf.errors import InputError


def replay(
    context: typer.Context,
    jobs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID]...", help="The ids of the jobs, or none with options that choose jobs."),
    ] = None,
    state: States = None,
    name: Names = None,
    queue: Queue = None,
    since: Since = None,
    until: Until = None,
    error: Error = None,
    message: Said = None,
    place: Place = None,
    limit: Annotated[
        int, typer.Option("--limit", "-l", min=0, metavar="N", help="At most N, oldest first; 0: all.")
    ] = 0,
    over: Annotated[
        str | None,
        typer.Option("--over", metavar="DURATION", help="Spread the jobs over so long a time: 10m. Default: at once."),
    ] = None,
    data: Data = None,
    sets: Sets = None,
    merge: Merge = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make dead, cancelled or quarantined jobs ready again: counters start afresh, the history stays.

    \b
    memshelf jobs replay 665f1f77bcf86cd799439011
    memshelf jobs replay 665f1f77bcf86cd799439011 --set to=a@example.com
    memshelf jobs replay --name email --error SMTPServerDisconnected --since 2h --over 10m
    memshelf jobs replay --state quarantined --merge '{"template": "welcome"}' --dry-run
    memshelf jobs replay --state dead --limit 10 --yes

    An edited payload is judged by its job's schema. If one is refused, all that are refused are named, and no job is
    replayed.
    """
    from memshelf.cli.editing import edit_of

    narrowed = {"since": since, "until": until, "error": error, "message": message, "place": place}
    picked = bool(state or name or queue or any(narrowed.values()))
    if bool(jobs) == picked:
        raise InputError("name jobs by their ids, or choose them by --state, --name or others: one of both")
    if data is not None and len(jobs or []) != 1:
        raise InputError("--data: is for one job; use --set or --merge for several")
    if jobs and (over or limit):
        raise InputError("--over and --limit: are for jobs that are chosen, not for ids")
    edit = edit_of(data, sets, merge)
    if jobs:
        _replay_named(context, jobs, edit, dry_run, as_json)
    else:
        _replay_chosen(context, (state, name, queue), narrowed, (limit, over, edit), dry_run, yes, as_json)


def _replay_named(context: typer.Context, jobs: Sequence[str], edit: Any, dry_run: bool, as_json: bool) -> None:
    """Replay job by job: one that cannot be replayed holds up no other, unless its edit is refused."""
    from memshelf.cli.changes import change_each, changes_picture, changes_value
    from memshelf.errors import JobStateError
    from memshelf.flows.replay import Revision
    from memshelf.flows.shelf import get
    from memshelf.flows.shelf import replay as replay_one
    from memshelf.jobtype import Catalog
    from memshelf.replaying import EditsRefused, Refused, revision
    from memshelf.states import MOVES

    catalog = Catalog(()) if edit is None else context.obj.catalog()
    revisions: dict[Any, Revision] = {}
    refused: list[Refused] = []

    def look(store: Any, job_id: Any) -> Any:
        document = yield from get(job_id)
        if document.get("state") not in MOVES["replay"].sources:
            raise JobStateError(job_id, str(document.get("state")), "replay", MOVES["replay"].sources)
        if edit is not None:
            made = revision(edit, document, catalog.find(str(document.get("name"))))
            if isinstance(made, Refused):
                refused.append(made)
            else:
                revisions[job_id] = made
        return document

    changes = change_each(jobs, look) if edit is not None or dry_run else []
    if refused:
        raise EditsRefused(refused, len(changes))
    if not dry_run:
        changes = change_each(jobs, lambda store, job_id: replay_one(job_id, revisions.get(job_id)))
    done = "would be ready again" if dry_run else "ready again"
    answer(as_json, changes_value(changes), changes_picture(changes, done))
    if any(change.error for change in changes):
        raise typer.Exit(FAILED)


def _replay_chosen(
    context: typer.Context,
    choice: tuple[list[str] | None, list[str] | None, list[str] | None],
    narrowed: dict[str, str | None],
    how: tuple[int, str | None, Any],
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Replay in batches, once what would be done is known and allowed."""
    from memshelf.cli.choice import check_states, moment, said
    from memshelf.cli.consent import consent
    from memshelf.cli.opening import opened
    from memshelf.replaying import EditsRefused
    from memshelf.selection import JobFilter
    from memshelf.states import MOVES

    wanted: Any = choice[0] or ["dead"]
    check_states(wanted, MOVES["replay"].sources)
    limit, over, edit = how
    catalog = context.obj.catalog() if edit is not None else context.obj.catalog_at_hand() if choice[1] else None
    with opened() as store:
        now, zone = store.now(), store.settings.timezone
        meant = JobFilter(
            states=wanted,
            names=choice[1] or (),
            queues=choice[2] or (),
            since=moment("--since", narrowed["since"], now, zone),
            until=moment("--until", narrowed["until"], now, zone),
            error=narrowed["error"] or "",
            text=narrowed["message"] or "",
            place=narrowed["place"] or "",
        )
        report = _perform(store, meant, catalog, as_json, {"limit": limit, "edit": edit, "dry_run": True})
        deed = said(report.found, wanted, choice[1], choice[2], **narrowed)
        if report.refused:
            raise EditsRefused(report.refused, report.found)
        if report.found and not dry_run:
            spread = f" over {over}" if over else ""
            consent(f"replay {deed}{spread}", yes=yes, as_json=as_json)
            wished = {"limit": report.found, "edit": edit, "over": over}
            report = _perform(store, meant, catalog, as_json, wished)
            deed = said(report.replayed, wanted, choice[1], choice[2], **narrowed)
    text = f"{deed} would be ready again" if dry_run else f"{deed} ready again"
    answer(as_json, _value(report, dry_run), text + _left(report))
    if report.refused:
        raise typer.Exit(FAILED)


def _perform(store: Any, meant: Any, catalog: Any, as_json: bool, wished: dict[str, Any]) -> Any:
    """Run the replay with a line that says how far it is; tell what was done if it is interrupted from the keyboard."""
    import secrets

    from memshelf.cli.progress import progress
    from memshelf.jobtype import Catalog
    from memshelf.replaying import Replayed, ReplayInterrupted, replaying

    seen = Replayed(0)
    known = Catalog(()) if catalog is None else catalog
    options: Any = {name: value for name, value in wished.items() if value is not None}
    with progress("looking" if wished.get("dry_run") else "replaying", as_json=as_json) as tell:

        def note(report: Replayed) -> None:
            nonlocal seen
            seen = report
            tell(report.replayed if report.replayed else report.checked, report.found)

        options["progress"] = note
        try:
            return store.run(replaying(meant, options, catalog=known, now=store.now(), token=secrets.token_hex(8)))
        except KeyboardInterrupt as error:
            if wished.get("dry_run"):
                raise
            raise ReplayInterrupted(seen, "from the keyboard; the batch at that moment may be done too") from error


def _value(report: Any, dry_run: bool) -> dict[str, Any]:
    return {
        "found": report.found,
        "replayed": report.replayed,
        "skipped": [{"id": str(job_id), "error": CHANGED} for job_id in report.skipped],
        "refused": [{"id": str(each.id), "name": each.name, "error": str(each)} for each in report.refused],
        "dryRun": dry_run,
    }


def _left(report: Any) -> str:
    skipped = f", {len(report.skipped)} skipped since somebody changed them meanwhile" if report.skipped else ""
    refused = "".join(f"\n  {each}" for each in report.refused)
    return skipped + (f", {len(report.refused)} refused{refused}" if refused else "")


CHANGED = "it was changed by somebody else meanwhile"
