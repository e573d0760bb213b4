"""What the commands of memshelf-gen give back; every path is relative to the project's folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from memshelf_gen.spec import ProjectSpec


@dataclass(frozen=True, slots=True)
class Written:
    """What was done to the generated package."""

    created: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    """Files of people in the generated folder: left alone."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A file that differs from what the schemas say."""

    path: str
    diff: str
    """Unified: from the file on disk to the one that memshelf-gen would write."""


@dataclass(frozen=True, slots=True)
class Drift:
    """How the disk differs from the schemas."""

    missing: tuple[str, ...] = ()
    changed: tuple[Changed, ...] = ()
    unexpected: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.missing or self.changed or self.unexpected)


@dataclass(frozen=True, slots=True)
class Generated:
    """What one generation did."""

    project: ProjectSpec
    written: Written
    stubs: tuple[str, ...]
    """Handler files that were created."""
    adjusted: tuple[str, ...]
    """Handler files whose imports and annotations were brought up to date."""
    orphans: tuple[str, ...]
    """Handler files whose schema is gone."""
    unfit: tuple[str, ...]
    """Handler files that cannot handle their job, each with the reason."""


@dataclass(frozen=True, slots=True)
class Checked:
    """How a project differs from its schemas."""

    project: ProjectSpec
    drift: Drift
    orphans: tuple[str, ...]
    unfit: tuple[str, ...]

    @property
    def clean(self) -> bool:
        """Whether there is nothing to do, for the generator and for people."""
        return not (self.drift or self.orphans or self.unfit)


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
