"""Make the command that queues jobs of one type."""

from __future__ import annotations

import inspect
import json
from typing import Annotated, Any

import typer

from memshelf.cli.figures import moment
from memshelf.cli.jobids import job_id
from memshelf.cli.literals import read_data, value_of
from memshelf.cli.opening import explained
from memshelf.cli.output import AsJson, answer
from memshelf.cli.properties import KINDS, Property, dashed, option_names, properties
from memshelf.errors import InputError
from memshelf.jobtype import JobType
from memshelf.options import QueueOptions
from memshelf.queues import BlockingQueue
from memshelf.settings import Settings

RESERVED = ("at", "data", "help", "id", "json", "priority", "queue", "timezone")
"""The names of the options that every job has."""


def command_for(job: JobType[Any]) -> Any:
    """Give the command of a job type."""
    found = properties(job.schema.load())
    flags = [f"no-{spelt}" for each in found if each.is_flag for spelt in (each.name, dashed(each.name))]
    names = option_names(found, [*RESERVED, *flags])
    by_parameter = {f"property_{number}": each for number, each in enumerate(found) if names.get(each.name)}

    def command(**given: Any) -> None:
        own = {name: given.pop(name) for name in _own_options(job)}
        values = {
            by_parameter[parameter].name: value_of(by_parameter[parameter], value)
            for parameter, value in given.items()
            if value is not None and value != [] and value != ()
        }
        payload = _payload(own.pop("data"), values)
        as_json = own.pop("as_json")
        _queue(job, payload, _options(own), as_json)

    _sign(command, job, {name: _annotation(each, names[each.name]) for name, each in by_parameter.items()})
    home = typer.Typer(
        context_settings={"help_option_names": ["-h", "--help"]}, add_completion=False, rich_markup_mode=None
    )
    home.command(name=job.key, help=_help(job), epilog=_epilog(found, names))(command)
    return typer.main.get_command(home)


def _own_options(job: JobType[Any]) -> dict[str, Any]:
    """Give the options that every job has, as typer reads them."""
    return {
        "data": Annotated[
            str | None,
            typer.Option(
                "--data", metavar="FILE", help="The payload as JSON, - for standard input; the options above add to it."
            ),
        ],
        "at": Annotated[
            str | None,
            typer.Option("--at", metavar="WHEN", help='Not before: "in 30 minutes", "tomorrow at noon", ISO 8601.'),
        ],
        "timezone": Annotated[
            str | None,
            typer.Option("--timezone", metavar="ZONE", help="In which --at is read. Default: MEMSHELF_TIMEZONE."),
        ],
        "priority": Annotated[
            int | None,
            typer.Option("--priority", metavar="0..9", help=f"Higher is earlier. Default: {job.priority}."),
        ],
        "queue": Annotated[str | None, typer.Option("--queue", metavar="NAME", help=f"Default: {job.queue}.")],
        "id": Annotated[
            str | None,
            typer.Option("--id", metavar="ID", help="The job's id; queueing it again under it makes no second job."),
        ],
        "as_json": AsJson,
    }


def _options(own: dict[str, Any]) -> QueueOptions:
    taken: Any = {name: value for name, value in own.items() if value is not None}
    if "id" in taken:
        taken["id"] = job_id(taken["id"])
    options: QueueOptions = taken
    return options


def _sign(command: Any, job: JobType[Any], of_properties: dict[str, Any]) -> None:
    """Give the command its parameters, since typer reads the signature."""
    annotations = {**of_properties, **_own_options(job)}
    command.__signature__ = inspect.Signature(
        [
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                default=False if annotation is AsJson else None,
                annotation=annotation,
            )
            for name, annotation in annotations.items()
        ]
    )
    command.__annotations__ = annotations


def _annotation(wanted: Property, names: tuple[str, ...]) -> Any:
    options = [f"--{name}" for name in names]
    if wanted.is_flag:
        options[0] = f"{options[0]}/--no-{names[0]}"
        return Annotated[bool | None, typer.Option(*options, help=_about(wanted))]
    kind: Any = list[str] | None if wanted.repeatable else str | None
    return Annotated[kind, typer.Option(*options, metavar=_metavar(wanted), help=_about(wanted))]


def _metavar(wanted: Property) -> str:
    if wanted.choices:
        return "|".join(choice if isinstance(choice, str) else json.dumps(choice) for choice in wanted.choices)
    kinds = wanted.item_kinds if wanted.repeatable and wanted.item_kinds != set(KINDS) else wanted.kinds
    words = {"string": "TEXT", "integer": "INTEGER", "number": "NUMBER", "boolean": "true|false", "null": "null"}
    if kinds >= {"integer", "number"}:
        kinds = kinds - {"integer"}
    return "|".join(dict.fromkeys(words.get(kind, "JSON") for kind in KINDS if kind in kinds)) or "JSON"


def _about(wanted: Property) -> str:
    parts = [
        wanted.description,
        "May be repeated." if wanted.repeatable else "",
        "[required]" if wanted.required else "",
        f"[default: {json.dumps(wanted.default, ensure_ascii=False)}]" if wanted.default is not None else "",
    ]
    return " ".join(part for part in parts if part)


def _help(job: JobType[Any]) -> str:
    return f"Queue {job.name}: {job.description}" if job.description else f"Queue {job.name}."


def _epilog(found: tuple[Property, ...], names: dict[str, tuple[str, ...]]) -> str | None:
    others = ", ".join(each.name for each in found if not names.get(each.name))
    return f"By --data only: {others}." if others else None


def _payload(data: str | None, values: dict[str, Any]) -> Any:
    """Put the options on top of the data."""
    if data is None:
        return values
    read = read_data(data)
    if not values:
        return read
    if not isinstance(read, dict):
        raise InputError(f"--data {data}: must be an object for options to add to it")
    return {**read, **values}


def _queue(job: JobType[Any], payload: Any, options: QueueOptions, as_json: bool) -> None:
    settings = Settings.load()
    with explained(settings), BlockingQueue(settings=settings) as queue:
        queued = queue.queue(job, payload, **options)
    value = {
        "id": str(queued.id),
        "name": queued.name,
        "state": queued.state,
        "queue": queued.queue,
        "priority": queued.priority,
        "runAt": moment(queued.run_at),
    }
    if queued.state != "ready":
        there = f"{queued.name} is there already as {queued.id} in the queue {queued.queue}, {queued.state}"
        answer(as_json, value, there)
        return
    when = f"runs at {value['runAt']}" if "at" in options else "runs as soon as a worker is free"
    answer(as_json, value, f"queued {queued.name} as {queued.id} in the queue {queued.queue}, {when}")
