"""Bring a folder or a file that people named for an export up to date, and touch nothing in it that is theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from memshelf_gen.disk import Plan, carry_out
from memshelf_gen.drift import difference
from memshelf_gen.problem import InvalidInput, Problem
from memshelf_gen.results import Difference, Written


def compare(folder: Path, files: Mapping[str, str], *, stale: Iterable[str] = ()) -> tuple[Difference, ...]:
    """Give the difference between a folder and the files that an export has; nothing is written."""
    return tuple(_differences(folder, files, stale))


def write(folder: Path, files: Mapping[str, str], *, stale: Iterable[str] = ()) -> Written:
    """Make a folder hold these files: only those that differ are touched, and stale ones go."""
    paths: dict[str, list[str]] = {"missing": [], "stale": [], "obsolete": []}
    for each in _differences(folder, files, stale):
        paths[each.kind].append(each.path)
    changed = [name for name in files if shown(folder / name) in (*paths["missing"], *paths["stale"])]
    carry_out(
        Plan(
            writes={folder / name: files[name].encode("utf-8") for name in changed},
            removals=tuple(Path(path) for path in paths["obsolete"]),
            tops=(folder,),
        )
    )
    return Written(*(tuple(each) for each in paths.values()))


def _differences(folder: Path, files: Mapping[str, str], stale: Iterable[str]) -> Iterator[Difference]:
    for name, text in files.items():
        found, path = read(folder / name), shown(folder / name)
        if found is None:
            yield difference("missing", path, "is not there; this export writes it", old=None, new=text)
        elif found != text:
            yield difference("stale", path, "is not what this export writes", old=found, new=text)
    for name in sorted({*stale} - files.keys()):
        old = read(folder / name)
        yield difference("obsolete", shown(folder / name), "no job asks for it any more", old=old, new=None)


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
