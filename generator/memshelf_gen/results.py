"""What the commands of memshelf-gen give back; every path is relative to the project's folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from memshelf_gen.problem import Problem
from memshelf_gen.spec import ProjectSpec


@dataclass(frozen=True, slots=True)
class Written:
    """What was done to the generated package."""

    created: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    """Files of people in the generated folder: left alone."""


Kind: TypeAlias = Literal[
    "missing",
    "edited",
    "stale",
    "changed",
    "obsolete",
    "release",
    "unexpected",
    "handler-missing",
    "handler-incomplete",
    "handler-outdated",
    "handler-moved",
    "handler-leftover",
    "handler-orphaned",
    "handler-unfit",
    "handler-unimplemented",
]
"""What is the matter with a file; `docs/generator.md` has the table."""

NOTES: frozenset[Kind] = frozenset({"handler-unimplemented"})
"""The kinds that are no drift: told, and a fault only for those who are strict."""
BY_HAND: frozenset[Kind] = frozenset({"unexpected", "handler-orphaned", "handler-unfit", "handler-unimplemented"})
"""The kinds that only people can put right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One file that is not as the schemas say."""

    kind: Kind
    path: str
    text: str
    """What is the matter, and what puts it right."""
    diff: str = ""
    """Unified: from the file on disk to the one that memshelf-gen would write; empty when there is only one of them."""
    insertions: int = 0
    deletions: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """What one generation did."""

    project: ProjectSpec
    written: Written
    stubs: tuple[str, ...] = ()
    """Handler files that were created."""
    appended: tuple[str, ...] = ()
    """Files of people that were given the stub of a handler."""
    adjusted: tuple[str, ...] = ()
    """Handler files whose imports and annotations were brought up to date."""
    moved: Mapping[str, str] = field(default_factory=dict)
    """Where handlers of renamed jobs went: the new path of each old one."""
    orphans: tuple[str, ...] = ()
    """Handler files whose schema is gone."""
    unfit: tuple[str, ...] = ()
    """Handler files that cannot handle their job, each with the reason."""
    hints: tuple[str, ...] = ()
    """What people may have meant: a new job that looks like one that is gone."""

    @property
    def changed(self) -> tuple[str, ...]:
        """Every file that was written, moved or removed."""
        written = self.written
        handlers = (*self.stubs, *self.appended, *self.adjusted, *self.moved.values())
        return (*written.created, *written.updated, *written.removed, *handlers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One generation while somebody watches, and why there was one."""

    because: tuple[str, ...]
    """The files that changed; none in the first round."""
    schemas: str
    """The schema folder."""
    seconds: float
    generated: Generated | None
    """What was done; None when it was refused."""
    problems: tuple[Problem, ...]
    """Why it was refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """How a project differs from its schemas."""

    project: ProjectSpec
    differences: tuple[Difference, ...]
    hints: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether there is nothing to do, for the generator and for people; a stub still to be written is no drift."""
        return all(each.kind in NOTES for each in self.differences)

    def of(self, kind: Kind) -> tuple[str, ...]:
        """Give the paths of one kind."""
        return tuple(each.path for each in self.differences if each.kind == kind)


@dataclass(frozen=True, slots=True)
class Listed:
    """One job, as `memshelf-gen list` shows it."""

    name: str
    schema: str
    method: str
    queue: str
    handler: str
    state: Literal["written", "stub", "missing", "unfit"]


@dataclass(frozen=True, slots=True)
class Started:
    """What a new project or a new job was given."""

    created: tuple[str, ...]
    left: Mapping[str, str]
    """Files that were there already, each with the lines that one may want to add."""
    generated: Generated
