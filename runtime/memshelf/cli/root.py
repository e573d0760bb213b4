"""The command's root: its options, its commands, and the one place where errors become exit codes."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from memshelf.cli import bench, config, db, dev, health, jobs, queue, schedules, worker
from memshelf.cli.application import Application
from memshelf.cli.output import complain
from memshelf.errors import MemshelfError


class Root(TyperGroup):
    """Says an error of memshelf's in plain words; every other error keeps its traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the chosen command."""
        try:
            return super().invoke(ctx)
        except MemshelfError as error:
            raise typer.Exit(complain(ctx, error)) from error


app = typer.Typer(
    rich_markup_mode=None,
    cls=Root,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(value: bool) -> None:
    if value:
        from importlib.metadata import PackageNotFoundError, version

        try:
            typer.echo(f"memshelf {version('memshelf')}")
        except PackageNotFoundError:
            typer.echo("memshelf, not installed: run from its source")
        raise typer.Exit


@app.callback(
    epilog="Settings come from the environment: MEMSHELF_MONGO_URL, MEMSHELF_DATABASE and others; "
    "`memshelf config` lists them all."
)
def root(
    context: typer.Context,
    app_package: Annotated[
        str | None,
        typer.Option(
            "--app",
            metavar="PACKAGE",
            help="The application's generated package, such as acme.generated. Default: MEMSHELF_APP, or what "
            "[tool.memshelf] of the nearest pyproject.toml says.",
        ),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Queue jobs, run them, and look after them.

    \b
    memshelf dev                                        a database and a worker for development
    memshelf queue email --to a@example.com --subject Hi
    memshelf worker --queue default --concurrency 20    in production
    memshelf health
    memshelf jobs list --state dead
    memshelf schedules list
    """
    context.obj = Application(app_package)


app.command()(worker.worker)
app.command()(dev.dev)
app.add_typer(queue.app, name="queue")
app.add_typer(jobs.app, name="jobs")
app.add_typer(schedules.app, name="schedules")
app.command()(health.health)
app.command()(bench.bench)
app.command()(config.config)
app.add_typer(db.app, name="db")
