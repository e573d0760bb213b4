"""`memshelf schedules`: look at what queues jobs by itself, and pause, resume or remove it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from memshelf.cli.exits import FAILED
from memshelf.cli.output import AsJson, answer

app = typer.Typer(
    rich_markup_mode=None, no_args_is_help=True, help="Look at schedules, and pause, resume or remove them."
)

Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="The ids of the schedules.")]


@app.command("list")
def list_schedules(
    context: typer.Context,
    name: Annotated[str | None, typer.Option("--name", "-n", metavar="JOB", help="Only schedules of this job.")] = None,
    as_json: AsJson = False,
) -> None:
    """List schedules with their next and last ticks, those of schemas and those of run time.

    \b
    memshelf schedules list
    memshelf schedules list --name email --json | jq -r '.schedules[].nextTick'
    """
    from memshelf.cli.opening import opened
    from memshelf.schedules import Schedules

    catalog = context.obj.catalog_at_hand() if name else None
    with opened() as store:
        found = Schedules(store, catalog).list(name)
        now = store.now()
    answer(as_json, {"schedules": [_value(each) for each in found]}, _table(found, now) if found else "no schedules")


@app.command()
def pause(context: typer.Context, schedules: Ids, as_json: AsJson = False) -> None:
    """Have schedules queue no job until they are resumed, whatever is deployed meanwhile.

    \b
    memshelf schedules pause send-email#1
    """
    _change(context, schedules, as_json, "pause", "paused")


@app.command()
def resume(context: typer.Context, schedules: Ids, as_json: AsJson = False) -> None:
    """Have paused schedules queue jobs again, from their next ticks on.

    \b
    memshelf schedules resume send-email#1
    """
    _change(context, schedules, as_json, "resume", "resumed")


@app.command()
def remove(context: typer.Context, schedules: Ids, as_json: AsJson = False) -> None:
    """Delete schedules that a program has made, and those of schemas that are gone; their jobs stay.

    \b
    memshelf schedules remove send-email:account-42

    A schedule that a schema of the application has comes back with the next worker, so it is not removed: pause it, or
    take it out of the schema.
    """
    _change(context, schedules, as_json, "remove", "removed")


def _change(context: typer.Context, schedules: list[str], as_json: bool, deed: str, done: str) -> None:
    """Change every schedule of a list and tell what became of each; exit with 1 if one could not be changed."""
    from memshelf.cli.opening import opened
    from memshelf.errors import InputError, ScheduleNotFoundError
    from memshelf.schedules import Schedules

    changed: list[Any] = []
    faults: list[dict[str, str]] = []
    catalog = context.obj.catalog_at_hand() if deed == "remove" else None
    with opened() as store:
        stored = Schedules(store, catalog)
        for each in dict.fromkeys(schedules):
            try:
                changed.append(getattr(stored, deed)(each))
            except (InputError, ScheduleNotFoundError) as error:
                faults.append({"id": each, "error": str(error)})
        now = store.now()
    value = {"schedules": [_value(each) for each in changed], "errors": faults}
    answer(as_json, value, _picture(changed, faults, done, now))
    if faults:
        raise typer.Exit(FAILED)


def _value(schedule: Any) -> dict[str, Any]:
    """Give a schedule for JSON, without its payload, which may hold private data."""
    from memshelf.cli.figures import moment
    from memshelf.durations import format_duration

    return {
        "id": schedule.id,
        "name": schedule.name,
        "source": schedule.source,
        "cron": schedule.cron,
        "every": None if schedule.every is None else format_duration(schedule.every),
        "timezone": schedule.timezone,
        "misfire": schedule.misfire,
        "queue": schedule.queue,
        "priority": schedule.priority,
        "paused": schedule.paused,
        "nextTick": moment(schedule.next_tick),
        "lastTick": moment(schedule.last_tick),
    }


def _table(found: Sequence[Any], now: Any) -> Any:
    from rich.text import Text

    from memshelf.cli.figures import printable, since
    from memshelf.cli.tables import table

    drawn = table("id", "when", "misfire", "next", "last", "from")
    drawn.columns[0].no_wrap = True
    for each in found:
        upcoming = Text("paused", style="yellow") if each.paused else Text(since(each.next_tick, now) or "never")
        drawn.add_row(
            Text(printable(each.id)),
            Text(printable(each.rhythm)),
            each.misfire,
            upcoming,
            since(each.last_tick, now),
            each.source,
        )
    return drawn


def _picture(changed: Sequence[Any], faults: Sequence[dict[str, str]], done: str, now: Any) -> Any:
    from rich.text import Text

    from memshelf.cli.figures import printable, since

    text = Text()
    for each in changed:
        upcoming = f", the next tick is {since(each.next_tick, now)}" if done == "resumed" and each.next_tick else ""
        text.append(f"schedule {printable(each.id)}: {done}{upcoming}\n")
    for fault in faults:
        text.append(f"{printable(fault['error'])}\n", style="red")
    text.rstrip()
    return text
