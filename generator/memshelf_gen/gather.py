"""Gather the bytes of every schema file of a folder, unread."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from memshelf_gen.problem import Problem

SUFFIXES = (".json", ".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a schema folder holds."""

    contents: Mapping[str, bytes | None]
    """The contents by their sources; None for what could not be read."""
    problems: tuple[Problem, ...]
    """What is wrong with the folder, and with files that cannot be read."""
    above: str
    """What stands before a source where people read it: `schemas/`."""


def gather(folder: Path, *, shown: str) -> Gathered:
    """Gather the files of a folder and of the folders in it; names that begin with a dot are left alone.

    Args:
        folder: The schema folder.
        shown: How problems call the folder: its path relative to the project, with forward slashes.
    """
    if not folder.is_dir():
        missing = Problem(shown, 0, 0, "", "there is no such folder; [tool.memshelf] schemas names the schema folder")
        return Gathered({}, (missing,), "")
    problems: list[Problem] = []
    above = "" if shown == "." else f"{shown}/"
    contents = dict(read_folder(folder, problems, above=above))
    if not contents and not problems:
        problems.append(
            Problem(shown, 0, 0, "", "there is no schema in this folder; names of schemas end in .yaml, .yml or .json")
        )
    return Gathered(contents, tuple(problems), above)


def read_folder(folder: Path, problems: list[Problem], *, above: str) -> Iterator[tuple[str, bytes | None]]:
    """Give the schema files of a folder by their sources, with their contents; None, and a problem, for the unreadable.

    Args:
        folder: The schema folder.
        problems: Where problems go.
        above: What stands before a source where people read it: `schemas/`.
    """
    for source in _sources(folder, problems, above):
        content, fault = _read(folder / source)
        if fault:
            problems.append(Problem(f"{above}{source}", 0, 0, "", fault))
        yield source, content


def _read(file: Path) -> tuple[bytes | None, str]:
    """Give the content of a file, or what is wrong with it; what is no file could be without an end."""
    try:
        about = os.stat(file)
        if not stat.S_ISREG(about.st_mode):
            return None, "is no file; only files and folders belong into the schema folder"
        return file.read_bytes(), ""
    except OSError as error:
        return None, f"cannot be read: {error.strerror}"


def is_schema(source: str) -> bool:
    """Tell whether a path is that of a schema file: by its suffix, and no part of it begins with a dot."""
    return source.lower().endswith(SUFFIXES) and not any(part.startswith(".") for part in source.split("/"))


def _sources(folder: Path, problems: list[Problem], above: str, below: str = "") -> Iterator[str]:
    """Give the schema files of a folder in the order of their names, in those below it too."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        problems.append(Problem(f"{above}{below}".rstrip("/"), 0, 0, "", f"cannot be read: {error.strerror}"))
        return
    for entry in entries:
        name = f"{below}{entry.name}"
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _sources(folder / entry.name, problems, above, f"{name}/")
        elif os.path.isdir(entry):
            text = "a link to a folder is not followed; put the files here"
            problems.append(Problem(f"{above}{name}", 0, 0, "", text))
        elif entry.name.lower().endswith(SUFFIXES):
            yield name
