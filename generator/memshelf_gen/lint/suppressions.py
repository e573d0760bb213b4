"""Suppressions: `x-lint` in a schema says which rules do not hold there and below, each with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from memshelf_gen.document import Steps
from memshelf_gen.edits import Remove, Rename
from memshelf_gen.lint.rule import Rule
from memshelf_gen.lint.subject import Flaw, SchemaFile, Subject
from memshelf_gen.problem import did_you_mean, nearest, shown

LINT = "x-lint"


def _found_by_suppressions(_: Subject) -> Iterable[Flaw]:
    """Find nothing: what a suppression did is known only when every other rule has been asked."""
    return ()


INVALID = Rule(
    id="invalid-suppression",
    severity="error",
    text="`x-lint` names a rule that there is not, or gives no reason",
    check=_found_by_suppressions,
    fixable=True,
)
UNUSED = Rule(
    id="unused-suppression",
    severity="warning",
    text="`x-lint` suppresses a rule that finds nothing there",
    check=_found_by_suppressions,
    fixable=True,
)
RULES = (INVALID, UNUSED)


@dataclass(slots=True)
class Suppressions:
    """The suppressions of one file, and which of them were used."""

    file: SchemaFile
    rules: Mapping[str, Rule]
    reasons: dict[Steps, dict[str, str]] = field(default_factory=dict)
    used: set[tuple[Steps, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        for subject in self.file.subjects:
            written = subject.keywords.get(LINT)
            if isinstance(written, dict):
                self.reasons[subject.at] = written

    def hold(self, rule: Rule, at: Steps) -> bool:
        """Tell whether a rule is suppressed at a place or above it, and note that this was of use."""
        for length in range(len(at), -1, -1):
            reason = self.reasons.get(at[:length], {}).get(rule.id)
            if _is_reason(reason) and self.can_be_suppressed(rule):
                self.used.add((at[:length], rule.id))
                return True
        return False

    def can_be_suppressed(self, rule: Rule) -> bool:
        """Tell whether a schema may silence a rule: not one that stops generation, nor one on suppressions."""
        return not rule.stops and rule.id not in (INVALID.id, UNUSED.id)

    def invalid(self) -> Iterator[Flaw]:
        """Give what is wrong with the suppressions themselves."""
        for subject in self.file.subjects:
            if LINT not in subject.keywords:
                continue
            written = subject.keywords[LINT]
            if not isinstance(written, dict):
                fix = "write {rule-id: why it does not hold here}"
                yield subject.flaw(f"must be an object, got {shown(written)}", LINT, fix=fix)
                continue
            for id, reason in written.items():
                if fault := self._invalid(id, reason):
                    near = "" if id in self.rules else nearest(id, self.rules)
                    edits = (Rename((*subject.at, LINT, id), near),) if near else ()
                    yield subject.flaw(fault[0], LINT, id, fix=fault[1], edits=edits)

    def _invalid(self, id: str, reason: Any) -> tuple[str, str] | None:
        if id not in self.rules:
            near = did_you_mean(id, self.rules).removeprefix("; ")
            return "there is no such rule", near or "memshelf-gen lint --list names all"
        if not self.can_be_suppressed(self.rules[id]):
            return "this rule cannot be suppressed", "mend what it finds"
        if not _is_reason(reason):
            return "has no reason", "say in a sentence why the rule does not hold here"
        return None

    def unused(self, asked: Iterable[Rule]) -> Iterator[Flaw]:
        """Give the suppressions of rules that were asked and found nothing there."""
        ids = {rule.id for rule in asked}
        for at, reasons in self.reasons.items():
            for id, reason in reasons.items():
                if id in ids and _is_reason(reason) and (at, id) not in self.used:
                    here = (*at, LINT, id)
                    yield Flaw(here, "suppresses nothing", "remove it", edits=(Remove(here),))


def _is_reason(reason: Any) -> bool:
    return isinstance(reason, str) and bool(reason.strip())
