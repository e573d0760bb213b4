"""`memshelf health`: how the server, the jobs and the workers are."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from memshelf.cli.exits import FAILED
from memshelf.cli.output import AsJson, answer


def health(
    context: typer.Context,
    late: Annotated[
        str, typer.Option("--late", metavar="DURATION", help="How long a due job may wait before that is unhealthy.")
    ] = "5m",
    as_json: AsJson = False,
) -> None:
    """Say how the server, the jobs and the workers are; exit with 1 if that is unhealthy.

    \b
    memshelf health
    memshelf health --late 30s --json

    Unhealthy is: a server that does not answer, due jobs without a worker, a due job that waits longer than --late,
    waiting jobs of a name that no worker runs, and indexes that are missing.
    """
    from memshelf.cli.opening import opened
    from memshelf.durations import parse_duration
    from memshelf.health import read_health

    patience = parse_duration(late)
    catalog = context.obj.catalog_at_hand()
    with opened() as store:
        found = read_health(store, catalog=catalog, late=patience)
    answer(as_json, _value(found), _picture(found))
    raise typer.Exit(0 if found.healthy else FAILED)


def _value(found: Any) -> dict[str, Any]:
    return {
        "healthy": found.healthy,
        "reasons": list(found.reasons),
        "remarks": list(found.remarks),
        "server": {"reachable": found.reachable, "version": found.version or None, "replicaSet": found.replica_set},
        "counts": None if found.counts is None else {name: dict(states) for name, states in found.counts.items()},
        "oldestDueSeconds": None if found.oldest_due is None else found.oldest_due.total_seconds(),
        "workers": [
            {
                "name": worker.name,
                "host": worker.host,
                "pid": worker.pid,
                "running": worker.running,
                "capacity": worker.capacity,
                "leftovers": worker.leftovers,
                "children": worker.children,
                "done": worker.done,
                "wake": worker.wake,
                "memory": worker.memory,
                "uptimeSeconds": worker.uptime.total_seconds(),
                "seenSecondsAgo": worker.seen_ago.total_seconds(),
                "stale": worker.stale,
                "names": list(worker.job_names),
            }
            for worker in found.workers
        ],
        "unknownNames": list(found.unknown_names),
        "missingIndexes": list(found.missing_indexes),
    }


def _picture(found: Any) -> Any:
    from rich.console import Group
    from rich.text import Text

    from memshelf.cli.tables import counts_table, lines, workers_table

    verdict = Text("healthy", style="bold green") if found.healthy else Text("unhealthy", style="bold red")
    parts: list[Any] = [verdict, *lines(found.reasons, "red"), *lines(found.remarks, "yellow")]
    if found.reachable:
        parts.append(_server(found))
    if found.counts:
        parts.append(counts_table(found.counts))
    if found.workers:
        parts.append(workers_table(found.workers))
    return Group(*parts)


def _server(found: Any) -> str:
    from memshelf.cli.figures import rough

    home = f"replica set {found.replica_set}" if found.replica_set else "standalone"
    if found.missing_indexes:
        return f"MongoDB {found.version}, {home}"
    due = "nothing is due" if found.oldest_due is None else f"the oldest due job waits {rough(found.oldest_due)}"
    return f"MongoDB {found.version}, {home}; {due}"
