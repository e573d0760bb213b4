"""Read every schema file of a folder, YAML and JSON, with the position of each value."""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from memshelf_gen.document import Document, Mark
from memshelf_gen.gather import Gathered, gather
from memshelf_gen.jsontext import read_json
from memshelf_gen.manifest import source_digest
from memshelf_gen.nodes import Flattening, Unreadable
from memshelf_gen.problem import Problem
from memshelf_gen.yamltext import read_yaml


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
    gathered = gather(folder, shown=shown)
    return read_all(dataclasses.replace(gathered, contents={**gathered.contents, **(instead or {})}))


def read_all(gathered: Gathered) -> Folder:
    """Read all files that were gathered in a folder."""
    found = read_documents(gathered.contents, above=gathered.above)
    return dataclasses.replace(found, problems=(*gathered.problems, *found.problems))


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
