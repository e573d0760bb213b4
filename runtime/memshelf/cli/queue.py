"""`memshelf queue JOB`: one command for each job type, with options that its schema makes."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup


class JobCommands(TyperGroup):
    """The job types of the application as commands, by name on the wire or by the schema's path."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Give the schema paths of all job types."""
        return [job.key for job in ctx.find_root().obj.catalog()]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Make the command of one job type.

        Raises:
            UnknownJobError: the catalog has none of that name.
        """
        from memshelf.cli.queueing import command_for

        return command_for(ctx.find_root().obj.catalog()[cmd_name])


app = typer.Typer(
    rich_markup_mode=None,
    cls=JobCommands,
    no_args_is_help=True,
    subcommand_metavar="JOB [OPTIONS]",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def queue(context: typer.Context) -> None:
    """Queue one job; its options come from its schema.

    \b
    memshelf queue                                                     lists the jobs
    memshelf queue email --help                                        lists the options of one
    memshelf queue email --to a@example.com --subject Hi
    memshelf queue email --data payload.json --at "in 30 minutes"
    memshelf queue billing/invoice --data - --queue slow --priority 9  reads standard input

    A payload that its schema refuses is not queued: every problem is printed, and the exit code is 2.
    """
