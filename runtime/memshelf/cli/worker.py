"""`memshelf worker`: run jobs, in this process or in several."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from memshelf.cli.exits import LEFT_BEHIND
from memshelf.cli.output import AsJson, answer

LAST_MOMENTS = 20.0
"""Seconds beyond the grace period after which a worker that should have ended is ended by force."""

Queues = Annotated[
    list[str] | None,
    typer.Option("--queue", "-q", metavar="NAME", help="Serve this queue; may be repeated. Default: MEMSHELF_QUEUES."),
]
Concurrency = Annotated[
    int | None,
    typer.Option("--concurrency", "-c", metavar="N", help="How many jobs at once. Default: MEMSHELF_MAX_CONCURRENCY."),
]
LogLevel = Annotated[
    str | None, typer.Option("--log-level", metavar="LEVEL", help="debug, info, warning, error or critical.")
]
LogFormat = Annotated[str | None, typer.Option("--log-format", metavar="FORMAT", help="auto, json or console.")]


def worker(
    context: typer.Context,
    queue: Queues = None,
    concurrency: Concurrency = None,
    processes: Annotated[
        int, typer.Option("--processes", "-p", min=1, metavar="N", help="Run N worker processes under this one.")
    ] = 1,
    drain: Annotated[bool, typer.Option("--drain", help="End when no job is due and none is running.")] = False,
    log_level: LogLevel = None,
    log_format: LogFormat = None,
    as_json: AsJson = False,
    leash: Annotated[int | None, typer.Option("--leash", hidden=True)] = None,
) -> None:
    """Run jobs until SIGTERM or Ctrl-C.

    \b
    memshelf worker
    memshelf worker --queue mail --queue default --concurrency 50
    memshelf worker --processes 4
    memshelf worker --drain          until nothing is due, as in a test or a cron job

    A first signal lets running jobs end within MEMSHELF_GRACE_PERIOD, and gives back those that do not; a second one
    gives them back at once. The log goes to standard error.

    \b
    Exit codes:
      0  ended as it was told
      1  the database was not there at the start
      2  an option, a setting or the application cannot be used
      3  handlers were left at work in threads, which nothing can stop
    """
    settings = worker_settings(queue, concurrency, log_level, log_format)
    if processes > 1:
        code, value = _supervise(context, settings, processes, drain)
    else:
        code, value = _work(context, settings, drain, leash)
    if as_json:
        answer(as_json, value, "")
    if code == LEFT_BEHIND:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # What nothing can stop would hold up an orderly exit.
    raise typer.Exit(code)


def worker_settings(
    queues: list[str] | None, concurrency: int | None, log_level: str | None, log_format: str | None
) -> Any:
    """Read the settings, with the options in front of them."""
    from memshelf.settings import Settings

    given = {"max_concurrency": concurrency, "log_level": log_level, "log_format": log_format}
    named = {"queues": tuple(queues)} if queues else {}
    return Settings.load(**named, **{name: value for name, value in given.items() if value is not None})


def _work(context: typer.Context, settings: Any, drain: bool, leash: int | None) -> tuple[int, dict[str, Any]]:
    import asyncio
    from collections import Counter
    from typing import get_args

    from memshelf.cli.child import obey
    from memshelf.cli.opening import explained
    from memshelf.cli.stopping import Stopping, heeding
    from memshelf.events import EventName
    from memshelf.logs import configure

    with _kept():
        from memshelf.worker import Worker

        registry = context.obj.registry()
    configure(settings.log_format, settings.log_level)

    async def run() -> tuple[int, dict[str, Any]]:
        worker = Worker(registry, settings=settings)
        told: Counter[str] = Counter()
        for name in get_args(EventName):
            worker.on(name, lambda event: told.update([event.name]))
        loop = asyncio.get_running_loop()
        stopping = Stopping(worker.stop)
        if leash is not None:
            patience = settings.grace_period.total_seconds() + LAST_MOMENTS
            obey(leash, lambda hurry: loop.call_soon_threadsafe(stopping.told, hurry), patience=patience)
        with heeding(stopping, loop):
            leftovers = await worker.run(drain=drain, signals=False)
        value = {"worker": worker.name, "leftovers": leftovers, "events": dict(sorted(told.items()))}
        return (LEFT_BEHIND if leftovers else 0, value)

    with explained(settings):
        runner, code = asyncio.Runner(), 0
        try:
            code, value = runner.run(run())
        finally:
            if code != LEFT_BEHIND:  # A coroutine that swallows its cancellation would hold up this close for ever.
                runner.close()
        return code, value


@contextmanager
def _kept() -> Iterator[None]:
    """Look for no garbage among what is imported, neither now nor later: all of it stays."""
    import gc

    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.freeze()


def _supervise(context: typer.Context, settings: Any, processes: int, drain: bool) -> tuple[int, dict[str, Any]]:
    import asyncio

    from memshelf.cli.supervisor import Supervisor
    from memshelf.logs import configure

    package = context.obj.package
    configure(settings.log_format, settings.log_level)
    supervisor = Supervisor(
        child_arguments(package, settings, drain=drain),
        processes=processes,
        drain=drain,
        patience=settings.grace_period.total_seconds() + 2 * LAST_MOMENTS,
    )
    ended = asyncio.run(supervisor.run())
    return ended.exit_code, {"processes": processes, "restarts": ended.restarts, "exitCode": ended.exit_code}


def child_arguments(package: str, settings: Any, *, drain: bool = False) -> list[str]:
    """Give the arguments under which a child works as this process would."""
    return [
        *("--app", package, "worker"),
        *(part for queue in settings.queues for part in ("--queue", queue)),
        *("--concurrency", str(settings.max_concurrency)),
        *("--log-level", settings.log_level),
        *("--log-format", settings.log_format),
        *(["--drain"] if drain else []),
    ]
