"""Rules on the values that a schema itself holds: examples and defaults."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from memshelf_gen.lint.rule import Rule, rule
from memshelf_gen.lint.subject import Flaw, Subject

_FIXED = ("type", "const", "enum", "format", "pattern")


@rule("invalid-example", "error", "an example is not valid under its own schema")
def invalid_example(subject: Subject) -> Iterator[Flaw]:
    examples = subject.keywords.get("examples")
    for index, example in enumerate(examples if isinstance(examples, list) else ()):
        yield from _judged(subject, example, "examples", index)


@rule("invalid-default", "error", "a default is not valid under its own schema")
def invalid_default(subject: Subject) -> Iterator[Flaw]:
    if "default" in subject.keywords:
        yield from _judged(subject, subject.keywords["default"], "default")


def _judged(subject: Subject, value: Any, *steps: str | int) -> Iterator[Flaw]:
    """Give what is wrong with a value that stands some steps inside a schema."""
    judge = subject.judge()
    if judge is None or judge.is_valid(value):
        return
    error = min(judge.iter_errors(value), key=lambda each: len(each.instance_path))
    what = "the example" if steps[0] == "examples" else "the default"
    place = "".join(f" at {'.'.join(map(str, error.instance_path))}" if error.instance_path else "")
    text = f"{what} is not valid here{place}: {error.message[:200]}"
    yield subject.flaw(text, *steps, *error.instance_path, fix=f"correct {what}, or the schema")


RULES: tuple[Rule, ...] = (invalid_example, invalid_default)
