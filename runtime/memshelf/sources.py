"""Compare the schema folder, where a worker finds one, with what its generated code was made of.

In production there is no schema folder, and nothing to compare. In a checkout, and in an image that was built of one,
somebody may have changed a schema and not generated anew: the worker would judge by the old one.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal

from memshelf.errors import InputError, SchemaDriftError
from memshelf.project import nearest_project

MANIFEST = ".memshelf-gen.json"
"""The record of a generation, in the generated package."""
SUFFIXES = (".json", ".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Difference:
    """A schema folder that is not what a generated package was made of."""

    package: str
    """The generated package, dotted."""
    folder: Path
    """The schema folder."""
    changed: tuple[str, ...]
    """The files that differ, are new or are gone, below the folder."""

    def __str__(self) -> str:
        return f"{self.folder}: changed since {self.package} was generated: {self.listed}; run memshelf-gen"

    @property
    def listed(self) -> str:
        """The first of the files, as text."""
        return ", ".join(self.changed[:10]) + (", …" if len(self.changed) > 10 else "")


def unwanted(packages: Iterable[str], drift: Literal["warn", "refuse", "ignore"]) -> tuple[Difference, ...]:
    """Give the differences that a worker must warn of at its start.

    Raises:
        SchemaDriftError: there is one, and it is to be refused.
    """
    found = differences(packages) if drift != "ignore" else ()
    if found and drift == "refuse":
        raise SchemaDriftError(str(found[0]))
    return found


def differences(packages: Iterable[str]) -> tuple[Difference, ...]:
    """Compare the schema folders of generated packages with the records in them; what has no folder is left out."""
    homes = {package: files(package) for package in sorted(set(packages))}
    # A package that is no folder is in an archive, with no checkout around it.
    found = (difference(package, home) for package, home in homes.items() if isinstance(home, Path))
    return tuple(each for each in found if each is not None)


def difference(package: str, home: Path) -> Difference | None:
    """Compare the schemas of a generated package with the record in its folder; None if there is nothing to say."""
    recorded, folder = _recorded(home), _schema_folder(package, home)
    if recorded is None or folder is None:
        return None
    found = {path: source_digest((folder / path).read_bytes()) for path in _sources(folder)}
    changed = sorted(path for path in {*recorded, *found} if recorded.get(path) != found.get(path))
    return Difference(package, folder, tuple(changed)) if changed else None


def source_digest(content: bytes) -> str:
    """Give the digest of a schema file, as memshelf-gen records it: without comments, empty lines and line ends.

    A worker cannot read YAML, and shall not take a comment or another checkout for a changed contract.
    """
    lines = [line.rstrip() for line in re.split(rb"\r\n?|\n", content.removeprefix(b"\xef\xbb\xbf"))]
    kept = b"\n".join(line for line in lines if line and not line.lstrip().startswith(b"#"))
    return hashlib.sha256(kept).hexdigest()


def _recorded(home: Path) -> dict[str, str] | None:
    """Give the digests that the last generation recorded; None if it recorded none."""
    try:
        record = json.loads((home / MANIFEST).read_text(encoding="utf-8"))
        return dict(record["sources"])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _schema_folder(package: str, home: Path) -> Path | None:
    """Find the schemas of the project around a generated package, if it is the project's own."""
    try:
        project = nearest_project(home.resolve())
    except InputError:
        return None
    if project is None or project.generated != package or not project.schemas.is_dir():
        return None
    lies = project.source.joinpath(*package.split("."))
    return project.schemas if lies.resolve() == home.resolve() else None


def _sources(folder: Path, below: str = "") -> Iterator[str]:
    """Give the schema files of a folder, those that memshelf-gen reads."""
    for entry in os.scandir(folder):
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _sources(folder / entry.name, f"{below}{entry.name}/")
        elif entry.name.lower().endswith(SUFFIXES) and entry.is_file():
            yield f"{below}{entry.name}"
