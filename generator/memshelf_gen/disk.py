"""Read and write the files of a project: the generator's only way to the disk."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from memshelf_gen.manifest import MANIFEST, TEMPORARY, Manifest, is_ours, read_manifest
from memshelf_gen.results import Written

_CACHES = {"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
_COMPILED = {".pyc", ".pyo", ".so"}


@dataclass(frozen=True, slots=True)
class Found:
    """What a generated package's folder holds now."""

    files: Mapping[str, str]
    """The text of each file, by its path below the folder; compiled files and caches left out."""
    ours: frozenset[str]
    """The paths that memshelf-gen wrote."""
    manifest: Manifest
    """What the last generation recorded."""


def look(folder: Path) -> Found:
    """Read a generated package's folder; a folder that does not exist is empty."""
    files = {path.relative_to(folder).as_posix(): _read(path) for path in _walk(folder)}
    recorded = read_manifest(files.get(MANIFEST, ""))
    ours = frozenset(path for path, text in files.items() if is_ours(path, text, recorded.files))
    return Found(files, ours, recorded)


def write(folder: Path, files: Mapping[str, str], found: Found, *, top: str) -> Written:
    """Make the folder hold these files: only those that differ are touched, and stale ones of ours go.

    Each file is written beside its place and moved there, so that no reader sees half of one. The list of files comes
    last: if the disk fills up midway, what was written is still known as ours by its header or by the old list.
    `top` is the folder as people know it.
    """
    created = [path for path in files if path not in found.files]
    updated = [path for path in files if path in found.files and found.files[path] != files[path]]
    for path in sorted({*created, *updated}, key=lambda path: path == MANIFEST):
        put(folder / path, files[path])
    stale = sorted(found.ours - files.keys())
    for path in stale:
        (folder / path).unlink()
        _remove_empty_parents(folder / path, folder)
    foreign = sorted(found.files.keys() - found.ours - files.keys())
    return Written(*(tuple(f"{top}/{path}" for path in paths) for paths in (created, updated, stale, foreign)))


def put(path: Path, text: str) -> None:
    """Write one file atomically; its folders are made, its permissions kept."""
    put_bytes(path, text.encode("utf-8"))


def put_bytes(path: Path, data: bytes) -> None:
    """Write one file atomically, byte for byte."""
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = path.stat().st_mode & 0o7777 if path.exists() else 0o666 & ~_umask()
    handle, temporary = tempfile.mkstemp(prefix=TEMPORARY, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _walk(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    paths = []
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - _CACHES)
        paths += [Path(parent, name) for name in sorted(names) if Path(name).suffix not in _COMPILED]
    return paths


def _read(path: Path) -> str:
    """Give a file's text; bytes that are no UTF-8 make it differ from anything that we write."""
    return path.read_bytes().decode("utf-8", errors="backslashreplace")


def _remove_empty_parents(path: Path, top: Path) -> None:
    for parent in path.parents:
        if parent == top or any(child.name not in _CACHES for child in parent.iterdir()):
            return
        for cache in parent.iterdir():
            _remove_tree(cache)
        parent.rmdir()


def _remove_tree(folder: Path) -> None:
    for parent, folders, names in os.walk(folder, topdown=False):
        for name in names:
            Path(parent, name).unlink()
        for name in folders:
            Path(parent, name).rmdir()
    folder.rmdir()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
