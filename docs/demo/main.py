"""Run the example's jobs through a real MongoDB, and tell whether each ended as it should."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from subprocess import CalledProcessError
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.live import Live

import picture
from memshelf import Job, MemshelfError, Settings
from memshelf.devserver import DevServer
from memshelf.states import FINAL
from receivers import Receivers
from workshop import WorkerProcess, configure, generator, workshop

if TYPE_CHECKING:  # the story needs generated code, which the demo makes before it tells the story
    from story import Scene, Stage

ONE_LINE: Any = {"no_wrap": True, "overflow": "ellipsis"}
INTERRUPTED = 130
"""The exit code of a program that Ctrl-C ended."""


def main(patience: Annotated[float, typer.Option(help="Seconds that the jobs may take.")] = 45.0) -> None:
    """Run the example's jobs through a real MongoDB; the exit code is 0 if each ended as it should."""
    screen = picture.screen()
    for ending in (signal.SIGINT, signal.SIGTERM):  # The first too: shells have it ignored in the background.
        signal.signal(ending, signal.default_int_handler)
    try:
        with ExitStack() as stack:
            try:
                right = demonstrate(screen, stack, patience)
            finally:
                # Cleaning up takes a second or two; a second Ctrl-C must not leave a server behind.
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
    except KeyboardInterrupt:
        screen.print("\n stopped, and everything that was started is gone", style="yellow")
        raise typer.Exit(INTERRUPTED) from None
    except CalledProcessError as error:
        screen.print(error.output, style="red", markup=False)
        raise typer.Exit(1) from None
    except MemshelfError as error:
        screen.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from None
    raise typer.Exit(0 if right else 1)


def demonstrate(screen: Console, stack: ExitStack, patience: float) -> bool:
    """Tell the whole story; True if every job ended as it should."""
    began = time.monotonic()
    screen.print(picture.head())
    stage = prepare(screen, stack)

    from story import refused, scenes

    screen.print(picture.refusal(*refused(stage)))
    told = scenes()
    jobs = [scene.begin(stage) for scene in told]
    queued_at = datetime.now(UTC)
    screen.print(picture.step("queued", f"{len(jobs)} jobs, before any worker runs"))
    screen.print(picture.rule("the worker's log"))
    worker = stack.enter_context(WorkerProcess.started(stage.folder))
    rows = watch(screen, worker, stage, told, jobs, queued_at=queued_at, until=time.monotonic() + patience)
    exit_code = worker.stop()
    for entry in worker.entries(wait=0):
        screen.print(picture.log_line(entry, titles(told, jobs)), **ONE_LINE)
    screen.print(picture.rule("the jobs"))
    screen.print(picture.table(rows, width=screen.width))
    screen.print(picture.counts(row.state for row in rows))
    screen.print(picture.verdict(rows, exit_code, time.monotonic() - began))
    return exit_code == 0 and all(row.right for row in rows)


def prepare(screen: Console, stack: ExitStack) -> Stage:
    """Start both receivers and MongoDB, and generate the code."""
    folder = stack.enter_context(workshop())
    began = time.monotonic()
    server = stack.enter_context(DevServer())
    screen.print(picture.step("database", f"{server.notice}, at {server.url}", time.monotonic() - began))

    receivers = stack.enter_context(Receivers.started())
    where = f"a mail server on port {receivers.smtp_port}, a web server at {receivers.http_url}"
    screen.print(picture.step("receivers", where))
    configure(folder, mongo_url=server.url, smtp_port=receivers.smtp_port)

    began = time.monotonic()
    told = generator(folder)
    screen.print(picture.step("generated", f"memshelf-gen: {last_line(told)}", time.monotonic() - began))
    began = time.monotonic()
    told = generator(folder, "check")
    screen.print(picture.step("checked", f"memshelf-gen check: {last_line(told)}", time.monotonic() - began))

    sys.path.insert(0, str(folder))
    from generated import JobQueue
    from story import Stage

    settings = Settings.load()
    queue = stack.enter_context(JobQueue(settings=settings))
    return Stage(queue=queue, receivers=receivers, folder=folder, settings=settings)


def watch(
    screen: Console,
    worker: WorkerProcess,
    stage: Stage,
    told: Sequence[Scene],
    jobs: Sequence[Any],
    *,
    queued_at: datetime,
    until: float,
) -> list[picture.Row]:
    """Show the log and the table until every job is over, the worker is gone, or patience is at its end."""
    named = titles(told, jobs)
    rows: list[picture.Row] = []
    with Live(console=screen, auto_refresh=False, transient=True) as live:
        while worker.running and time.monotonic() < until:
            for entry in worker.entries(wait=0.1):
                live.console.print(picture.log_line(entry, named), **ONE_LINE)
            rows = [row(stage, scene, job.refresh(), queued_at) for scene, job in zip(told, jobs, strict=True)]
            if screen.is_terminal:
                live.update(picture.table(rows, width=screen.width), refresh=True)
            if all(job.state in FINAL for job in jobs):
                break
    return rows


def row(stage: Stage, scene: Scene, job: Job[Any], queued_at: datetime) -> picture.Row:
    """Say how one job stands."""
    over = job.state in FINAL
    return picture.Row(
        title=scene.title,
        state=job.state,
        attempts=job.attempts,
        took=job.finished_at - job.started_at if job.finished_at and job.started_at else None,
        ended=max(job.finished_at - queued_at, picture.NOTHING) if job.finished_at else None,
        words=job.errors[-1].message if job.errors else "",
        right=scene.holds(stage, job) if over else None,
    )


def titles(told: Sequence[Scene], jobs: Sequence[Any]) -> dict[str, str]:
    """Give the scenes' titles by the ids of their jobs."""
    return {str(job.id): scene.title for scene, job in zip(told, jobs, strict=True)}


def last_line(text: str) -> str:
    """Give the last line of a program's output."""
    return text.splitlines()[-1] if text else "done"


if __name__ == "__main__":
    typer.run(main)
