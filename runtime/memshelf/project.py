"""The project around the working folder: what `[tool.memshelf]` of the nearest pyproject.toml says."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from memshelf.errors import InputError


@dataclass(frozen=True, slots=True)
class Project:
    """Where a project keeps its schemas and its code."""

    root: Path
    """The folder of its pyproject.toml."""
    source: Path
    """The folder that holds its packages."""
    schemas: Path
    generated: str
    """The generated package, dotted."""
    jobs: str
    """The package of the handlers, dotted."""
    services: str | None
    """The module that registers services, dotted."""

    def folders(self) -> tuple[Path, ...]:
        """Give the folders and files that say what a worker does."""
        modules = [self.generated, self.jobs, *([self.services] if self.services else [])]
        homes = [self.source.joinpath(*module.split(".")) for module in modules]
        return (self.schemas, *(home if home.is_dir() else home.with_suffix(".py") for home in homes))


def nearest_project(start: Path) -> Project | None:
    """Find the project of a folder; None if no pyproject.toml above it speaks of memshelf.

    Raises:
        InputError: a pyproject.toml on the way cannot be read.
    """
    for folder in (start, *start.parents):
        path = folder / "pyproject.toml"
        if not path.is_file():
            continue
        section = _section(path)
        if section is not None:
            return _project(folder, section, path)
    return None


def _section(path: Path) -> dict[str, Any] | None:
    try:
        section = tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {}).get("memshelf")
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from error
    if section is not None and not isinstance(section, dict):
        raise InputError(f"{path}: tool.memshelf: must be a table")
    return section


def _project(root: Path, section: dict[str, Any], path: Path) -> Project:
    def text(key: str, default: str) -> str:
        value = section.get(key, default)
        if not isinstance(value, str):
            raise InputError(f"{path}: tool.memshelf.{key}: must be a text, got {value!r}")
        return value

    services = text("services", "").partition(":")[0]
    return Project(
        root=root,
        source=root / text("source", "."),
        schemas=root / text("schemas", "schemas"),
        generated=text("generated", "generated"),
        jobs=text("jobs", "jobs"),
        services=services or None,
    )
