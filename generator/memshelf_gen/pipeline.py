"""The order of the steps: read the project, render its files, look at the disk, then write or compare."""

from __future__ import annotations

import os
import tomllib
from dataclasses import replace
from pathlib import Path

from memshelf_gen.disk import look, put, put_bytes, write
from memshelf_gen.drift import compare, diff
from memshelf_gen.emit.style import line_length
from memshelf_gen.exports.folder import read
from memshelf_gen.exports.metaschema import NAME, metaschema
from memshelf_gen.parse import read_project
from memshelf_gen.release import release
from memshelf_gen.render import render
from memshelf_gen.results import Changed, Checked, Drift, Generated, Listed
from memshelf_gen.scaffold import Adjusted, Scaffold, handler_file, handler_state, survey
from memshelf_gen.settings import FILE, ProjectConfig


def generate(config: ProjectConfig) -> Generated:
    """Bring the generated package and the handler stubs up to date.

    Raises:
        InvalidInput: the schemas are not usable; nothing was written.
    """
    project = read_project(config)
    length = _line_length(config)
    files = render(project, config, release=release() or "", line_length=length)
    scaffold = survey(project, config, line_length=length)
    folder = config.generated_folder
    written = write(folder, files, look(folder), top=_shown(folder, config))
    stale = _stale_help(config)
    for change in stale:
        put(config.root / change.path, metaschema())
    for path, text in scaffold.created.items():
        put(path, text)
    for each in scaffold.adjusted:
        put_bytes(each.path, each.new)
    return Generated(
        project,
        replace(written, updated=(*written.updated, *(each.path for each in stale))),
        stubs=tuple(_shown(path, config) for path in scaffold.created),
        adjusted=tuple(_shown(each.path, config) for each in scaffold.adjusted),
        orphans=_orphans(scaffold, config),
        unfit=_unfit(scaffold, config),
    )


def check(config: ProjectConfig) -> Checked:
    """Compare the disk with what `generate` would write.

    Raises:
        InvalidInput: the schemas are not usable.
    """
    project = read_project(config)
    length = _line_length(config)
    top = _shown(config.generated_folder, config)
    drift = compare(
        render(project, config, release=release() or "", line_length=length), look(config.generated_folder), top=top
    )
    scaffold = survey(project, config, line_length=length)
    whole = Drift(
        missing=(*drift.missing, *(_shown(path, config) for path in scaffold.created)),
        changed=(
            *drift.changed,
            *(_changed(_shown(each.path, config), each) for each in scaffold.adjusted),
            *_stale_help(config),
        ),
        unexpected=drift.unexpected,
    )
    return Checked(project, whole, _orphans(scaffold, config), _unfit(scaffold, config))


def list_jobs(config: ProjectConfig) -> tuple[Listed, ...]:
    """Give every job with the state of its handler.

    Raises:
        InvalidInput: the schemas are not usable.
    """
    return tuple(
        Listed(
            name=job.names.wire,
            schema=f"{config.schemas}/{job.source}",
            method=f"queue_{job.names.method}",
            queue=job.queue,
            handler=_shown(handler_file(job, config), config),
            state=handler_state(handler_file(job, config)),
        )
        for job in read_project(config).jobs
    )


def _stale_help(config: ProjectConfig) -> tuple[Changed, ...]:
    """Give the change that the file needs by which editors explain schemas; a project without it needs none."""
    path = _shown(config.schema_folder / NAME, config)
    found, wanted = read(config.schema_folder / NAME), metaschema()
    return () if found in (None, wanted) else (Changed(path, diff(path, found or "", wanted)),)


def _line_length(config: ProjectConfig) -> int:
    """Read how long the lines of this project are; a project without the file has black's own length."""
    file = config.root / FILE
    return line_length(tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {})


def _orphans(scaffold: Scaffold, config: ProjectConfig) -> tuple[str, ...]:
    return tuple(_shown(path, config) for path in scaffold.orphans)


def _unfit(scaffold: Scaffold, config: ProjectConfig) -> tuple[str, ...]:
    return tuple(f"{_shown(path, config)}: {reason}" for path, reason in scaffold.unfit.items())


def _changed(path: str, adjusted: Adjusted) -> Changed:
    old, new = (text.decode("utf-8", errors="replace") for text in (adjusted.old, adjusted.new))
    return Changed(path, diff(path, old, new))


def _shown(path: Path, config: ProjectConfig) -> str:
    return Path(os.path.relpath(path, config.root)).as_posix()
