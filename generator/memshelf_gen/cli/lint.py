"""The command `memshelf-gen lint`: what is wrong with the schemas, and what would be better written otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer

from memshelf_gen.cli.options import ConfigOption, JsonOption, QuietOption, joined, project_config
from memshelf_gen.release import release
from memshelf_gen.report import DRIFT

Form: TypeAlias = Literal["text", "json", "github", "junit", "sarif"]


def lint(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Schema files, or folders of them; default: the whole schema folder.")
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="How findings are written.")] = "text",
    only: Annotated[
        list[str] | None, typer.Option("--rule", metavar="RULE", help="Ask this rule only; may be given several times.")
    ] = None,
    fail_on: Annotated[
        Literal["error", "warning", "note"],
        typer.Option("--fail-on", help="How grave a finding must be to exit with 1; default: warning."),
    ] = "warning",
    fix: Annotated[
        bool, typer.Option("--fix", help="Mend what is mechanical; every byte stays that need not change.")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show what --fix would change, and write nothing.")] = False,
    listed: Annotated[
        bool, typer.Option("--list", "--rules", help="List the rules, and how grave each is here.")
    ] = False,
    explained: Annotated[
        str | None, typer.Option("--explain", metavar="RULE", help="Say why there is a rule, with examples.")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Look for mistakes in the schemas, each with its place, its rule and what would be right.

    \b
    memshelf-gen lint                               the whole schema folder
    memshelf-gen lint --format github               in CI, at the lines of a pull request
    memshelf-gen lint schemas/email.yaml --rule open-object
    memshelf-gen lint --explain open-object
    memshelf-gen lint --fix                         mend what is mechanical; --diff shows it first

    \b
    error      cannot be meant; what stops generation is always one
    warning    surely a mistake, or a trap
    note       worth knowing; fails with --fail-on note only

    A rule is switched off, or made more or less grave, for the project: [tool.memshelf.lint] rules = {open-object =
    "off"}. It is suppressed in one place of a schema, and below it, with a reason: x-lint: {open-object: why}.

    Exit codes: 0 nothing found, 1 findings, or files that --diff would change, 2 invalid input.
    """
    report, file = joined(context, config, as_json, quiet)
    with report.faults():
        from memshelf_gen.lint import answer, commands

        if listed or explained is not None:
            every = commands.rules_here(file, Path.cwd())
            if explained is not None:
                chosen = commands.one(every, explained, option="--explain")
                report.tell({"ok": True, "rule": chosen.as_json()}, [chosen.explained()], always=True)
            else:
                report.tell(
                    {"ok": True, "rules": [each.as_json() for each in every]}, commands.table(every), always=True
                )
            return
        project = project_config(file)
        if fix or diff:
            told = commands.fix(project, paths or [], only or [], writes=not diff)
        else:
            told = commands.run(project, paths or [], only or [])
        shape = "json" if report.as_json else form
        text = answer.shown(told, shape, fail_on=fail_on, version=release())
        if text and (told.findings or told.diffs or shape != "text" or not report.quiet):
            typer.echo(text)
        if told.fails(fail_on):
            raise typer.Exit(DRIFT)
