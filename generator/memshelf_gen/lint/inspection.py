"""Inspect a schema folder: ask every rule about every schema, and leave out what is switched off or suppressed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from memshelf_gen.check import faults
from memshelf_gen.document import Document, dotted
from memshelf_gen.edits import Edit
from memshelf_gen.finding import Finding, Severity
from memshelf_gen.lint import suppressions
from memshelf_gen.lint.levels import Level, levels
from memshelf_gen.lint.rule import Rule
from memshelf_gen.lint.slips import mending
from memshelf_gen.lint.subject import Flaw, Project, SchemaFile
from memshelf_gen.lint.suppressions import Suppressions
from memshelf_gen.load import load
from memshelf_gen.parse import check_scheduled
from memshelf_gen.problem import Problem
from memshelf_gen.references import References
from memshelf_gen.settings import ProjectConfig


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found."""

    findings: tuple[Finding, ...]
    files: int
    """How many files were looked at."""
    mends: tuple[Mend, ...] = ()
    """What `--fix` does, sorted as the findings are."""


@dataclass(frozen=True, slots=True)
class Mend:
    """The edits that do away with a finding."""

    finding: Finding
    source: str
    """The file, relative to the schema folder."""
    edits: tuple[Edit, ...]


def inspect(
    config: ProjectConfig,
    rules: Sequence[Rule],
    *,
    only: Collection[str] = (),
    sources: Collection[str] | None = None,
    instead: Mapping[str, bytes] | None = None,
) -> Inspection:
    """Ask the rules about the schemas of a project.

    Args:
        config: Where the schemas are, and how grave each rule is.
        rules: Every rule that there is.
        only: The ids of the rules to ask; all that are not switched off when empty.
        sources: The files and folders to ask about, relative to the schema folder; None for all. The others are read
            too, since references lead to them.
        instead: What some files hold in place of what the disk says, by their paths relative to the schema folder.

    Raises:
        InvalidInput: the configuration is wrong.
    """
    chosen = levels(config, rules)
    folder = load(config.schema_folder, shown=config.schemas, instead=instead)
    references = References(folder.documents, unread=folder.unread)
    found = [("unreadable", problem) for problem in folder.problems]
    found += faults(references, jobs=config.jobs, services=config.services)
    if not found and not folder.unread:
        found += [("invalid-x-job", problem) for problem in check_scheduled(references)]
    broken = {problem.path for _, problem in found}
    faulty = {document.source for document in references.documents.values() if document.path in broken}
    project = Project(references, frozenset(faulty) | folder.unread)
    wanted = [file for source, file in project.files.items() if _is_in(source, sources)]
    asking = _Asking(rules, chosen, frozenset(only), folder.above)
    told = dict(asking.about_faults(found, {document.path: document for document in folder.documents}, sources))
    for file in wanted:
        told |= asking.about(file)
    unread = [source for source in folder.unread if _is_in(source, sources)]
    mends = tuple(told[finding] for finding in sorted(told) if told[finding].edits)
    return Inspection(tuple(sorted(told)), len(wanted) + len(unread), mends)


def _is_in(source: str, sources: Collection[str] | None) -> bool:
    return sources is None or any(f"{source}/".startswith(f"{each}/") or each == "." for each in sources)


def _told(rule: str, fault: Problem) -> Finding:
    """Give a fault that stops generation as a finding."""
    text, _, fix = fault.text.partition("; ")
    return Finding(
        path=fault.path,
        line=fault.line,
        column=fault.column,
        where=fault.where,
        rule=rule,
        severity="error",
        text=text,
        fix=fix,
    )


@dataclass(frozen=True, slots=True)
class _Asking:
    rules: Sequence[Rule]
    levels: Mapping[str, Level]
    only: frozenset[str]
    above: str
    """What stands before a file's path below the schema folder: `schemas/`."""

    def wants(self, rule: str) -> bool:
        return self.levels[rule] != "off" and (not self.only or rule in self.only)

    def about_faults(
        self, faults: Iterable[tuple[str, Problem]], documents: Mapping[str, Document], sources: Collection[str] | None
    ) -> Iterator[tuple[Finding, Mend]]:
        """Give what stops generation, each with what mends it."""
        for rule, fault in faults:
            document = documents.get(fault.path)
            source = document.source if document else fault.path.removeprefix(self.above)
            if self.wants(rule) and _is_in(source, sources):
                finding = _told(rule, fault)
                yield finding, Mend(finding, source, mending(rule, fault, document) if document else ())

    def about(self, file: SchemaFile) -> Iterator[tuple[Finding, Mend]]:
        """Give the findings in a file; nothing more is asked of one that has a fault."""
        for rule, flaw in self.flaws(file):
            finding = self.finding(rule, flaw, file.document)
            yield finding, Mend(finding, file.document.source, flaw.edits)

    def flaws(self, file: SchemaFile) -> Iterator[tuple[Rule, Flaw]]:
        if file.document.source in file.project.faulty:
            return
        asked = [rule for rule in self.rules if self.wants(rule.id)]
        held = Suppressions(file, {rule.id: rule for rule in self.rules})
        for rule in asked:
            for subject in file.subjects:
                yield from ((rule, flaw) for flaw in rule.check(subject) if not held.hold(rule, flaw.at))
        if self.wants(suppressions.INVALID.id):
            yield from ((suppressions.INVALID, flaw) for flaw in held.invalid())
        # What a fault elsewhere keeps from being judged may be what a suppression is for.
        if self.wants(suppressions.UNUSED.id) and file.is_sound:
            yield from ((suppressions.UNUSED, flaw) for flaw in held.unused(asked))

    def finding(self, rule: Rule, flaw: Flaw, document: Document) -> Finding:
        mark = flaw.mark or document.mark(flaw.at)
        return Finding(
            path=document.path,
            line=mark.line,
            column=mark.column,
            where=dotted(flaw.at),
            rule=rule.id,
            severity=self.severity(rule),
            text=flaw.text,
            fix=flaw.fix,
            witness=flaw.witness,
        )

    def severity(self, rule: Rule) -> Severity:
        level = self.levels[rule.id]
        return rule.severity if level == "off" else level
