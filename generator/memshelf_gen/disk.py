"""Read and write the files of a project: the generator's only way to the disk."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from errno import EISDIR
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Writes and removals that belong together; paths are absolute."""

    writes: Mapping[Path, bytes] = field(default_factory=dict)
    moves: Mapping[Path, Path] = field(default_factory=dict)
    """For a file in `writes` that was called something else, what it was called: it moves, then its text changes."""
    removals: tuple[Path, ...] = ()
    tops: tuple[Path, ...] = ()
    """Folders that stay when everything in them goes; others are removed when they are left empty."""
    held: Mapping[Path, bytes | None] = field(default_factory=dict)
    """What files of people held when the plan was made; None for one that was not there."""


class SavedMeanwhile(Exception):
    """Somebody has saved a file since the plan was made; nothing was written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(str(path))


def plan_package(folder: Path, files: Mapping[str, str], found: Found, *, top: str) -> tuple[Plan, Written]:
    """Say what makes the folder hold these files: only those that differ are touched, and stale ones of ours go.

    `top` is the folder as people know it.
    """
    created = [path for path in files if path not in found.files]
    updated = [path for path in files if path in found.files and found.files[path] != files[path]]
    stale = sorted(found.ours - files.keys())
    foreign = sorted(found.files.keys() - found.ours - files.keys())
    plan = Plan(
        writes={folder / path: files[path].encode("utf-8") for path in (*created, *updated)},
        removals=tuple(folder / path for path in stale),
        tops=(folder,),
    )
    return plan, Written(*(tuple(f"{top}/{path}" for path in paths) for paths in (created, updated, stale, foreign)))


def join(plans: Iterable[Plan]) -> Plan:
    """Make one plan of several."""
    every = tuple(plans)
    return Plan(
        writes={path: data for plan in every for path, data in plan.writes.items()},
        moves={path: origin for plan in every for path, origin in plan.moves.items()},
        removals=tuple(path for plan in every for path in plan.removals),
        tops=tuple(top for plan in every for top in plan.tops),
        held={path: data for plan in every for path, data in plan.held.items()},
    )


def carry_out(plan: Plan) -> None:
    """Do what a plan says, all of it or nothing as far as a file system allows.

    First every file is written beside its place: if the disk fills up or a folder takes no files, nothing has changed.
    Then each is moved to its place, so that no reader sees half of one, and a process that is killed in between leaves
    whole files. The record of the generation comes last, behind the removals too: until then the next run knows what
    the last one did, and does the rest.

    Raises:
        SavedMeanwhile: somebody has saved a file that the plan changes.
        OSError: the disk does not take the files.
    """
    made: list[Path] = []
    staged: dict[Path, Path] = {}
    try:
        for path in plan.writes:
            place = Path(os.path.realpath(path))  # What a link points to is the file; the link stays.
            if place.is_dir():
                raise IsADirectoryError(EISDIR, os.strerror(EISDIR), str(path))
            made += [folder for folder in reversed(place.parents) if not folder.exists()]
            staged[path] = _stage(place, plan.writes[path], like=plan.moves.get(path, place))
        for path, data in plan.held.items():
            there = path.read_bytes() if path.exists() else None
            if there != data and there != plan.writes.get(path, data):  # another run may have done the same
                raise SavedMeanwhile(path)
        last = [path for path in staged if path.name == MANIFEST]
        _put_in_place(staged, [path for path in staged if path not in last], plan.moves)
        for path in plan.removals:
            path.unlink(missing_ok=True)
        _put_in_place(staged, last, plan.moves)
    except BaseException:
        for temporary in staged.values():
            temporary.unlink(missing_ok=True)
        for folder in reversed(made):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        raise
    for path in (*plan.removals, *plan.moves.values()):
        _remove_empty_parents(path, plan.tops)


def _put_in_place(staged: dict[Path, Path], paths: Iterable[Path], moves: Mapping[Path, Path]) -> None:
    for path in paths:
        if path in moves:
            os.replace(moves[path], path)
        os.replace(staged[path], os.path.realpath(path))
        del staged[path]


def put(path: Path, text: str) -> None:
    """Write one file atomically; its folders are made, its permissions kept."""
    carry_out(Plan(writes={path: text.encode("utf-8")}))


def _stage(place: Path, data: bytes, *, like: Path) -> Path:
    """Write a file beside its place, with the permissions of the one that it replaces or else those of new files."""
    place.parent.mkdir(parents=True, exist_ok=True)
    mode = like.stat().st_mode & 0o7777 if like.exists() else 0o666 & ~_umask()
    handle, temporary = tempfile.mkstemp(prefix=TEMPORARY, dir=place.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, mode)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return Path(temporary)


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


def _remove_empty_parents(path: Path, tops: Collection[Path]) -> None:
    for parent in path.parents:
        below = any(top in parent.parents for top in tops)
        if not below or not parent.is_dir() or any(child.name not in _CACHES for child in parent.iterdir()):
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
