"""Bring a folder or a file that people named for an export up to date, and touch nothing in it that is theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from memshelf_gen.disk import put
from memshelf_gen.drift import diff
from memshelf_gen.problem import InvalidInput, Problem
from memshelf_gen.results import Changed, Drift, Written


def compare(folder: Path, files: Mapping[str, str], *, stale: Iterable[str] = ()) -> Drift:
    """Give the difference between a folder and the files that an export has; nothing is written."""
    found = {name: text for name in files if (text := read(folder / name)) is not None}
    return Drift(
        missing=tuple(shown(folder / name) for name in files if name not in found),
        changed=tuple(
            Changed(shown(folder / name), diff(shown(folder / name), found[name], text))
            for name, text in files.items()
            if name in found and found[name] != text
        ),
        unexpected=tuple(shown(folder / name) for name in sorted({*stale} - files.keys())),
    )


def write(folder: Path, files: Mapping[str, str], *, stale: Iterable[str] = ()) -> Written:
    """Make a folder hold these files, in their order: only those that differ are touched, then stale ones go."""
    drift = compare(folder, files, stale=stale)
    for name, text in files.items():
        if read(folder / name) != text:
            put(folder / name, text)
    for path in drift.unexpected:
        Path(path).unlink()
    return Written(drift.missing, tuple(each.path for each in drift.changed), drift.unexpected)


def refuse_strangers(folder: Path, files: Mapping[str, str], is_ours: Callable[[str, str], bool]) -> None:
    """Raise InvalidInput when a file of somebody else's stands where an export would be written."""
    strangers = [
        name
        for name, text in files.items()
        if (found := read(folder / name)) is not None and found != text and not is_ours(name, found)
    ]
    if strangers:
        text = "is here already, and memshelf-gen did not write it; move it, or choose another folder"
        raise InvalidInput(Problem(shown(folder / name), 0, 0, "", text) for name in strangers)


def read(path: Path) -> str | None:
    """Give a file's text, None when there is none; bytes that are no UTF-8 make it differ from all that we write."""
    return path.read_bytes().decode("utf-8", errors="backslashreplace") if path.is_file() else None


def shown(path: Path) -> str:
    """Give a path as people know it."""
    return path.as_posix()
