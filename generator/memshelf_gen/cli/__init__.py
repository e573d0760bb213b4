"""The command `memshelf-gen`: its options, and what each command runs; the work is imported when it is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from memshelf_gen.cli import export
from memshelf_gen.cli.breaking import breaking
from memshelf_gen.cli.lean import Command, spare
from memshelf_gen.cli.lint import lint
from memshelf_gen.cli.options import (
    CacheOption,
    ConfigOption,
    JsonOption,
    QuietOption,
    cached,
    joined,
    project_config,
)
from memshelf_gen.cli.watch import watch
from memshelf_gen.release import release
from memshelf_gen.report import Report

HELP = """Generate typed queues, models and handler stubs from job schemas.

\b
memshelf-gen init                  a new project that works
memshelf-gen new billing/refund    one more job: a schema and the stub of its handler
memshelf-gen                       bring generated code and stubs up to date with the schemas
memshelf-gen watch                 the same after every save
memshelf-gen check                 in CI: fail when they are not
memshelf-gen lint                  in CI: fail when a schema has a mistake, or a trap
memshelf-gen export schemas --out contracts    what producers in other languages need
memshelf-gen breaking --against origin/main    in CI: fail when waiting jobs would break

Exit codes: 0 fine, 1 drift (check), 2 invalid input.
"""


class Root(TyperGroup):
    """Answers `--version` before any option is read."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the options before the command's name."""
        if "--version" in args and {*args} <= {"--version", "--json", "--quiet", "-q"}:
            tell_version(as_json="--json" in args)
        spare(self.get_params(ctx))
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=Root,
    help=HELP,
    add_completion=False,
    no_args_is_help=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def generate(
    context: typer.Context,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    no_cache: CacheOption = False,
    show_version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    """Bring the generated package and the handler stubs up to date with the schemas.

    Exit codes: 0 fine, 1 drift (check), 2 invalid input.
    """
    report = Report(as_json=as_json, quiet=quiet)
    if show_version:
        tell_version(as_json=as_json)
    context.obj = (config, as_json, quiet, no_cache)
    if context.invoked_subcommand is not None:
        return
    with report.faults():
        from memshelf_gen import pipeline

        report.generated(pipeline.generate(project_config(config), cached=cached(context, no_cache)))


def tell_version(*, as_json: bool) -> NoReturn:
    """Print the version and end."""
    installed = release()
    report = Report(as_json=as_json, quiet=False)
    report.tell({"ok": True, "version": installed}, [f"memshelf-gen {installed or '(not installed)'}"], always=True)
    raise typer.Exit


@app.command(cls=Command)
def check(
    context: typer.Context,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    no_cache: CacheOption = False,
    stat: Annotated[bool, typer.Option("--stat", help="Show how many lines differ, not which.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Fail for handlers that are still stubs, too.")] = False,
) -> None:
    """Compare the generated files and the handlers with the schemas; exit 1 and show the difference when they differ.

    \b
    memshelf-gen check              what a pull request should pass
    memshelf-gen check --strict     what a release should pass: no handler is still a stub
    memshelf-gen check --stat       which files differ, and by how much

    Nothing is written but the cache, and nothing of your application is imported.
    """
    report, file = joined(context, config, as_json, quiet)
    with report.faults():
        from memshelf_gen import pipeline

        found = pipeline.check(project_config(file), cached=cached(context, no_cache))
        report.checked(found, stat=stat, strict=strict)


@app.command(cls=Command)
def init(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="The project's folder.")] = Path("."),
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make a project that works: one schema, one handler, the configuration, make targets and CI lines."""
    report, _ = joined(context, None, as_json, quiet)
    with report.faults():
        from memshelf_gen import starter

        report.started(
            starter.init(folder, release=release()),
            hint='next: memshelf dev; then: memshelf queue greeting --name "Ada"',
        )


@app.command(cls=Command)
def new(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The schema's path below the schema folder: billing/invoice")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Add a schema and the stub of its handler."""
    report, file = joined(context, config, as_json, quiet)
    with report.faults():
        from memshelf_gen import starter

        report.started(
            starter.new(project_config(file), name), hint="next: write the schema's properties, then: memshelf-gen"
        )


@app.command("list", cls=Command)
def list_jobs(
    context: typer.Context, config: ConfigOption = None, as_json: JsonOption = False, quiet: QuietOption = False
) -> None:
    """List the jobs: wire name, schema, queue method and the state of the handler."""
    report, file = joined(context, config, as_json, quiet)
    with report.faults():
        from memshelf_gen import pipeline

        report.listed(pipeline.list_jobs(project_config(file)))


app.add_typer(export.app, name="export")
app.command(cls=Command)(breaking)
app.command(cls=Command)(watch)
app.command(cls=Command)(lint)
