"""A finding is one thing that a rule says of a schema: where it is, how grave it is, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Severity: TypeAlias = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Finding:
    """One finding, read as `schemas/email.yaml:7:5: warning: properties.to: has no description [description]`."""

    path: str
    """The file, relative to the project's folder, with forward slashes."""
    line: int
    """From 1; 0 when the finding has no line, because its file is gone for instance."""
    column: int
    """From 1, in characters."""
    where: str
    """The place inside the document, such as `properties.to.type`; empty for the whole of it."""
    rule: str
    """The rule's id: `open-object`."""
    severity: Severity
    text: str
    """What is wrong, in one sentence without a full stop."""
    fix: str = ""
    """What would be right, in the imperative: `write additionalProperties: false`."""
    witness: Any = field(default=None, compare=False)
    """A payload that proves the finding, where there is one."""

    def __str__(self) -> str:
        position = f"{self.path}:{self.line}:{self.column}" if self.line else self.path
        said = ": ".join(part for part in (position, self.severity, self.where, self.text) if part)
        return f"{said}{f'; {self.fix}' if self.fix else ''} [{self.rule}]"
