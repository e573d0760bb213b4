"""`memshelf jobs keep`: apply the present rules of retention to jobs that ended before."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from memshelf.cli.output import AsJson, answer


def keep(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be changed.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Keep finished jobs as long as the schemas and the settings say now, counted from their end.

    \b
    memshelf jobs keep --dry-run
    memshelf jobs keep --yes

    When a job ends, it is written when the server shall remove it; a later change of `keep` or of the settings is not
    for jobs that ended before. This command makes it so, a thousand jobs at a time. What is overdue by the new rules
    is removed by the server within a minute or two.
    """
    from memshelf.cli.consent import consent
    from memshelf.cli.opening import opened
    from memshelf.cli.progress import interrupted, progress
    from memshelf.flows.purge import apply_rule, misruled_ids, overdue, rules
    from memshelf.retention import own_retentions

    catalog = context.obj.catalog()
    with opened() as store:
        default = store.settings.retention
        own = own_retentions(default, catalog)
        ruled = [(rule, store.run(misruled_ids(rule, own))) for rule in rules(default, own)]
        ruled = [(rule, ids) for rule, ids in ruled if ids]
        now = store.now()
        rows: list[dict[str, Any]] = [
            {
                "state": rule.state,
                "name": rule.name,
                "keep": _words(rule.kept),
                "jobs": len(ids),
                "overdue": store.run(overdue(rule, own, now)),
            }
            for rule, ids in ruled
        ]
        found = sum(row["jobs"] for row in rows)
        at_once = sum(row["overdue"] for row in rows)
        changed = 0
        if found and not dry_run:
            removal = f", and have the server remove {at_once} of them at once" if at_once else ""
            consent(f"change how long {_jobs(found)} are kept{removal}", yes=yes, as_json=as_json)
            with progress("changing", as_json=as_json) as tell, interrupted("changed", tell) as told:
                done = 0

                def count(batch: int) -> None:
                    nonlocal done
                    done += batch
                    told(done, found)

                changed = sum(store.run(apply_rule(rule, own, ids, count)) for rule, ids in ruled)
    value = {"found": found, "changed": changed, "overdue": at_once, "rules": rows, "dryRun": dry_run}
    answer(as_json, value, _picture(rows, changed, dry_run))


def _picture(rows: list[dict[str, Any]], changed: int, dry_run: bool) -> str:
    if not rows:
        return "every finished job is kept as long as the rules say"
    lines = [
        f"{row['state']} jobs of {row['name'] or 'all other names'}: {row['jobs']} to be kept {row['keep']}"
        + (f", {row['overdue']} are overdue" if row["overdue"] else "")
        for row in rows
    ]
    return "\n".join([*lines, "nothing was changed" if dry_run else f"{_jobs(changed)} changed"])


def _jobs(number: int) -> str:
    return f"{number} job" if number == 1 else f"{number} jobs"


def _words(kept: Any) -> str:
    from memshelf.durations import format_duration

    return "forever" if kept is None else f"for {format_duration(kept)}"
