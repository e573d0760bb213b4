"""Read every schema file of a folder, YAML and JSON, with the position of each value."""

from __future__ import annotations

import dataclasses
import os
import stat
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from memshelf_gen.document import Document, Mark
from memshelf_gen.jsontext import read_json
from memshelf_gen.manifest import source_digest
from memshelf_gen.nodes import Flattening, Unreadable
from memshelf_gen.problem import Problem
from memshelf_gen.yamltext import read_yaml

SUFFIXES = (".json", ".yaml", ".yml")


@dataclasses.dataclass(frozen=True, slots=True)
class Folder:
    """What a schema folder holds: the files that can be read, and what is wrong with the others."""

    documents: tuple[Document, ...]
    problems: tuple[Problem, ...]
    unread: frozenset[str]
    """The sources of the files that cannot be read, so that references to them are no second fault."""
    above: str
    """What stands before a source where people read it: `schemas/`."""


def load(folder: Path, *, shown: str, instead: Mapping[str, bytes] | None = None) -> Folder:
    """Read all files of a folder and the folders in it; names that begin with a dot are left alone.

    Args:
        folder: The schema folder.
        shown: How problems call the folder: its path relative to the project, with forward slashes.
        instead: What some files hold in place of what the disk says, by their paths relative to the folder.
    """
    if not folder.is_dir():
        missing = Problem(shown, 0, 0, "", "there is no such folder; [tool.memshelf] schemas names the schema folder")
        return Folder((), (missing,), frozenset(), "")
    problems: list[Problem] = []
    above = "" if shown == "." else f"{shown}/"
    contents = {**dict(read_folder(folder, problems, above=above)), **(instead or {})}
    if not contents and not problems:
        problems.append(
            Problem(shown, 0, 0, "", "there is no schema in this folder; names of schemas end in .yaml, .yml or .json")
        )
    found = read_documents(contents, above=above)
    return dataclasses.replace(found, problems=(*problems, *found.problems))


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


def read_documents(
    contents: Mapping[str, bytes | None], *, above: str, known: Mapping[str, Document] = MappingProxyType({})
) -> Folder:
    """Read the contents of files.

    Args:
        contents: The contents by their sources; None for what could not be read.
        above: What stands before a source where people read it.
        known: Documents of other files with the very same contents, by the sources of these.
    """
    documents: list[Document] = []
    problems: list[Problem] = []
    for source, content in contents.items():
        path = f"{above}{source}"
        if not _is_line(source):
            text = "the name is not UTF-8 or has a control character in it; give the file another"
            problems.append(Problem("".join(map(_visible, path)), 0, 0, "", text))
            continue
        if source in known:
            documents.append(dataclasses.replace(known[source], path=path))
            continue
        faults: list[Unreadable] = []
        try:
            documents += [] if content is None else [read_document(content, faults, source=source, path=path)]
        except Unreadable as fault:
            faults.append(fault)
        problems += [Problem(path, fault.mark.line, fault.mark.column, fault.where, fault.text) for fault in faults]
    unread = contents.keys() - {document.source for document in documents}
    return Folder(tuple(documents), tuple(problems), frozenset(unread), above)


def read_document(content: bytes, faults: list[Unreadable], *, source: str, path: str) -> Document:
    """Read one file's content, as JSON when its name ends so.

    Faults after which the rest can be read are added to `faults`. Raises Unreadable for the others.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = len(content[: error.start].rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
        raise Unreadable(Mark(line, column), "not UTF-8; save the file in UTF-8") from None
    node = read_json(text, faults) if source.lower().endswith(".json") else read_yaml(text, faults)
    if node is None:
        raise Unreadable(Mark(1, 1), "the file is empty; a schema is an object")
    flattening = Flattening({})
    value = flattening.flatten(node, (), node.mark)
    if not isinstance(value, dict):
        raise Unreadable(node.mark, "a schema file must hold an object at its top")
    return Document(source, path, value, flattening.marks, source_digest(content), text)


def _is_line(name: str) -> bool:
    """Tell whether a name can be printed, on one line."""
    return all(unicodedata.category(sign) not in ("Cc", "Cs", "Zl", "Zp") for sign in name)


def _visible(sign: str) -> str:
    """Give a sign as it can be printed: `\\n` for a line break, `\\udcff` for a byte that is not UTF-8."""
    return sign if _is_line(sign) else repr(sign)[1:-1]


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
