"""Check the names of all files: each can be made, and no two are the same when case does not count."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from memshelf_gen.document import Document, Steps
from memshelf_gen.jobkeys import JOB
from memshelf_gen.naming import WIRE_NAME, module_name, name_job
from memshelf_gen.problem import Problem
from memshelf_gen.spec import Names

_RESERVED_METHODS = ("queue_many",)


def check_names(documents: Iterable[Document], *, jobs: str, services: str | None) -> Iterator[Problem]:
    """Give every clash of names, at the later of the two files."""
    files = [_named(document) for document in sorted(documents, key=lambda document: document.source)]
    described = [file for file in files if file.names]
    yield from _check_wire_names(described)
    clashing: set[frozenset[str]] = set()
    for claims in (_modules(files, jobs, services), _methods(described), _classes(described), _lookups(described)):
        yield from _check_claims(claims, clashing)


@dataclass(frozen=True, slots=True)
class _File:
    document: Document
    module: str
    names: Names | None
    """None for a file of shared definitions."""


@dataclass(frozen=True, slots=True)
class _Claim:
    """One name that a file wants for itself."""

    name: str
    what: str
    """How the name is called: `the method queue_email`."""
    owner: str
    """The path of the file, or who else has the name."""
    document: Document | None
    at: Steps = ()


def _named(document: Document) -> _File:
    settings = document.value.get(JOB)
    wire = settings.get("name") if isinstance(settings, dict) else None
    good = isinstance(wire, str) and WIRE_NAME.fullmatch(wire)
    names = name_job(document.source, wire=wire if good else None) if JOB in document.value else None
    return _File(document, module_name(document.source), names)


def _check_wire_names(files: list[_File]) -> Iterator[Problem]:
    for file in files:
        if file.names and not file.names.wire:
            text = "the file's path makes no name for the wire; write one, such as name: send-email"
            yield file.document.problem((JOB,), text, where=(JOB, "name"))
        for at, name in _previous(file.document):
            if file.names and name == file.names.wire:
                yield file.document.problem(at, f"{name!r} is the job's name now; list only names that it had before")


def _check_claims(claims: Iterable[_Claim], clashing: set[frozenset[str]]) -> Iterator[Problem]:
    """Give the claims to a name that another file has; two files that clash in many names are told once."""
    first: dict[str, _Claim] = {}
    for claim in claims:
        held = first.setdefault(claim.name.casefold(), claim)
        pair = frozenset((held.owner, claim.owner))
        if held.owner == claim.owner or pair in clashing or claim.document is None:
            continue
        clashing.add(pair)
        same = "" if held.what == claim.what else f" ({held.what})"
        yield claim.document.problem(claim.at, f"{claim.what} is taken by {held.owner}{same}; rename one of them")


def _modules(files: list[_File], jobs: str, services: str | None) -> Iterator[_Claim]:
    """Give the modules and the packages: neither two files nor two folders nor one of each have the same name."""
    if services and services.startswith(f"{jobs}."):
        module = services.partition(":")[0].removeprefix(f"{jobs}.")
        yield _Claim(module, f"the module {module}", "the services in [tool.memshelf]", None)
    for file in files:
        folder = posixpath.dirname(file.document.source)
        while folder:
            package = module_name(f"{folder}/x").rpartition(".")[0]
            top = posixpath.dirname(file.document.path.removesuffix(file.document.source) + "x")
            yield _Claim(package, f"the package {package}", f"{top}/{folder}/".lstrip("/"), file.document)
            folder = posixpath.dirname(folder)
    for file in files:
        yield _Claim(file.module, f"the module {file.module}", file.document.path, file.document)


def _methods(files: list[_File]) -> Iterator[_Claim]:
    for method in _RESERVED_METHODS:
        yield _Claim(method, f"the method {method}", "a method that every queue has", None)
    for names, document in _jobs(files):
        stem = names.method
        for method in (f"queue_{stem}", f"queue_{stem}_many", f"schedule_{stem}", f"every_{stem}"):
            yield _Claim(method, f"the method {method}", document.path, document)


def _classes(files: list[_File]) -> Iterator[_Claim]:
    for names, document in _jobs(files):
        yield _Claim(names.class_stem, f"the class {names.class_stem}Payload", document.path, document)


def _lookups(files: list[_File]) -> Iterator[_Claim]:
    """Give the names by which a job is found: on the wire, by its path, and those of before."""
    for names, document in _jobs(files):
        settings: Any = document.value[JOB]
        given = isinstance(settings, dict) and "name" in settings
        yield _Claim(names.key, f"the job {names.key}", document.path, document)
        if names.wire:
            at: Steps = (JOB, "name") if given else (JOB,)
            yield _Claim(names.wire, f"the job name {names.wire}", document.path, document, at)
    for _, document in _jobs(files):
        for at, name in _previous(document):
            yield _Claim(name, f"the job name {name}", document.path, document, at)


def _previous(document: Document) -> Iterator[tuple[Steps, str]]:
    settings = document.value[JOB]
    previous = settings.get("previous_names") if isinstance(settings, dict) else None
    for index, name in enumerate(previous if isinstance(previous, list) else ()):
        if isinstance(name, str):
            yield (JOB, "previous_names", index), name


def _jobs(files: list[_File]) -> Iterator[tuple[Names, Document]]:
    return ((file.names, file.document) for file in files if file.names)
