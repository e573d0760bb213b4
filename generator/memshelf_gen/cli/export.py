"""The command `memshelf-gen export`: what producers in other languages, editors and readers get from a project."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from memshelf_gen.cli.options import ConfigOption, JsonOption, QuietOption, joined, project_config
from memshelf_gen.problem import InvalidInput, Problem
from memshelf_gen.report import Report

HELP = """Write what others need: schemas for producers in other languages, pages for readers.

\b
memshelf-gen export schemas --out contracts    every job's schema, self-contained, and an index of them
memshelf-gen export schemas send-email         print one of them
memshelf-gen export envelope                   the stored document's schema
memshelf-gen export metaschema                 what a job schema file may hold, for editors
memshelf-gen export docs --out docs/jobs       a catalogue of all jobs, in Markdown and in HTML
memshelf-gen export answers check              what `memshelf-gen check --json` prints

Exit codes: 0 fine, 1 what is there differs (--check), 2 invalid input.
"""

app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode=None)

OutOption = Annotated[Path | None, typer.Option("--out", metavar="PATH", help="Where to write; - prints.")]
CheckOption = Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 when what is there differs.")]

STDOUT = Path("-")


@app.command()
def schemas(
    context: typer.Context,
    job: Annotated[str | None, typer.Argument(help="Print this job's schema: its name, or its schema's path.")] = None,
    out: OutOption = None,
    check: CheckOption = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write each job's schema, bundled and with an `$id`, and index.json, into a folder; or print one.

    Only files that differ are written. Files of an earlier export that no job asks for any more are removed; files
    that memshelf-gen did not write are never touched.
    """
    report, file = joined(context, config, as_json, quiet)
    with report.faults():
        from memshelf_gen.exports import steps

        if job is not None:
            if check or out not in (None, STDOUT):
                raise wrong_use("JOB", "one job is printed; leave out --out and --check")
            found, text = steps.one_schema(project_config(file), job)
            report.printed(text, name=found.names.wire, digest=found.digest)
        elif out is None or out == STDOUT:
            raise wrong_use("--out", "name a folder: --out contracts; or name one job to print")
        elif check:
            report.compared(steps.check_schemas(project_config(file), out))
        else:
            report.exported(steps.export_schemas(project_config(file), out))


@app.command()
def envelope(
    context: typer.Context,
    out: OutOption = None,
    check: CheckOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Print the JSON Schema of the stored document, which producers in other languages write.

    It describes a document in relaxed MongoDB Extended JSON; #/$defs/Queued is what a producer writes.
    """
    report, _ = joined(context, None, as_json, quiet)
    with report.faults():
        from memshelf_gen.exports.published import envelope

        deliver(report, envelope(), out, check=check)


@app.command()
def metaschema(
    context: typer.Context,
    out: OutOption = None,
    check: CheckOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Print the JSON Schema of job schema files, with a text for every key: what editors complete and explain by.

    `memshelf-gen init` puts it into the schema folder as .job.schema.json, and memshelf-gen keeps it up to date there.
    """
    report, _ = joined(context, None, as_json, quiet)
    with report.faults():
        from memshelf_gen.exports.published import metaschema

        deliver(report, metaschema(), out, check=check)


@app.command()
def docs(
    context: typer.Context,
    out: OutOption = None,
    check: CheckOption = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write a catalogue of all jobs into a folder, in Markdown and in HTML: what each does, takes, and how it is run.

    The pages stand alone: no script, and nothing from elsewhere. Pages of jobs that are gone are removed.
    """
    report, file = joined(context, config, as_json, quiet)
    with report.faults():
        from memshelf_gen.exports import steps

        if out is None or out == STDOUT:
            raise wrong_use("--out", "name a folder: --out docs/jobs")
        if check:
            report.compared(steps.check_docs(project_config(file), out))
        else:
            report.exported(steps.export_docs(project_config(file), out))


@app.command()
def answers(
    context: typer.Context,
    command: Annotated[str | None, typer.Argument(help="Print this one: check, or export-schemas.")] = None,
    out: OutOption = None,
    check: CheckOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write the JSON Schema of what each command prints with --json into a folder; or print one.

    problems.schema.json is what every command answers that refuses its input; the schema of each command includes it.
    """
    report, _ = joined(context, None, as_json, quiet)
    with report.faults():
        from memshelf_gen.exports import steps

        if command is not None:
            if check or out not in (None, STDOUT):
                raise wrong_use("COMMAND", "one schema is printed; leave out --out and --check")
            report.printed(steps.one_answer(command))
        elif out is None or out == STDOUT:
            raise wrong_use("--out", "name a folder: --out answers; or name one command to print: export answers check")
        elif check:
            report.compared(steps.check_answers(out))
        else:
            report.exported(steps.export_answers(out))


def deliver(report: Report, text: str, out: Path | None, *, check: bool) -> None:
    """Print one document, or write it into the file that was named, or compare it with that."""
    from memshelf_gen.exports import steps

    if out is None or out == STDOUT:
        if check:
            raise wrong_use("--check", "name the file to compare with: --out FILE")
        report.printed(text)
    elif check:
        report.compared(steps.check_file(out, text))
    else:
        report.exported(steps.export_file(out, text))


def wrong_use(option: str, text: str) -> InvalidInput:
    """Give the fault of options that do not go together."""
    return InvalidInput([Problem(option, 0, 0, "", text)])
