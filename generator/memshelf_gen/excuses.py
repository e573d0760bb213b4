"""Excuse breaking changes that are meant, and tell the excuses that excuse nothing."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from memshelf_gen.breakingrules import SETTINGS
from memshelf_gen.document import Document, Mark, Steps, dotted
from memshelf_gen.finding import Finding, Severity
from memshelf_gen.jobkeys import JOB
from memshelf_gen.problem import Problem
from memshelf_gen.settings import FILE, ProjectConfig
from memshelf_gen.spec import Names

PAGE = "docs/evolution.md"


def at_place(
    document: Document, at: Steps, where: str, rule: str, severity: Severity, text: str, fix: str = ""
) -> Finding:
    """Give a finding at a place of a document."""
    mark: Mark = document.mark(at)
    return Finding(
        path=document.path,
        line=mark.line,
        column=mark.column,
        where=where,
        rule=rule,
        severity=severity,
        text=text,
        fix=fix,
    )


def place_of(document: Document, at: Steps) -> str:
    """Write where something stands: `main:schemas/email.yaml:7:5`."""
    mark = document.mark(at)
    return f"{document.path}:{mark.line}:{mark.column}"


def past_invalid(path: str, document: Document | None, fault: Problem) -> Finding:
    """Say that a schema of before cannot be compared; `path` and `document` are the file as it is now."""
    severity, text = SETTINGS["past-invalid"]
    told = f"{text}: {fault}"
    if document is not None:
        return at_place(document, (JOB,), "", "past-invalid", severity, told)
    return Finding(path=path, line=0, column=0, where="", rule="past-invalid", severity=severity, text=told)


def excuses(document: Document) -> list[dict[str, str]]:
    """Give what a job says of breaking changes that are meant."""
    job = document.value.get(JOB)
    excuses: list[dict[str, str]] = job.get("allow_breaking", []) if isinstance(job, dict) else []
    return excuses


def unexcused(document: Document, findings: Iterator[Finding], used: set[int]) -> Iterator[Finding]:
    """Leave out the findings that the schema excuses, and note which excuses were of use."""
    for finding in findings:
        matching = [
            index
            for index, excuse in enumerate(excuses(document))
            if excuse["rule"] == finding.rule and excuse.get("path", finding.where) == finding.where
        ]
        used.update(matching)
        if not matching:
            yield finding


def unused(document: Document, used: set[int]) -> Iterator[Finding]:
    """Give the excuses of a job that excused nothing."""
    severity, text = SETTINGS["unused-excuse"]
    for index, excuse in enumerate(excuses(document)):
        if index not in used:
            at = (JOB, "allow_breaking", index)
            place = f" at {excuse['path']}" if "path" in excuse else ""
            told = f"{text}: there is no {excuse['rule']}{place}"
            yield at_place(document, at, dotted(at), "unused-excuse", severity, told, "remove it")


class Removals:
    """The jobs that are gone, and the project's excuses for them."""

    def __init__(self, config: ProjectConfig) -> None:
        self.excuses: list[dict[str, str]] = config.breaking.get("allow", [])
        self.used: set[int] = set()
        self.schemas = config.schemas
        self.found = partial(Finding, path=FILE, line=0, column=0)

    def judged(self, names: Names, document: Document) -> Iterator[Finding]:
        """Give the finding of a job that is gone, unless it is excused."""
        for index, excuse in enumerate(self.excuses):
            if excuse["rule"] == "job-removed" and excuse["job"] in (names.wire, names.key):
                self.used.add(index)
                return
        severity, why = SETTINGS["job-removed"]
        fix = f"list {names.wire} in previous_names of the job that took over; see {PAGE}#a-job-less"
        text = f"{names.wire}: {why}; it was {place_of(document, (JOB, 'name'))}"
        path = f"{self.schemas}/{document.source}"
        yield Finding(path=path, line=0, column=0, where="", rule="job-removed", severity=severity, text=text, fix=fix)

    def unused(self) -> Iterator[Finding]:
        """Give the excuses of the project that excuse nothing."""
        severity, text = SETTINGS["unused-excuse"]
        for index, excuse in enumerate(self.excuses):
            if index not in self.used:
                told = f"{text}: {excuse['job']} has no {excuse['rule']}"
                yield self.found(
                    where="tool.memshelf.breaking.allow",
                    rule="unused-excuse",
                    severity=severity,
                    text=told,
                    fix="remove it",
                )
