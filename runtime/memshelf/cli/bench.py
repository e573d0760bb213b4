"""`memshelf bench`: what this server and this machine can do."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from memshelf.cli.output import AsJson, answer


def bench(
    jobs: Annotated[
        int, typer.Option("--jobs", "-j", min=10, max=1_000_000, metavar="N", help="Jobs of each backlog.")
    ] = 2_000,
    payload: Annotated[
        str,
        typer.Option("--payload", metavar="SIZE|FILE", help="Payloads of a size such as 64KB, or that of a JSON file."),
    ] = "200",
    concurrency: Annotated[
        int | None,
        typer.Option("--concurrency", "-c", metavar="N", help="Jobs at once. Default: MEMSHELF_MAX_CONCURRENCY."),
    ] = None,
    delay: Annotated[
        str, typer.Option("--delay", metavar="DURATION", help="As if the server were so much further away: 3ms.")
    ] = "0ms",
    seconds: Annotated[
        float, typer.Option("--seconds", min=1, metavar="N", help="Measure for so long at most, about.")
    ] = 60.0,
    inside: Annotated[
        bool,
        typer.Option("--inside", help="Use collections of MEMSHELF_DATABASE, where the user may write to no other."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Measure this server with jobs that do nothing: queueing, draining, and how soon an idle worker begins.

    \b
    memshelf bench
    memshelf bench --concurrency 400 --jobs 20000
    memshelf bench --payload order.json --json > before.json
    memshelf bench --delay 3ms       as if the server stood in another data centre

    It works in a database of its own with a random name, and drops it at the end, after Ctrl-C too. Your jobs are
    never touched, but they share the server's processor and disk meanwhile. No application is needed.

    \b
    What the figures mean:
      insert       one plain majority insert by the driver, the yardstick of the rest
      one by one   one queue call after the other; many at once: one call with all
      drain        one worker in this process; threads are for handlers that are plain functions
      pick-up      from the queue call to the handler's first line, on an idle worker

    \b
    Exit codes:
      0    measured, and everything is dropped
      1    the server did not answer, or something could not be dropped; it says what
      2    an option or a setting cannot be used, or the user lacks the rights
      130  Ctrl-C; everything is dropped
    """
    from memshelf.cli.benchview import before, picture, value
    from memshelf.cli.opening import explained
    from memshelf.durations import parse_duration
    from memshelf.logs import configure
    from memshelf.measuring.distance import further_away
    from memshelf.measuring.place import new_names, place
    from memshelf.measuring.plan import Plan
    from memshelf.measuring.run import look, measure
    from memshelf.measuring.sample import read_payload
    from memshelf.settings import Settings

    given = {} if concurrency is None else {"max_concurrency": concurrency}
    settings = new_names(Settings.load(**given), inside=inside)
    plan = Plan(read_payload(payload), jobs, seconds)
    distance = parse_duration(delay)
    configure("console", "error")
    with _ended_alike(), explained(settings), further_away(settings, distance) as led, place(led, tell=_tell) as made:
        server = look(made.store)
        _tell(before(made, plan, server))
        found = measure(made, plan, server, _tell)
    answer(as_json, value(found, plan, made, distance), picture(found, plan))


@contextmanager
def _ended_alike() -> Iterator[None]:
    """Let SIGTERM end the command as Ctrl-C does, in the background too, where shells have SIGINT ignored."""
    interrupt = signal.signal(signal.SIGINT, signal.default_int_handler)
    end = signal.signal(signal.SIGTERM, lambda number, frame: signal.raise_signal(signal.SIGINT))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, interrupt)


def _tell(text: str) -> None:
    typer.echo(text, err=True)
