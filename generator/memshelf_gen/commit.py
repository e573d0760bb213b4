"""Read the files of a commit of a git repository, without checking it out."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

_OF_A_HOOK = frozenset(("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_NAMESPACE"))
"""What git sets for its hooks, relative to another folder; the project's own folder says which repository is meant."""
_LINK, _SUBMODULE = "120000", "160000"
_SUBMODULE_TOLD = "is a submodule, whose files are in another repository; name a folder with the schemas of before"


class GitFault(Exception):
    """Git is not there, or does not find what it is asked for; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Unreached:
    """A file whose content git does not give."""

    why: str


@dataclass(frozen=True, slots=True)
class Repository:
    """The git repository that a folder is in."""

    folder: Path

    def has(self, name: str) -> bool:
        """Tell whether a name means a commit here; git need not be there."""
        try:
            return self._id(f"{name}^{{commit}}") is not None
        except GitFault:
            return False

    def tree(self, name: str) -> str:
        """Give the tree of a commit, or of a folder in a commit: `main`, `main:services/mail`. Raises GitFault."""
        inside = self._run("rev-parse", "--git-dir")
        if inside.returncode:
            told = " ".join(inside.stderr.decode("utf-8", "replace").split())
            nowhere = "this project is in no git repository"
            raise GitFault(f"{name!r} is no folder, and {nowhere if 'not a git repository' in told else told}")
        named = self._id(name if ":" in name else f"{name}^{{commit}}")
        found = self._id(f"{named}^{{tree}}") if named else None
        if found is None:
            shallow = self._text("rev-parse", "--is-shallow-repository").strip() == "true"
            hint = "this clone is shallow: fetch more, in CI with fetch-depth: 0" if shallow else "fetch it first"
            file = "a file, and not" if os.path.isfile(name) else "neither a folder nor"
            raise GitFault(f"{name!r} is {file} a commit of this repository; {hint}")
        return found

    def here(self) -> str:
        """Give the folder's own place in the repository, with a slash at the end; empty at the top."""
        return self._text("rev-parse", "--show-prefix").removesuffix("\n")

    def file(self, tree: str, path: str) -> bytes:
        """Give the content of one file; empty when there is none."""
        [found] = self._contents([f"{tree}:{path}"])
        return found if isinstance(found, bytes) else b""

    def files(self, tree: str, folder: str, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes | Unreached]]:
        """Give the files in a folder and below by their paths from there, sorted; links to files are followed.

        A submodule is given as a file that cannot be read: its files are in another repository.
        Raises GitFault when the folder itself is in one.

        Args:
            tree: The tree.
            folder: The path of the folder in it; `.` for all of it.
            wanted: Tells whether a path is of interest.
        """
        place = "" if folder == "." else f"{folder}/"
        found = self._run("cat-file", "--batch-check", "--follow-symlinks", given=f"{tree}:{place}\n").stdout.split()
        if found[1:2] != [b"tree"]:
            if self._is_in_submodule(tree, folder):
                raise GitFault(f"{folder} {_SUBMODULE_TOLD}")
            return
        listed = self._text("ls-tree", "-r", "-z", "--full-tree", found[0].decode()).split("\0")
        entries = sorted((path, *about.split()) for about, _, path in (each.partition("\t") for each in listed if each))
        kept = [each for each in entries if each[1] == _SUBMODULE or wanted(each[0])]
        asked = [
            f"{tree}:{place}{path}" if mode == _LINK else blob for path, mode, _, blob in kept if mode != _SUBMODULE
        ]
        contents = iter(self._contents(asked))
        for path, mode, *_ in kept:
            yield path, Unreached(_SUBMODULE_TOLD) if mode == _SUBMODULE else next(contents)

    def _is_in_submodule(self, tree: str, folder: str) -> bool:
        steps = folder.split("/")
        above = ["/".join(steps[: length + 1]) for length in range(len(steps))]
        return any(self._text("ls-tree", "--full-tree", tree, "--", each).startswith(_SUBMODULE) for each in above)

    def _contents(self, names: list[str]) -> list[bytes | Unreached]:
        """Give the content of each of some objects, with one process for all of them."""
        asked = "".join(f"{name}\n" for name in names if "\n" not in name).encode("utf-8", "surrogateescape")
        told = self._run("cat-file", "--batch", "--follow-symlinks", given=asked).stdout
        found: list[bytes | Unreached] = []
        at = 0
        for name in names:
            if "\n" in name:
                found.append(Unreached("is a link whose name has a line break"))
                continue
            head = told[at : told.index(b"\n", at)]
            at += len(head) + 1
            if head.endswith(b" missing"):
                found.append(Unreached("is not in this clone; fetch all of the commit"))
                continue
            size = int(head.split()[-1])
            is_file = head.split()[1] == b"blob"
            found.append(
                told[at : at + size] if is_file else Unreached("is a link that leads to no file of the commit")
            )
            at += size + 1
        return found

    def _id(self, name: str) -> str | None:
        found = self._run("rev-parse", "--verify", "--quiet", "--end-of-options", name)
        return found.stdout.decode().strip() if found.returncode == 0 else None

    def _text(self, *arguments: str) -> str:
        done = self._run(*arguments)
        if done.returncode:
            raise GitFault(f"git {arguments[0]}: {done.stderr.decode('utf-8', 'replace').strip()}")
        return done.stdout.decode("utf-8", "surrogateescape")

    def _run(self, *arguments: str, given: str | bytes = b"") -> subprocess.CompletedProcess[bytes]:
        command = ["git", "-C", str(self.folder), "--literal-pathspecs", *arguments]
        around = {name: value for name, value in os.environ.items() if name not in _OF_A_HOOK} | {"LC_ALL": "C"}
        said = given if isinstance(given, bytes) else given.encode("utf-8", "surrogateescape")
        try:
            return subprocess.run(command, input=said, capture_output=True, check=False, env=around)
        except FileNotFoundError:
            raise GitFault("git is not installed; install it, or name a folder with the schemas of before") from None
