"""Let emitters of other distributions add files to the generated package, each in a folder of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from memshelf_gen.extensions import Extension, described, find
from memshelf_gen.problem import InvalidInput
from memshelf_gen.settings import ProjectConfig
from memshelf_gen.spec import ProjectSpec

GROUP = "memshelf_gen.emitters"

_COMPILED = (".pyc", ".pyo", ".so")


@dataclass(frozen=True, slots=True)
class Emitted:
    """What the emitters of a project made."""

    files: Mapping[str, str] = field(default_factory=dict)
    """The text of each file by its path below the generated package."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """By emitter: its distribution and the version of that."""


def emit(project: ProjectSpec, config: ProjectConfig, *, taken: Mapping[str, str]) -> Emitted:
    """Run the emitters that the configuration names, in its order.

    Args:
        project: what they read.
        config: names them.
        taken: the files of the generated package, among which no emitter has a place.

    Raises:
        InvalidInput: one is not installed, fails, or gives what cannot be written; it is named.
    """
    if not config.emitters:
        return Emitted()
    files: dict[str, str] = {}
    versions = {}
    for emitter in find(GROUP, tuple(config.emitters), setting="emitters"):
        if emitter.name in (own := {PurePosixPath(path).parts[0].removesuffix(".py") for path in taken}):
            names = ", ".join(sorted(name for name in own if name.isidentifier()))
            raise emitter.fault(f"has the name of a part of the generated package; none may be called {names}")
        files |= {f"{emitter.name}/{path}": text for path, text in _run(emitter, project, config).items()}
        versions[emitter.name] = emitter.origin
    return Emitted(files, versions)


def _run(emitter: Extension, project: ProjectSpec, config: ProjectConfig) -> Mapping[str, str]:
    function = emitter.load()
    if not callable(function):
        raise emitter.fault(f"is no function: {emitter.point.value} is {function!r}")
    try:
        made = function(project, config)
    except InvalidInput:
        # The emitter's own refusal of a schema, with its position.
        raise
    # Somebody else's function may raise anything; nothing has been written yet, and nothing will be.
    except (Exception, SystemExit) as error:
        raise emitter.fault(f"failed: {described(error)}") from error
    if not isinstance(made, Mapping):
        raise emitter.fault(f"must give a mapping of paths to texts, gave {type(made).__name__}")
    seen: dict[str, str] = {}
    for path, text in made.items():
        if wrong := _wrong(path, text) or _clash(path, seen):
            raise emitter.fault(f"gave a file that cannot be written, {path!r}: {wrong}")
        seen[path.casefold()] = path
    return made


def _wrong(path: object, text: object) -> str:
    """Say what is wrong with one file; empty when it is good."""
    if not isinstance(path, str) or not isinstance(text, str):
        return f"path and text must be texts, got {type(path).__name__} and {type(text).__name__}"
    parts = path.split("/")
    if any(part in ("", ".", "..") for part in parts) or "\\" in path or ":" in path:
        return "the path must be below the emitter's folder, with forward slashes"
    if any(part.startswith(".") for part in parts) or "__pycache__" in parts or path.endswith(_COMPILED):
        return "names that begin with a dot, caches and compiled files are left out of a comparison"
    if not path.isprintable() or _unwritable(path) or _unwritable(text):
        return "it holds characters that are no text in UTF-8"
    return ""


def _clash(path: str, seen: Mapping[str, str]) -> str:
    """Say with which other path a path cannot be on one disk."""
    folded = path.casefold()
    if folded in seen:
        return f"it differs from {seen[folded]!r} in upper and lower case only"
    for other in seen.values():
        below, above = f"{other.casefold()}/", f"{folded}/"
        if folded.startswith(below) or other.casefold().startswith(above):
            return f"{other!r} is a file, or a folder, of the same name"
    return ""


def _unwritable(text: str) -> bool:
    return any("\ud800" <= sign <= "\udfff" for sign in text)
