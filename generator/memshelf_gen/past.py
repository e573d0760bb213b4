"""Read the schemas of before: from a commit, without checking it out, or from a folder."""

from __future__ import annotations

import posixpath
import subprocess
import tomllib
from codecs import BOM_UTF8
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from memshelf_gen.load import SUFFIXES, Folder, read_documents, read_folder
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
    folder = Path(against)
    if folder.is_dir():
        place, above = _within(folder, against.rstrip("/"))
        contents = dict(read_folder(place, problems, above=above))
    else:
        contents, above = _of_commit(config, against)
    if not contents:
        raise _wrong(f"there are no schemas in {above}; name a commit or a folder that has some")
    known = {each.source: each for each in now.documents if _is(contents.get(each.source), each.text)}
    found = read_documents(contents, above=above, known=known)
    return Past(replace(found, problems=(*problems, *found.problems)), frozenset(known))


def _is(content: bytes | None, text: str) -> bool:
    return content is not None and content.removeprefix(BOM_UTF8) == text.encode()


def _within(folder: Path, shown: str) -> tuple[Path, str]:
    """Give the folder of schemas in a folder, and what stands before their sources when people read them."""
    file = folder / FILE
    text = file.read_bytes() if file.is_file() else b""
    schemas = _schemas(text, "schemas" if (folder / "schemas").is_dir() and text else "")
    return (folder / schemas, f"{shown}/{schemas}/") if schemas else (folder, f"{shown}/")


def _of_commit(config: ProjectConfig, ref: str) -> tuple[dict[str, bytes | None], str]:
    """Give the contents of the schemas of a commit, and what stands before their sources when people read them."""
    git = _Git(config.root)
    commit = git.commit(ref)
    prefix = git.text("rev-parse", "--show-prefix").rstrip("\n")
    settings = git.files(commit, [prefix + FILE])
    schemas = posixpath.normpath(_schemas(settings.get(prefix + FILE, b""), config.schemas))
    top = posixpath.normpath(posixpath.join(prefix, schemas))
    files = {posixpath.relpath(path, top): content for path, content in sorted(git.files(commit, [top]).items())}
    contents: dict[str, bytes | None] = {
        source: content
        for source, content in files.items()
        if source.lower().endswith(SUFFIXES) and not any(part.startswith(".") for part in source.split("/"))
    }
    return contents, f"{ref}:" if top == "." else f"{ref}:{top}/"


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
