"""Tell what a change of the schemas breaks: jobs that wait, and workers that are not deployed anew yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from memshelf_gen.breakingrules import TEXTS
from memshelf_gen.change import Change, Level, Side
from memshelf_gen.check import check
from memshelf_gen.document import Document, Steps
from memshelf_gen.excuses import Removals, excuses, past_invalid, unexcused, unused
from memshelf_gen.finding import Finding
from memshelf_gen.jobkeys import JOB, check_job
from memshelf_gen.links import check_references
from memshelf_gen.load import Folder, load
from memshelf_gen.metaschema import check_dialect, check_schema
from memshelf_gen.past import Past, read_past
from memshelf_gen.problem import InvalidInput, Problem, did_you_mean
from memshelf_gen.references import References
from memshelf_gen.settings import ProjectConfig


@dataclass(frozen=True, slots=True)
class Compared:
    """What a comparison found."""

    findings: tuple[Finding, ...]
    jobs: int
    """How many jobs of before were compared."""


def compare(config: ProjectConfig, against: str, *, level: Level | None = None) -> Compared:
    """Compare a project's schemas with those of a commit or a folder.

    Args:
        config: The project.
        against: A folder, or what git takes for a commit.
        level: What is asked of every job; what the project and its jobs say if not given.

    Raises:
        InvalidInput: the schemas of now cannot be used, or there are none of before.
    """
    folder = load(config.schema_folder, shown=config.schemas)
    now = _checked(config, folder)
    past = read_past(config, against, folder)
    return _Comparison(config, now, past, level).run()


def _checked(config: ProjectConfig, folder: Folder) -> References:
    references = References(folder.documents, unread=folder.unread)
    problems = [*folder.problems, *check(references, jobs=config.jobs, services=config.services)]
    for document in folder.documents:
        for index, excuse in enumerate(excuses(document) if not problems else ()):
            if excuse["rule"] not in TEXTS:
                text = f"there is no rule {excuse['rule']!r}{did_you_mean(excuse['rule'], TEXTS)}"
                problems.append(document.problem((JOB, "allow_breaking", index, "rule"), text))
    if problems:
        raise InvalidInput(problems)
    return references


@dataclass(frozen=True, slots=True)
class _Comparison:
    config: ProjectConfig
    now: References
    past: Past
    level: Level | None
    used: dict[str, set[int]] = field(default_factory=dict)
    """The excuses that were of use, by the files that have them."""

    def run(self) -> Compared:
        before = References(self.past.folder.documents, unread=self.past.folder.unread)
        same = frozenset(_unchanged(before, self.now, self.past.same))
        faults = _faults(before, self.past.folder, same)
        successors = _Successors(Side(self.now, each) for each in self.now.documents.values() if JOB in each.value)
        removals = Removals(self.config)
        found: list[Finding] = []
        for source in faults.keys() - before.documents.keys():
            found += self.invalid(source, faults[source])
        compared = 0
        for document in (each for each in before.documents.values() if JOB in each.value):
            reached = before.reached(document.source) if faults else ()
            if wrong := next((faults[each] for each in reached if each in faults), None):
                found += self.invalid(document.source, wrong)
                continue
            compared += 1
            old = Side(before, document)
            new = successors.of(old) if document.source not in same else None
            if new is not None:
                found += self.excused(new.document, Change(old, new).findings(self.asked(new.document)))
            elif document.source not in same and self.asked(document) != "none":
                found += removals.judged(old.names, document)
        found += removals.unused()
        if self.level is None:
            for document in self.now.documents.values():
                found += unused(document, self.used.get(document.source, set()))
        return Compared(tuple(sorted(found)), compared)

    def asked(self, document: Document | None) -> Level:
        """Give what is asked of a job."""
        settings = document.value.get(JOB) if document else None
        own: Level = (settings if isinstance(settings, dict) else {}).get("compatibility", self.config.compatibility)
        return self.level or own

    def invalid(self, source: str, fault: Problem) -> Iterator[Finding]:
        """Give the finding of a file of before that cannot be compared."""
        document = self.now.documents.get(source)
        if self.asked(document) != "none":
            told = past_invalid(f"{self.config.schemas}/{source}", document, fault)
            yield from self.excused(document, iter([told])) if document else [told]

    def excused(self, document: Document, findings: Iterator[Finding]) -> Iterator[Finding]:
        """Leave out what a schema of now excuses."""
        return unexcused(document, findings, self.used.setdefault(document.source, set()))


def _unchanged(before: References, now: References, known: frozenset[str]) -> Iterator[str]:
    """Give the files that mean what they meant: they, and all that they refer to, are as they were."""
    alike = {each for each in known if before.documents[each].value == now.documents[each].value}
    for source in alike:
        if alike.issuperset(before.reached(source)) and alike.issuperset(now.reached(source)):
            yield source


def _faults(before: References, past: Folder, same: frozenset[str]) -> Mapping[str, Problem]:
    """Give the first fault of each file of before that has one; those of now have none."""
    faults = [*past.problems, *check_references(before)]
    adopted: dict[str, list[Steps]] = {}
    for place in before.adopted:
        adopted.setdefault(place.source, []).append(place.steps)
    for document in before.documents.values():
        if document.source not in same or document.source in adopted:
            faults += [*check_job(document), *check_dialect(document)]
            faults += check_schema(document, adopted.get(document.source, ()))
    return {fault.path.removeprefix(past.above): fault for fault in sorted(faults, reverse=True)}


class _Successors:
    """The jobs of now, as those of before find them: by name on the wire, by a name of before, or by file."""

    def __init__(self, jobs: Iterable[Side]) -> None:
        self.by_wire: dict[str, Side] = {}
        self.by_previous: dict[str, Side] = {}
        self.by_key: dict[str, Side] = {}
        for job in jobs:
            self.by_wire[job.names.wire] = job
            self.by_key[job.names.key] = job
            self.by_previous |= dict.fromkeys(job.document.value[JOB].get("previous_names", ()), job)

    def of(self, old: Side) -> Side | None:
        """Give the job that took over."""
        wire, key = old.names.wire, old.names.key
        return self.by_wire.get(wire) or self.by_previous.get(wire) or self.by_key.get(key)
