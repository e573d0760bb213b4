"""Tell what a change of the schemas breaks: jobs that wait, and workers that are not deployed anew yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from memshelf_gen.breakingrules import FORWARD, SETTINGS, TEXTS
from memshelf_gen.bundle import bundle, origins
from memshelf_gen.canonical import covers
from memshelf_gen.check import check
from memshelf_gen.document import Document, Steps, dotted
from memshelf_gen.excuses import PAGE, Removals, at_place, excuses, past_invalid, unexcused, unused
from memshelf_gen.finding import Finding
from memshelf_gen.gap import Gap
from memshelf_gen.gaps import Walk
from memshelf_gen.jobchanges import changes
from memshelf_gen.jobkeys import JOB, check_job
from memshelf_gen.links import check_references
from memshelf_gen.load import load
from memshelf_gen.metaschema import check_schema
from memshelf_gen.pairing import JUDGING, TAKEN, Spot, pair
from memshelf_gen.parse import job_of
from memshelf_gen.past import Past, read_past
from memshelf_gen.problem import InvalidInput, did_you_mean
from memshelf_gen.references import References
from memshelf_gen.settings import ProjectConfig
from memshelf_gen.spec import JobSpec, Json
from memshelf_gen.witness import Witnesses

Level: TypeAlias = Literal["backward", "forward", "full", "none"]


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
    now = _now(config)
    past = read_past(config, against)
    return Compared(*_compared(config, now, past, level))


def _now(config: ProjectConfig) -> References:
    folder = load(config.schema_folder, shown=config.schemas)
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


def _compared(
    config: ProjectConfig, now: References, past: Past, level: Level | None
) -> tuple[tuple[Finding, ...], int]:
    before = References(past.documents, unread=past.unread)
    faults = [*past.problems, *check_references(before)]
    for document in before.documents.values():
        faults += [*check_job(document), *check_schema(document)]
    bad = {fault.path for fault in faults}
    jobs = [job_of(now, document) for document in now.documents.values() if JOB in document.value]
    removals = Removals(config)
    found: list[Finding] = []
    compared = 0
    used: dict[str, set[int]] = {job.source: set() for job in jobs}
    for document in before.documents.values():
        if JOB not in document.value:
            continue
        reached = [before.documents.get(each) for each in (before.reached(document.source) if bad else ())]
        wrong = next((each.path for each in reached if each and each.path in bad), None)
        if wrong is not None:
            found.append(past_invalid(now, document, next(fault for fault in faults if fault.path == wrong)))
            continue
        compared += 1
        old = job_of(before, document)
        new = _successor(old, jobs)
        if new is None:
            found += removals.judged(old, document)
            continue
        own: Level = now.documents[new.source].value[JOB].get("compatibility", config.compatibility)
        asked = level or own
        told = _Change(old, new, before, now).findings(asked)
        found += unexcused(now.documents[new.source], told, used[new.source])
    found += removals.unused()
    if level is None:
        for source, seen in used.items():
            found += unused(now.documents[source], seen)
    return tuple(sorted(found)), compared


def _successor(old: JobSpec, jobs: list[JobSpec]) -> JobSpec | None:
    """Give the job that took over: by its name on the wire, by its names of before, or by its file."""
    ways: tuple[Any, ...] = (
        lambda job: job.names.wire == old.names.wire,
        lambda job: old.names.wire in job.previous_names,
        lambda job: job.names.key == old.names.key,
    )
    return next((job for way in ways for job in jobs if way(job)), None)


@dataclass(frozen=True, slots=True)
class _Change:
    """One job, before and now."""

    old: JobSpec
    new: JobSpec
    before: References
    now: References

    def findings(self, level: Level) -> Iterator[Finding]:
        """Give what the change breaks at a level."""
        if level == "none":
            return
        document = self.now.documents[self.new.source]
        for rule, key, values in changes(self.old, self.new):
            severity, why = SETTINGS[rule]
            at: Steps = (JOB, key) if key and key in document.value[JOB] else (JOB,)
            yield at_place(document, at, f"x-job.{key}" if key else "", rule, severity, f"{values}: {why}")
        if self.old.digest == self.new.digest:
            return
        if level in ("backward", "full"):
            yield from self.narrowed(forward=False)
        if level in ("forward", "full") and self.new.version <= self.old.version:
            yield from self.narrowed(forward=True)

    def narrowed(self, *, forward: bool) -> Iterator[Finding]:
        """Give what one side refuses of what the other takes; forward, the old side judges."""
        taken, judging = (self.new, self.old) if forward else (self.old, self.new)
        if covers(judging.bundle, taken.bundle) == "yes":
            return
        witnesses = Witnesses(taken.bundle, judging.bundle)
        sides = pair(self.bundle(taken), self.bundle(judging))
        gaps = Walk(sides).gaps((Spot(TAKEN, (), sides.taken),), Spot(JUDGING, (), sides.judging), ())
        first: dict[Any, Gap] = {}
        for gap in gaps:
            key = (gap.kind, gap.judging.steps, gap.at, gap.note)
            if key not in first or len(gap.path) < len(first[key].path):
                first[key] = gap
        for gap in first.values():
            yield self.finding(gap, witnesses.of(gap, sides), forward=forward)

    def finding(self, gap: Gap, witness: Any, *, forward: bool) -> Finding:
        rule = FORWARD[gap.kind] if forward else gap.kind
        judging = self.locate(self.old if forward else self.new, (*gap.judging.steps, *gap.at))
        source = gap.source or (gap.taken[0].steps if gap.taken else ())
        taken = self.locate(self.new if forward else self.old, source)
        (document, at), (other, then) = (taken, judging) if forward else (judging, taken)
        mark, was = document.mark(at), other.mark(then)
        note = f" ({gap.note})" if gap.note else ""
        who = "workers of before refuse" if forward else "jobs that wait are refused"
        what = (
            f"{TEXTS[rule]}{note}; {who}"
            if witness is not None
            else f"{TEXTS[rule]}{note}; cannot be proven compatible"
        )
        text = f"{what}; it was {other.path}:{was.line}:{was.column}"
        return Finding(
            path=document.path,
            line=mark.line,
            column=mark.column,
            where=dotted(gap.path),
            rule=rule,
            severity="error" if witness is not None else "warning",
            text=text,
            fix=_advice(gap.kind, forward=forward),
            witness=witness,
        )

    def bundle(self, job: JobSpec) -> Json:
        """Give a job's bundle as it is compared."""
        return bundle(self.now if job is self.new else self.before, job.source, draft="2020-12")

    def locate(self, job: JobSpec, steps: Steps) -> tuple[Document, Steps]:
        """Give the file and the steps in it that some steps in a bundle come from."""
        references = self.now if job is self.new else self.before
        for above, place in origins(references, job.source, draft="2020-12").items():
            if steps[: len(above)] == above:
                return references.documents[place.source], (*place.steps, *steps[len(above) :])
        return references.documents[job.source], steps


def _advice(kind: str, *, forward: bool) -> str:
    if forward:
        return f"deploy workers first, or raise x-job.version; see {PAGE}#workers-first"
    match kind:
        case "required-added":
            return f"leave it optional until no job without it waits; see {PAGE}#a-property-more"
        case "property-removed" | "closed" | "forbidden" | "items-closed":
            return f"stop sending it first, remove it in a later release; see {PAGE}#a-property-less"
        case "enum-value-removed" | "union-branch-removed" | "const-changed":
            return f"stop sending it first, remove it in a later release; see {PAGE}#a-value-less"
        case _:
            return f"take both until the jobs of before are done, or make a job of another name; see {PAGE}#narrower"
