"""Read the schemas of before: from a commit, without checking it out, or from a folder."""

from __future__ import annotations

import os
import posixpath
import tomllib
from codecs import BOM_UTF8
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from memshelf_gen.commit import GitFault, Repository
from memshelf_gen.gather import is_schema, read_folder
from memshelf_gen.load import Folder, read_documents
from memshelf_gen.problem import InvalidInput, Problem
from memshelf_gen.settings import FILE, ProjectConfig


@dataclass(frozen=True, slots=True)
class Past:
    """The schemas of before."""

    folder: Folder
    same: frozenset[str]
    """The sources of those files that are byte for byte what they were."""


def read_past(config: ProjectConfig, against: str, now: Folder) -> Past:
    """Read the schemas of a folder (of schemas, or of a project), or else of a commit of the project's repository.

    Files that have not changed are taken from those of now.

    Raises:
        InvalidInput: there is no such folder and no such commit, or it has no schemas.
    """
    problems: list[Problem] = []
    try:
        if _is_folder(config, against):
            place, above = _within(config, Path(against), against.rstrip("/"))
            contents = dict(read_folder(place, problems, above=above))
        else:
            contents, above = _of_commit(config, against, problems)
    except GitFault as fault:
        raise _wrong(str(fault)) from None
    if not contents:
        raise _wrong(f"there are no schemas in {above}; name a commit or a folder that has some")
    known = {each.source: each for each in now.documents if _is(contents.get(each.source), each.text)}
    found = read_documents(contents, above=above, known=known)
    return Past(replace(found, problems=(*problems, *found.problems)), frozenset(known))


def _is_folder(config: ProjectConfig, against: str) -> bool:
    if not against.strip():
        raise _wrong("names neither a commit nor a folder; is a variable empty?")
    if not os.path.isdir(against):
        return False
    if not against.startswith((".", "/", "~")) and Repository(config.root).has(against):
        raise _wrong(f"{against!r} is a folder and a commit; write ./{against} for the one, {against}^0 for the other")
    return True


def _is(content: bytes | None, text: str) -> bool:
    return content is not None and content.removeprefix(BOM_UTF8) == text.encode()


def _within(config: ProjectConfig, folder: Path, shown: str) -> tuple[Path, str]:
    """Give the folder of schemas in a folder, and what stands before their sources when people read them."""
    file = folder / FILE
    has_own = any(is_schema(each) for each in os.listdir(folder))
    otherwise = config.schemas if not has_own and (folder / config.schemas).is_dir() else ""
    schemas = _schemas(file.read_bytes() if file.is_file() else b"", otherwise)
    return (folder / schemas, f"{shown}/{schemas}/") if schemas else (folder, f"{shown}/")


def _of_commit(config: ProjectConfig, name: str, problems: list[Problem]) -> tuple[dict[str, bytes | None], str]:
    """Give the contents of the schemas of a commit, and what stands before their sources when people read them."""
    git = Repository(config.root)
    tree = git.tree(name)
    place, otherwise = ("", "") if ":" in name else (git.here(), config.schemas)
    settings = git.file(tree, place + FILE)
    schemas = _schemas(settings, otherwise or ("schemas" if settings else "."))
    top = posixpath.normpath(posixpath.join(place, schemas))
    start = f"{name}:" if ":" not in name else name if name.endswith((":", "/")) else f"{name}/"
    above = start if top == "." else f"{start}{top}/"
    contents: dict[str, bytes | None] = {}
    for source, content in git.files(tree, top, is_schema):
        contents[source] = content if isinstance(content, bytes) else None
        if not isinstance(content, bytes):
            problems.append(Problem(f"{above}{source}", 0, 0, "", content.why))
    return contents, above


def _schemas(pyproject: bytes, otherwise: str) -> str:
    """Give the schema folder that a pyproject.toml of before names."""
    try:
        table: Any = tomllib.loads(pyproject.decode("utf-8")).get("tool", {}).get("memshelf")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, AttributeError):
        return otherwise
    named = table.get("schemas", "schemas") if isinstance(table, dict) else otherwise
    return named if isinstance(named, str) else otherwise


def _wrong(text: str) -> InvalidInput:
    return InvalidInput([Problem("--against", 0, 0, "", text)])
