"""Compare handlers with schemas: which files of people are missing, use old names, or have lost their schema."""

from __future__ import annotations

import ast
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from memshelf_gen.adjust import Expected, Unreadable, adjust
from memshelf_gen.emit.jobnames import dict_class, payload_class
from memshelf_gen.emit.stub import stub
from memshelf_gen.emit.style import shape
from memshelf_gen.manifest import MANIFEST
from memshelf_gen.settings import ProjectConfig
from memshelf_gen.spec import JobSpec, ProjectSpec

_PACKAGE = '"""Handlers of jobs: one module for each schema, with one function `handle`."""\n'


@dataclass(frozen=True, slots=True)
class Adjusted:
    """A handler's file with old names in it, as it is and as it should be."""

    path: Path
    old: bytes
    new: bytes


@dataclass(frozen=True, slots=True)
class Scaffold:
    """What the handler package needs; paths are absolute."""

    created: Mapping[Path, str]
    """The text of each file that does not exist yet."""
    adjusted: tuple[Adjusted, ...]
    orphans: tuple[Path, ...]
    """Files with a `handle` whose schema is gone."""
    unfit: Mapping[Path, str]
    """Files that exist and cannot handle their job, with the reason."""


def survey(project: ProjectSpec, config: ProjectConfig, *, line_length: int) -> Scaffold:
    """Look at the handler package; nothing is written."""
    folder = config.jobs_folder
    homes = {handler_file(job, config): job for job in project.jobs}
    created = {path: _stub(job, path, config, line_length) for path, job in homes.items() if not path.exists()}
    created |= {package: _PACKAGE for path in homes for package in _packages(path, folder) if not package.exists()}
    exported = _exported(project)
    adjusted, unfit = [], {}
    for path, job in homes.items():
        if path in created:
            continue
        old = path.read_bytes()
        try:
            new = adjust(old, _expected(job, config, exported))
        except Unreadable as error:
            unfit[path] = str(error)
            continue
        if handler_state(path) == "unfit":
            signature = f"def handle(job: Job[{payload_class(job)}], context: Context)"
            unfit[path] = f"has no function `handle`: define `{signature}`"
        if new != old:
            adjusted.append(Adjusted(path, old, new))
    return Scaffold(dict(sorted(created.items())), tuple(adjusted), _orphans(folder, homes.keys()), unfit)


def handler_file(job: JobSpec, config: ProjectConfig) -> Path:
    """Give the file in which a job's handler belongs."""
    return config.jobs_folder.joinpath(*job.names.module.split(".")).with_suffix(".py")


def handler_state(path: Path) -> Literal["written", "stub", "missing", "unfit"]:
    """Tell whether a handler's file has a body of its own."""
    if not path.exists():
        return "missing"
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return "unfit"
    handle = _handle(tree)
    if handle is None:
        return "written" if _binds_handle(tree) else "unfit"
    return "stub" if "NotImplementedError" in ast.unparse(handle.body[-1]) else "written"


def _stub(job: JobSpec, path: Path, config: ProjectConfig, line_length: int) -> str:
    text = stub(job, generated=config.generated, path=Path(os.path.relpath(path, config.root)).as_posix())
    return shape(text, line_length=line_length)


def _packages(path: Path, top: Path) -> list[Path]:
    return [parent / "__init__.py" for parent in path.parents if parent == top or top in parent.parents]


def _exported(project: ProjectSpec) -> frozenset[str]:
    """Give every name of the generated package."""
    payloads = {word for job in project.jobs for word in (payload_class(job), dict_class(job))}
    return frozenset(payloads | {"JobQueue", "AsyncJobQueue"})


def _expected(job: JobSpec, config: ProjectConfig, exported: frozenset[str]) -> Expected:
    return Expected(
        package=config.generated,
        module=job.names.module,
        payload=payload_class(job),
        exported=exported,
        is_former=lambda package: _is_former(config.root.joinpath(config.source, *package.split("."))),
    )


def _is_former(folder: Path) -> bool:
    """Tell whether a package was the generated one: nothing is there any more, or our list still is."""
    return (folder / MANIFEST).exists() or not (folder.exists() or folder.with_suffix(".py").exists())


def _orphans(folder: Path, homes: Collection[Path]) -> tuple[Path, ...]:
    """Find the files with a `handle` that no schema leads to; modules without one are people's own."""
    return tuple(path for path in sorted(folder.rglob("*.py")) if path not in homes and _has_handle(path))


def _has_handle(path: Path) -> bool:
    try:
        return _handle(ast.parse(path.read_bytes())) is not None
    except (SyntaxError, ValueError):
        return False


def _handle(tree: ast.Module) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return next((node for node in functions if node.name == "handle"), None)


def _binds_handle(tree: ast.Module) -> bool:
    """Tell whether a module defines `handle`, or imports or assigns it."""
    for node in tree.body:
        match node:
            case ast.FunctionDef(name="handle") | ast.AsyncFunctionDef(name="handle"):
                return True
            case ast.Assign(targets=[ast.Name(id="handle")]) | ast.AnnAssign(target=ast.Name(id="handle")):
                return True
            case ast.ImportFrom(names=names) if any((each.asname or each.name) == "handle" for each in names):
                return True
            case _:
                pass
    return False
