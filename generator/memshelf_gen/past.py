"""Read the schemas of before: from a commit, without checking it out, or from a folder."""

from __future__ import annotations

import posixpath
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from memshelf_gen.document import Document
from memshelf_gen.load import SUFFIXES, load, read_document
from memshelf_gen.nodes import Unreadable
from memshelf_gen.problem import InvalidInput, Problem
from memshelf_gen.settings import FILE, ProjectConfig


@dataclass(frozen=True, slots=True)
class Past:
    """The schemas of before."""

    documents: tuple[Document, ...]
    problems: tuple[Problem, ...]
    unread: frozenset[str]


def read_past(config: ProjectConfig, against: str) -> Past:
    """Read the schemas of a folder (of schemas, or of a project), or else of a commit of the project's repository.

    Raises:
        InvalidInput: there is no such folder and no such commit, or it has no schemas.
    """
    folder = Path(against)
    if folder.is_dir():
        return _from_folder(folder, against.rstrip("/"))
    return _from_commit(config, against)


def _from_folder(folder: Path, shown: str) -> Past:
    file = folder / FILE
    text = file.read_bytes() if file.is_file() else b""
    schemas = _schemas(text, "schemas" if (folder / "schemas").is_dir() and text else "")
    place = folder / schemas if schemas else folder
    found = load(place, shown=f"{shown}/{schemas}" if schemas else shown)
    if not found.documents and not found.unread:
        raise InvalidInput(found.problems)
    return Past(found.documents, found.problems, found.unread)


def _from_commit(config: ProjectConfig, ref: str) -> Past:
    git = _Git(config.root)
    commit = git.commit(ref)
    prefix = git.text("rev-parse", "--show-prefix").rstrip("\n")
    settings = git.files(commit, [prefix + FILE])
    schemas = posixpath.normpath(_schemas(settings.get(prefix + FILE, b""), config.schemas))
    top = posixpath.normpath(posixpath.join(prefix, schemas))
    blobs = git.files(commit, [top])
    documents: list[Document] = []
    problems: list[Problem] = []
    unread: set[str] = set()
    for path, content in sorted(blobs.items()):
        source = posixpath.relpath(path, top)
        if not source.lower().endswith(SUFFIXES) or any(part.startswith(".") for part in source.split("/")):
            continue
        shown = f"{ref}:{path}"
        faults: list[Unreadable] = []
        try:
            documents.append(read_document(content, faults, source=source, path=shown))
        except Unreadable as fault:
            faults.append(fault)
            unread.add(source)
        problems += [Problem(shown, fault.mark.line, fault.mark.column, fault.where, fault.text) for fault in faults]
    if not documents and not unread:
        raise _wrong(f"there are no schemas in {top}/ at {ref}; name a commit that has some")
    return Past(tuple(documents), tuple(problems), frozenset(unread))


def _schemas(pyproject: bytes, otherwise: str) -> str:
    """Give the schema folder that a pyproject.toml of before names."""
    try:
        table: Any = tomllib.loads(pyproject.decode("utf-8")).get("tool", {}).get("memshelf")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, AttributeError):
        return otherwise
    named = table.get("schemas", "schemas") if isinstance(table, dict) else otherwise
    return named if isinstance(named, str) else otherwise


@dataclass(frozen=True, slots=True)
class _Git:
    folder: Path

    def run(self, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        command = ["git", "-C", str(self.folder), "--literal-pathspecs", *arguments]
        try:
            return subprocess.run(command, input=given, capture_output=True, check=False)
        except FileNotFoundError:
            raise _wrong("git is not installed; install it, or name a folder with the schemas of before") from None

    def text(self, *arguments: str) -> str:
        done = self.run(*arguments)
        if done.returncode:
            raise _wrong(f"git {arguments[0]}: {done.stderr.decode('utf-8', 'replace').strip()}")
        return done.stdout.decode("utf-8", "surrogateescape")

    def commit(self, ref: str) -> str:
        """Give the commit that a name means."""
        if self.run("rev-parse", "--git-dir").returncode:
            raise _wrong(f"{ref!r} is no folder, and this project is in no git repository")
        found = self.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
        if found.returncode:
            shallow = self.text("rev-parse", "--is-shallow-repository").strip() == "true"
            hint = "this clone is shallow: fetch more, in CI with fetch-depth: 0" if shallow else "fetch it first"
            raise _wrong(f"{ref!r} is neither a folder nor a commit of this repository; {hint}")
        return found.stdout.decode().strip()

    def files(self, commit: str, paths: list[str]) -> dict[str, bytes]:
        """Give the content of the files at some paths and below them, with one process for all contents."""
        listed = self.text("ls-tree", "-r", "-z", "--full-tree", commit, "--", *paths)
        entries = [entry.partition("\t") for entry in listed.split("\0") if entry]
        named = {path: about.split() for about, _, path in entries}
        blobs = {path: about[2] for path, about in named.items() if about[0] in ("100644", "100755")}
        content = self.run("cat-file", "--batch", given="".join(f"{each}\n" for each in blobs.values()).encode()).stdout
        found: dict[str, bytes] = {}
        at = 0
        for path in blobs:
            head, _, _ = content[at:].partition(b"\n")
            size = int(head.split()[-1])
            start = at + len(head) + 1
            found[path] = content[start : start + size]
            at = start + size + 1
        return found


def _wrong(text: str) -> InvalidInput:
    return InvalidInput([Problem("--against", 0, 0, "", text)])
