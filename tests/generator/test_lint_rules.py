"""Every rule's text has a bad example, in which lint finds that rule and nothing else, and a good one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from memshelf_gen.lint.inspection import inspect
from memshelf_gen.lint.rules import own_rules, sections
from memshelf_gen.settings import ProjectConfig

HEAD = """\
$schema: https://json-schema.org/draft/2020-12/schema
description: Do one thing.
x-job: {}
type: object
additionalProperties: false
properties:
"""
MARKED = "# here"
IDS = [rule.id for rule in own_rules()]


def examples(rule: str, kind: str) -> list[str]:
    return re.findall(rf"^```yaml\n# {kind}\n(.*?)^```$", sections()[rule], flags=re.S | re.M)


def files(example: str) -> dict[str, str]:
    """Give an example's files; one that is no whole schema is the properties of a job."""
    parts = re.split(r"^# (schemas/\S+)\n", example, flags=re.M)
    found = {"schemas/job.yaml": parts[0]} if parts[0].strip() else {}
    found |= dict(zip(parts[1::2], parts[2::2], strict=True))
    return {
        path: text if "$schema:" in text or "$defs:" in text else HEAD + indented(text) for path, text in found.items()
    }


def indented(text: str) -> str:
    return "".join(f"  {line}" for line in text.splitlines(keepends=True))


def found(folder: Path, example: str) -> tuple[list[tuple[str, str, int]], list[tuple[str, int]]]:
    """Write an example and give what lint finds, and the lines that are marked."""
    marks = []
    for path, text in files(example).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
        marks += [(path, number) for number, line in enumerate(text.splitlines(), 1) if line.endswith(MARKED)]
    findings = inspect(ProjectConfig(root=folder), own_rules()).findings
    return [(each.rule, each.path, each.line) for each in findings], marks


def test_every_rule_is_explained_and_nothing_else() -> None:
    assert list(sections()) == IDS


@pytest.mark.parametrize("rule", IDS)
def test_a_rule_has_examples(rule: str) -> None:
    assert examples(rule, "bad")
    assert examples(rule, "good")


@pytest.mark.parametrize(("rule", "number"), [(id, number) for id in IDS for number in range(len(examples(id, "bad")))])
def test_lint_finds_the_rule_at_the_marked_lines_of_a_bad_example(rule: str, number: int, tmp_path: Path) -> None:
    findings, marks = found(tmp_path, examples(rule, "bad")[number])
    assert findings == [(rule, path, line) for path, line in marks]
    assert marks


@pytest.mark.parametrize(
    ("rule", "number"), [(id, number) for id in IDS for number in range(len(examples(id, "good")))]
)
def test_lint_finds_nothing_in_a_good_example(rule: str, number: int, tmp_path: Path) -> None:
    assert found(tmp_path, examples(rule, "good")[number])[0] == []
