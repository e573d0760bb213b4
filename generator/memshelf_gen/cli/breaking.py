"""The command `memshelf-gen breaking`: what a change of the schemas breaks, each with a payload that proves it."""

from __future__ import annotations

import json
from typing import Annotated, Literal, TypeAlias

import typer

from memshelf_gen.cli.options import ConfigOption, JsonOption, QuietOption, joined, project_config
from memshelf_gen.finding import Finding
from memshelf_gen.release import release
from memshelf_gen.report import DRIFT

Form: TypeAlias = Literal["text", "json", "github", "junit", "sarif"]
_SHOWN = 1000
"""Characters of a witness that people are shown."""


def breaking(
    context: typer.Context,
    against: Annotated[
        str,
        typer.Option("--against", metavar="COMMIT|FOLDER", help="The schemas of before: origin/main, v1.2, ../release"),
    ],
    level: Annotated[
        Literal["backward", "forward", "full", "none"] | None,
        typer.Option("--level", help="What every job must keep; default: what its schema or project says."),
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="How findings are written.")] = "text",
    fail_on: Annotated[
        Literal["error", "warning"],
        typer.Option("--fail-on", help="error: only what a payload proves, and lost jobs; default: warning."),
    ] = "warning",
    config: ConfigOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Refuse changes of schemas that break jobs in the queue, each with a payload that proves it.

    \b
    memshelf-gen breaking --against origin/main     in CI: what would merging this break?
    memshelf-gen breaking --against v1.4 --level full

    \b
    backward   every payload that was valid stays valid: jobs that wait are safe (the default)
    forward    workers of before take every new payload: producers may be deployed first
    full       both
    none       anything goes

    The level of one job is x-job.compatibility, that of the project compatibility in [tool.memshelf]. A change that is
    meant is excused with its reason in x-job.allow_breaking. Nothing is checked out. Exit codes: 0 compatible,
    1 breaking, 2 invalid input.
    """
    report, file = joined(context, config, as_json, quiet)
    with report.faults():
        from memshelf_gen.breaking import compare
        from memshelf_gen.breakingrules import SETTINGS, TEXTS
        from memshelf_gen.outputs import RuleText, Tool, failing, show

        found = compare(project_config(file), against, level=level)
        fails = failing(found.findings, fail_on)
        jobs = f"{found.jobs} job{'s' if found.jobs != 1 else ''}"
        if report.as_json or form != "text":
            tool = Tool(name="memshelf-gen breaking", version=release(), page="urn:memshelf:docs/breaking.md")
            rules = [
                RuleText(id=rule, severity=SETTINGS[rule][0] if rule in SETTINGS else "error", text=text)
                for rule, text in sorted(TEXTS.items())
            ]
            more = {"against": against, "jobs": found.jobs}
            text = show(
                found.findings, "json" if report.as_json else form, tool=tool, rules=rules, fail_on=fail_on, more=more
            )
            if text:
                typer.echo(text)
        else:
            shown = [line for each in found.findings for line in _lines(each)]
            end = f"{jobs} compared with {against}: {_count(found.findings)}"
            if found.findings or not report.quiet:
                typer.echo("\n".join([*shown, end]))
        if fails:
            raise typer.Exit(DRIFT)


def _lines(finding: Finding) -> list[str]:
    if finding.witness is None:
        return [str(finding)]
    witness = json.dumps(finding.witness, ensure_ascii=False)
    if len(witness) > _SHOWN:
        witness = f"{witness[:_SHOWN]}… ({len(witness)} characters; --json has them all)"
    return [str(finding), f"    witness: {witness}"]


def _count(findings: tuple[Finding, ...]) -> str:
    from memshelf_gen.outputs import summary

    return summary(findings) if findings else "nothing breaks"
