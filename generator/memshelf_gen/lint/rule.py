"""A rule says what is wrong with one schema, and how grave that is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from memshelf_gen.finding import Severity
from memshelf_gen.lint.subject import Flaw, Subject

Check: TypeAlias = Callable[[Subject], Iterable[Flaw]]
"""Gives the flaws of one schema. It is called once for each schema of each file, and reads nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of `memshelf-gen lint`."""

    id: str
    """In kebab-case: `open-object`."""
    severity: Severity
    """The gravity of its findings when the project says nothing else."""
    text: str
    """What it finds, in one sentence that begins with a small letter: `an object does not say whether it is open`."""
    check: Check
    help: str = ""
    """Why, with a bad and a good example, in Markdown: what `--explain` prints."""
    stops: bool = False
    """Whether what it finds stops generation, so that the rule can be neither switched off nor suppressed."""
    fixable: bool = False
    """Whether some of its flaws carry edits, so that `--fix` mends them."""


def rule(id: str, severity: Severity, text: str, *, help: str = "", fixable: bool = False) -> Callable[[Check], Rule]:
    """Make a rule of the function below."""
    return lambda check: Rule(id=id, severity=severity, text=text, check=check, help=help, fixable=fixable)
