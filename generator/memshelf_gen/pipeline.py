"""The order of the steps: read the project, render its files, look at the disk, then write or compare."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from memshelf_gen.disk import Found, Plan, SavedMeanwhile, carry_out, join, look, plan_package
from memshelf_gen.drift import compare, difference
from memshelf_gen.emit.style import line_length
from memshelf_gen.exports.folder import read
from memshelf_gen.exports.published import EDITORS, metaschema
from memshelf_gen.making import make
from memshelf_gen.manifest import TEMPORARY
from memshelf_gen.problem import InvalidInput, Problem
from memshelf_gen.release import release
from memshelf_gen.renames import suggestions
from memshelf_gen.results import Checked, Difference, Generated, Kind, Listed
from memshelf_gen.scaffold import Scaffold, Step, handler_file, handler_state, survey
from memshelf_gen.settings import FILE, ProjectConfig
from memshelf_gen.spec import ProjectSpec
from memshelf_gen.turns import turn
from memshelf_gen.whole import whole


def generate(config: ProjectConfig, *, cached: bool = True) -> Generated:
    """Bring the generated package and the handlers up to date; what schemas say may be recalled if `cached`.

    Raises:
        InvalidInput: the schemas are not usable, or a handler is not Python; nothing was written.
        OSError: the disk does not take the files; what was there is still whole.
    """
    with turn(config.root, writes=True):
        return _generate(config, cached=cached)


def _generate(config: ProjectConfig, *, cached: bool) -> Generated:
    state = _look(config, cached=cached)
    scaffold = state.scaffold
    folder = config.generated_folder
    package, written = plan_package(folder, state.files, state.found, top=_shown(folder, config))
    try:
        # Handlers first: they are compared with what was read, and written at once.
        carry_out(join([_plan_handlers(scaffold, config), package, _plan_help(state, config)]))
    except SavedMeanwhile as saved:
        text = "was saved while memshelf-gen worked; nothing was written, run it again"
        raise InvalidInput([Problem(_shown(saved.path, config), 0, 0, "", text)]) from None
    return Generated(
        project=state.project,
        written=replace(
            written,
            updated=(*written.updated, *(each.path for each in state.help)),
            removed=(*written.removed, *_paths(scaffold, "remove", config)),
        ),
        stubs=_paths(scaffold, "create", config),
        appended=_paths(scaffold, "append", config),
        adjusted=_paths(scaffold, "adjust", config),
        moved={
            _shown(step.origin, config): _shown(step.path, config) for step in scaffold.steps if step.origin is not None
        },
        orphans=tuple(_shown(path, config) for path in scaffold.orphans),
        unfit=tuple(f"{_shown(path, config)}: {reason}" for path, reason in scaffold.unfit.items()),
        hints=state.hints,
    )


def check(config: ProjectConfig, *, cached: bool = True) -> Checked:
    """Compare the disk with what `generate` would write; nothing of the application is imported.

    Raises:
        InvalidInput: the schemas are not usable, or a handler is not Python.
    """
    with turn(config.root, writes=False):
        state = _look(config, cached=cached)
    top = _shown(config.generated_folder, config)
    return Checked(
        project=state.project,
        differences=(
            *compare(state.files, state.found, top=top),
            *state.help,
            *_of_handlers(state.scaffold, config),
        ),
        hints=state.hints,
    )


def list_jobs(config: ProjectConfig) -> tuple[Listed, ...]:
    """Give every job with the state of its handler.

    Raises:
        InvalidInput: the schemas are not usable.
    """
    # Reading schemas brings in validators, which whoever recalls a generation does not wait for.
    from memshelf_gen.parse import read_project

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


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """What should be and what is."""

    project: ProjectSpec
    files: Mapping[str, str]
    found: Found
    scaffold: Scaffold
    help: tuple[Difference, ...]
    """The difference of the file by which editors explain schemas, if it is there and of another release."""
    hints: tuple[str, ...]


def _look(config: ProjectConfig, *, cached: bool) -> _State:
    length = _line_length(config)
    rendered = make(config, line_length=length, cached=cached)
    project = rendered.project
    files = whole(rendered, config, release=release() or "")
    found = look(config.generated_folder)
    return _State(
        project=project,
        files=files,
        found=found,
        scaffold=survey(project, config, line_length=length, former=found.manifest),
        help=tuple(_stale_help(config)),
        hints=suggestions(project, found.manifest, _bundles(found), schemas=config.schemas),
    )


def _bundles(found: Found) -> dict[str, str]:
    """Give the bundled schemas of the last generation by their keys."""
    return {
        path.removeprefix("schemas/").removesuffix(".json"): text
        for path, text in found.files.items()
        if path.startswith("schemas/") and path.endswith(".json")
    }


def _stale_help(config: ProjectConfig) -> Iterator[Difference]:
    file = config.schema_folder / EDITORS
    found, wanted = read(file), metaschema()
    if found not in (None, wanted):
        text = "another release wrote it; memshelf-gen brings it up to date"
        yield difference("stale", _shown(file, config), text, old=found, new=wanted)


def _plan_help(state: _State, config: ProjectConfig) -> Plan:
    return Plan(writes={config.schema_folder / EDITORS: metaschema().encode("utf-8")} if state.help else {})


def _plan_handlers(scaffold: Scaffold, config: ProjectConfig) -> Plan:
    # What a killed process left half written is nobody's.
    unfinished = config.jobs_folder.rglob(f"{TEMPORARY}*")
    return Plan(
        writes={step.path: step.new for step in scaffold.steps if step.does != "remove"},
        moves={step.path: step.origin for step in scaffold.steps if step.origin is not None},
        removals=(*(step.path for step in scaffold.steps if step.does == "remove"), *unfinished),
        tops=(config.jobs_folder,),
        held={
            **{step.path: step.taken if step.does in ("create", "move") else step.old for step in scaffold.steps},
            **{step.origin: step.old for step in scaffold.steps if step.origin is not None},
        },
    )


_OF_STEPS: Mapping[str, tuple[Kind, str]] = {
    "create": ("handler-missing", "is not there; memshelf-gen writes a stub"),
    "append": ("handler-incomplete", "has no function `handle`; memshelf-gen appends a stub"),
    "adjust": ("handler-outdated", "uses old generated names; memshelf-gen adjusts its imports and annotations"),
    "move": ("handler-moved", "its schema has another name now; memshelf-gen moves it"),
    "remove": ("handler-leftover", "nobody wrote anything here and its schema is gone; memshelf-gen removes it"),
}


def _of_handlers(scaffold: Scaffold, config: ProjectConfig) -> Iterator[Difference]:
    for step in scaffold.steps:
        yield _of_step(step, config)
    for path, reason in scaffold.unfit.items():
        yield Difference(kind="handler-unfit", path=_shown(path, config), text=reason)
    for path in scaffold.orphans:
        text = "no schema leads to this handler; move its body or delete it, or write previous_names in its new schema"
        yield Difference(kind="handler-orphaned", path=_shown(path, config), text=text)
    for path in scaffold.unimplemented:
        text = "is still the stub: write its body"
        yield Difference(kind="handler-unimplemented", path=_shown(path, config), text=text)


def _of_step(step: Step, config: ProjectConfig) -> Difference:
    kind, text = _OF_STEPS[step.does]
    old = None if step.does == "create" else step.old.decode("utf-8", errors="replace")
    new = None if step.does == "remove" else step.new.decode("utf-8", errors="replace")
    path = _shown(step.path, config)
    if step.origin is not None:
        path, text = _shown(step.origin, config), f"{text} to {path}"
    return difference(kind, path, text, old=old, new=new)


def _paths(scaffold: Scaffold, does: str, config: ProjectConfig) -> tuple[str, ...]:
    return tuple(_shown(step.path, config) for step in scaffold.steps if step.does == does)


def _line_length(config: ProjectConfig) -> int:
    """Read how long the lines of this project are; a project without the file has black's own length."""
    file = config.root / FILE
    return line_length(tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {})


def _shown(path: Path, config: ProjectConfig) -> str:
    return Path(os.path.relpath(path, config.root)).as_posix()
