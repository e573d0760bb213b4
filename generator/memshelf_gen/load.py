"""Read every schema file of a folder, YAML and JSON, with the position of each value."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from memshelf_gen.document import Document, Mark
from memshelf_gen.jsontext import read_json
from memshelf_gen.manifest import source_digest
from memshelf_gen.nodes import Flattening, Unreadable
from memshelf_gen.problem import Problem
from memshelf_gen.yamltext import read_yaml

SUFFIXES = (".json", ".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Folder:
    """What a schema folder holds: the files that can be read, and what is wrong with the others."""

    documents: tuple[Document, ...]
    problems: tuple[Problem, ...]
    unread: frozenset[str]
    """The sources of the files that cannot be read, so that references to them are no second fault."""


def load(folder: Path, *, shown: str) -> Folder:
    """Read all files of a folder and the folders in it; names that begin with a dot are left alone.

    Args:
        folder: The schema folder.
        shown: How problems call the folder: its path relative to the project, with forward slashes.
    """
    if not folder.is_dir():
        missing = Problem(shown, 0, 0, "", "there is no such folder; [tool.memshelf] schemas names the schema folder")
        return Folder((), (missing,), frozenset())
    documents: list[Document] = []
    problems: list[Problem] = []
    sources = list(_sources(folder, problems, shown))
    if not sources and not problems:
        problems.append(
            Problem(shown, 0, 0, "", "there is no schema in this folder; names of schemas end in .yaml, .yml or .json")
        )
    for source in sources:
        path = source if shown == "." else f"{shown}/{source}"
        faults: list[Unreadable] = []
        try:
            documents.append(read_document((folder / source).read_bytes(), faults, source=source, path=path))
        except Unreadable as fault:
            faults.append(fault)
        except OSError as error:
            problems.append(Problem(path, 0, 0, "", f"cannot be read: {error.strerror}"))
        problems += [Problem(path, fault.mark.line, fault.mark.column, fault.where, fault.text) for fault in faults]
    unread = frozenset(sources) - {document.source for document in documents}
    return Folder(tuple(documents), tuple(problems), unread)


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


def _sources(folder: Path, problems: list[Problem], shown: str, below: str = "") -> Iterator[str]:
    """Give the schema files of a folder in the order of their names, in those below it too."""
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        name = f"{below}{entry.name}"
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _sources(folder / entry.name, problems, shown, f"{name}/")
        elif entry.is_dir():
            problems.append(
                Problem(f"{shown}/{name}", 0, 0, "", "a link to a folder is not followed; put the files here")
            )
        elif entry.name.lower().endswith(SUFFIXES):
            yield name
