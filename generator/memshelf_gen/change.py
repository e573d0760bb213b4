"""Tell what the change of one job breaks, each with its places before and now and a payload that proves it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, TypeAlias

from memshelf_gen.breakingrules import FORWARD, SETTINGS, TEXTS
from memshelf_gen.bundle import Bundle, bundle
from memshelf_gen.canonical import covers
from memshelf_gen.document import Document, Steps, dotted
from memshelf_gen.excuses import PAGE, at_place, place_of
from memshelf_gen.finding import Finding
from memshelf_gen.gap import Gap
from memshelf_gen.gaps import Walk
from memshelf_gen.jobchanges import changes
from memshelf_gen.jobkeys import JOB
from memshelf_gen.naming import name_job
from memshelf_gen.pairing import JUDGING, TAKEN, Spot, pair
from memshelf_gen.parse import job_of
from memshelf_gen.references import References
from memshelf_gen.spec import JobSpec, Names
from memshelf_gen.witness import Witnesses

Level: TypeAlias = Literal["backward", "forward", "full", "none"]


@dataclass(frozen=True)
class Side:
    """One job as it was, or as it is."""

    references: References
    document: Document

    @cached_property
    def names(self) -> Names:
        """The job's names."""
        return name_job(self.document.source, wire=self.document.value[JOB].get("name"))

    @cached_property
    def job(self) -> JobSpec:
        """The job, complete."""
        return job_of(self.references, self.document)

    @cached_property
    def compared(self) -> Bundle:
        """The job's schema as it is compared: in draft 2020-12 on both sides."""
        return bundle(self.references, self.document.source, draft="2020-12")

    def locate(self, steps: Steps) -> tuple[Document, Steps]:
        """Give the file and the steps in it that some steps in the compared schema come from."""
        for above, place in self.compared.origins.items():
            if steps[: len(above)] == above and place.source in self.references.documents:
                return self.references.documents[place.source], (*place.steps, *steps[len(above) :])
        return self.document, steps


@dataclass(frozen=True, slots=True)
class Change:
    """One job, before and now."""

    old: Side
    new: Side

    def findings(self, level: Level) -> Iterator[Finding]:
        """Give what the change breaks at a level."""
        if level == "none":
            return
        old, new = self.old.job, self.new.job
        document = self.new.document
        for rule, key, values in changes(old, new):
            severity, why = SETTINGS[rule]
            at: Steps = (JOB, key) if key and key in document.value[JOB] else (JOB,)
            text = f"{values}: {why}; it was {place_of(self.old.document, (JOB, key))}"
            yield at_place(document, at, f"x-job.{key}" if key else "", rule, severity, text)
        if old.digest == new.digest:
            return
        if level in ("backward", "full"):
            yield from self.narrowed(forward=False)
        if level in ("forward", "full") and new.version <= old.version:
            yield from self.narrowed(forward=True)

    def narrowed(self, *, forward: bool) -> Iterator[Finding]:
        """Give what one side refuses of what the other takes; forward, the old side judges."""
        taken, judging = (self.new, self.old) if forward else (self.old, self.new)
        if covers(judging.compared.schema, taken.compared.schema) == "yes":
            return
        sides = pair(taken.compared.schema, judging.compared.schema)
        gaps = Walk(sides).gaps((Spot(TAKEN, (), sides.taken),), Spot(JUDGING, (), sides.judging), ())
        first: dict[Any, Gap] = {}
        for gap in gaps:
            key = (gap.kind, gap.judging.steps, gap.at, gap.note)
            if key not in first or len(gap.path) < len(first[key].path):
                first[key] = gap
        witnesses = Witnesses(taken.job.bundle, judging.job.bundle)
        for gap in first.values():
            yield self.finding(gap, witnesses.of(gap, sides), forward=forward)

    def finding(self, gap: Gap, witness: Any, *, forward: bool) -> Finding:
        """Make the finding of a gap, at its place of now."""
        rule = FORWARD[gap.kind] if forward else gap.kind
        judging: Steps = (*gap.judging.steps, *gap.at)
        taken = gap.source or (gap.taken[0].steps if gap.taken else ())
        document, at = self.new.locate(taken if forward else judging)
        other, then = self.old.locate(judging if forward else taken)
        mark = document.mark(at)
        note = f" ({gap.note})" if gap.note else ""
        who = "workers of before refuse" if forward else "jobs that wait are refused"
        what = (
            f"{TEXTS[rule]}{note}; {who}"
            if witness is not None
            else f"{TEXTS[rule]}{note}; cannot be proven compatible"
        )
        text = f"{what}; it was {place_of(other, then)}"
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
