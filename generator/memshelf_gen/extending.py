"""What other distributions build on: the values that an emitter reads, and how it refuses them.

This module and the fields of what it names change as the versioning of memshelf says; the rest of memshelf_gen may
change with any release.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from memshelf_gen.problem import InvalidInput, Problem
from memshelf_gen.settings import ProjectConfig
from memshelf_gen.spec import JobSpec, Names, ProjectSpec, RetrySpec, SharedSpec

__all__ = [
    "Emit",
    "InvalidInput",
    "JobSpec",
    "Names",
    "Problem",
    "ProjectConfig",
    "ProjectSpec",
    "RetrySpec",
    "SharedSpec",
]


class Emit(Protocol):
    """An emitter: what an entry point of the group `memshelf_gen.emitters` names.

    Args:
        project: every job, checked and complete, sorted by source.
        config: the project's configuration.

    Returns:
        The text of each file by its path below the emitter's folder, with forward slashes. It may depend on the
        arguments and on the emitter's version alone: not on the time, the machine, the disk or the order of a set.

    Raises:
        InvalidInput: a schema cannot be used; each problem names its file.
    """

    def __call__(self, project: ProjectSpec, config: ProjectConfig, /) -> Mapping[str, str]: ...
