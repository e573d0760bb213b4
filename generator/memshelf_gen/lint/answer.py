"""What the command answers: what was found, what was mended, and how that is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from memshelf_gen.finding import Finding, Severity
from memshelf_gen.lint.rule import Rule
from memshelf_gen.outputs import Format, RuleText, Tool, failing, show


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an inspection found, and what was mended before."""

    rules: tuple[Rule, ...]
    """Every rule that there is."""
    findings: tuple[Finding, ...]
    """What is left."""
    files: int
    """How many files were looked at."""
    fixable: int
    """For how many of the findings there is a mechanical fix."""
    fixed: tuple[Finding, ...] = ()
    diffs: Mapping[str, str] = field(default_factory=dict)
    """For each file that was changed, or would be, a unified diff."""
    is_written: bool = False
    """Whether the files were written."""

    def fails(self, fail_on: Severity) -> bool:
        """Tell whether the command fails: for a finding that is grave enough, and for a file that waits for its fix."""
        return failing(self.findings, fail_on) or bool(self.diffs and not self.is_written)


def shown(answer: Answer, form: Format, *, fail_on: Severity, version: str | None) -> str:
    """Write an answer."""
    rules = [
        RuleText(id=rule.id, severity=rule.severity, text=rule.text, help=rule.help)
        for rule in sorted(answer.rules, key=lambda rule: rule.id)
    ]
    tool = Tool(name="memshelf-gen lint", version=version, page="urn:memshelf:docs/lint.md")
    text = show(answer.findings, form, tool=tool, rules=rules, fail_on=fail_on, more=_more(answer, fail_on))
    if form != "text":
        return text
    diffs = [] if answer.is_written else [each.rstrip("\n") for each in answer.diffs.values()]
    fixable = f"; --fix may mend {answer.fixable}" if answer.fixable else ""
    return "\n".join([*diffs, *_fixed(answer), f"{text}{fixable}"])


def _more(answer: Answer, fail_on: Severity) -> dict[str, Any]:
    return {
        "ok": not answer.fails(fail_on),
        "files": answer.files,
        "fixable": answer.fixable,
        "fixed": [asdict(each) for each in answer.fixed],
        "diffs": dict(answer.diffs),
    }


def _fixed(answer: Answer) -> list[str]:
    """Give a line for each file that was mended, or would be."""
    done = "mended" if answer.is_written else "would mend"
    counts = {path: sum(each.path == path for each in answer.fixed) for path in answer.diffs}
    return [f"{done} {count} finding{'s' if count != 1 else ''} in {path}" for path, count in counts.items()]
