"""Record in a file beside the generated ones what was written, from what and by which release.

From it stale files are told from those that people put there, files edited by hand from those whose schemas have
changed since, and renamed jobs from new ones. A worker compares the digests of the sources with the schema folder.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from memshelf_gen.emit.header import MARK

MANIFEST = ".memshelf-gen.json"
TEMPORARY = ".memshelf-gen-tmp-"
"""Starts the names of files that are being written; one is left only when the process was killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What one generation wrote. A record that cannot be read, after a bad merge for instance, is an empty one."""

    memshelf: str = ""
    """The release that wrote the files; empty when it was not installed."""
    emitters: Mapping[str, str] = field(default_factory=dict)
    """By each emitter that the configuration names: its distribution and the version of that."""
    package: str = ""
    """The generated package, dotted."""
    jobs: Mapping[str, str] = field(default_factory=dict)
    """The name on the wire of each job, by its schema's path without its suffix."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """The digest of each schema file, by its path below the schema folder."""
    files: Mapping[str, str] = field(default_factory=dict)
    """The digest of each file, by its path below the generated package; of this record itself, no digest."""


def manifest(made: Manifest) -> str:
    """Give the record's text, everything sorted."""
    record = {
        "memshelf": made.memshelf,
        **({"emitters": dict(sorted(made.emitters.items()))} if made.emitters else {}),
        "package": made.package,
        "jobs": dict(sorted(made.jobs.items())),
        "sources": dict(sorted(made.sources.items())),
        "files": {path: made.files[path] for path in sorted(made.files) if path != MANIFEST},
    }
    return json.dumps(record, indent=2, ensure_ascii=False) + "\n"


def read_manifest(text: str) -> Manifest:
    """Read a record: what makes sense of it, nothing of one that is no JSON."""
    try:
        loaded = json.loads(text)
    except (ValueError, RecursionError):
        return Manifest()
    if not isinstance(loaded, dict):
        return Manifest()
    return Manifest(
        memshelf=loaded["memshelf"] if isinstance(loaded.get("memshelf"), str) else "",
        emitters=_texts(loaded.get("emitters")),
        package=loaded["package"] if isinstance(loaded.get("package"), str) else "",
        jobs=_texts(loaded.get("jobs")),
        sources=_texts(loaded.get("sources")),
        files=_texts(_digested(loaded.get("files"))),
    )


def is_ours(path: str, text: str, listed: Mapping[str, str]) -> bool:
    """Tell whether memshelf-gen wrote a file: it is recorded, or its first line says so."""
    return path in listed or path == MANIFEST or text.startswith(MARK) or is_temporary(path)


def is_temporary(path: str) -> bool:
    """Tell whether a file was left by a process that was killed while it wrote."""
    return path.rpartition("/")[2].startswith(TEMPORARY)


def digest_of(text: str) -> str:
    """Give the digest of a generated file."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def source_digest(content: bytes) -> str:
    """Give the digest of a schema file: lines that are a comment or empty, and how lines end, are no part of it.

    The runtime has the same function, `memshelf.sources.source_digest`: it cannot read YAML, and shall not take a
    comment or a checkout with other line ends for a changed contract.
    """
    lines = [line.rstrip() for line in re.split(rb"\r\n?|\n", content.removeprefix(b"\xef\xbb\xbf"))]
    kept = b"\n".join(line for line in lines if line and not line.lstrip().startswith(b"#"))
    return hashlib.sha256(kept).hexdigest()


def _digested(files: Any) -> Any:
    """Read the list of paths that the record once was: all that it lacks are the digests."""
    return {path: "" for path in files if isinstance(path, str)} if isinstance(files, list) else files


def _texts(value: Any) -> dict[str, str]:
    return {key: each for key, each in value.items() if isinstance(each, str)} if isinstance(value, dict) else {}
