"""Compare handlers with schemas: what the files of people lack, what is old in them, and which have lost their job."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from memshelf_gen.emit.jobnames import dict_class, payload_class
from memshelf_gen.handlerfile import HandlerFile, Unreadable, handle_of, read_handler
from memshelf_gen.manifest import MANIFEST, Manifest, is_temporary
from memshelf_gen.naming import name_job
from memshelf_gen.outdated import Expected, find_outdated
from memshelf_gen.problem import InvalidInput, Problem
from memshelf_gen.renames import renamed
from memshelf_gen.settings import ProjectConfig
from memshelf_gen.spans import NotKept
from memshelf_gen.spec import JobSpec, ProjectSpec

PACKAGE = '"""Handlers of jobs: one module for each schema, with one function `handle`."""\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to do to a file of the handler package; paths are absolute."""

    does: Literal["create", "append", "adjust", "move", "remove"]
    path: Path
    """The file; where it is to be when it moves."""
    old: bytes = b""
    new: bytes = b""
    origin: Path | None = None
    """Where a file that moves is now."""
    taken: bytes | None = None
    """The untouched stub that stands where a file moves to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaffold:
    """What the handler package needs; paths are absolute."""

    steps: tuple[Step, ...]
    orphans: tuple[Path, ...]
    """Files with a `handle` whose schema is gone."""
    unfit: Mapping[Path, str]
    """Files that cannot be brought up to date, with the reason."""
    unimplemented: tuple[Path, ...]
    """Files that are still stubs."""


def survey(project: ProjectSpec, config: ProjectConfig, *, line_length: int, former: Manifest) -> Scaffold:
    """Look at the handler package; nothing is written and nothing is imported.

    `former` is the record of the last generation, which tells a renamed job from a new one.

    Raises:
        InvalidInput: handlers are not Python; all of them are named, each with its position.
    """
    surveyor = _Surveyor(project, config, line_length, former)
    surveyor.look()
    return Scaffold(
        steps=tuple(sorted(surveyor.steps, key=lambda step: step.path)),
        orphans=tuple(sorted(surveyor.orphans)),
        unfit=dict(sorted(surveyor.unfit.items())),
        unimplemented=tuple(surveyor.unimplemented),
    )


def handler_file(job: JobSpec, config: ProjectConfig) -> Path:
    """Give the file in which a job's handler belongs."""
    return _home(job.names.module, config)


def handler_state(path: Path) -> Literal["written", "stub", "missing", "unfit"]:
    """Tell whether a handler's file has a body of its own."""
    if not path.exists():
        return "missing"
    try:
        state = read_handler(path.read_bytes()).state
    except Unreadable:
        return "unfit"
    return "unfit" if state == "none" else state


class _Surveyor:
    """Goes through the handlers once and collects what is to do."""

    def __init__(self, project: ProjectSpec, config: ProjectConfig, line_length: int, former: Manifest) -> None:
        self._config = config
        self._line_length = line_length
        self._former = former
        self._jobs = {handler_file(job, config): job for job in project.jobs}
        payloads = {word for job in project.jobs for word in (payload_class(job), dict_class(job))}
        self._exported = frozenset(payloads | {"JobQueue", "AsyncJobQueue"})
        self._problems: list[Problem] = []
        self._strays = dict(self._find_strays())
        self._origins = self._find_origins(project, former)
        self.steps: list[Step] = []
        self.orphans: list[Path] = []
        self.unfit: dict[Path, str] = {}
        self.unimplemented: list[Path] = []

    def look(self) -> None:
        """Look at each handler, then at the files that belong to no job."""
        for path, job in self._jobs.items():
            self._look_at(path, job)
        if self._problems:
            raise InvalidInput(self._problems)
        for path, file in self._strays.items():
            if any(step.origin == path for step in self.steps):
                continue
            if file.untouched:
                self.steps.append(Step(does="remove", path=path, old=file.source))
            elif handle_of(file.tree) is not None:
                self.orphans.append(path)
        self._look_at_packages()

    def _look_at(self, path: Path, job: JobSpec) -> None:
        file = self._read(path) if path.is_file() else None
        origin = self._origins.get(path)
        if origin is not None and (file is None or file.untouched):
            self._move(origin, path, job, taken=file.source if file is not None else None)
        elif file is not None:
            self._bring_up_to_date(file, path, job)
        elif not path.exists():
            self.steps.append(Step(does="create", path=path, new=self._stub(job, path).encode()))

    def _read(self, path: Path) -> HandlerFile | None:
        """Read a handler; one that is not Python is a problem, and None."""
        try:
            return read_handler(path.read_bytes())
        except Unreadable as fault:
            self._refuse(path, fault)
            return None

    def _refuse(self, path: Path, fault: Unreadable) -> None:
        self._problems.append(Problem(self._shown(path), fault.line, fault.column, "", fault.text))

    def _move(self, origin: Path, path: Path, job: JobSpec, *, taken: bytes | None) -> None:
        file = self._strays[origin]
        new = self._anchored(self._adjusted(file, origin, job, home=path), file, origin, path)
        self.steps.append(Step(does="move", path=path, origin=origin, old=file.source, new=new, taken=taken))

    def _bring_up_to_date(self, file: HandlerFile, path: Path, job: JobSpec) -> None:
        if file.state == "none":
            self._append(file, path, job)
            return
        if file.state == "stub":
            self.unimplemented.append(path)
        new = self._adjusted(file, path, job, home=path)
        if new != file.source:
            self.steps.append(Step(does="adjust", path=path, old=file.source, new=new))

    def _append(self, file: HandlerFile, path: Path, job: JobSpec) -> None:
        from memshelf_gen.append import NamesTaken, append_stub

        try:
            new = append_stub(file, self._stub(job, path), home=self._package_of(path))
        except NamesTaken as taken:
            wanted = f"def handle(job: Job[{payload_class(job)}], context: Context)"
            self.unfit[path] = f"has no function `handle`, and means something else by {taken}: define `{wanted}`"
        except (NotKept, UnicodeEncodeError) as error:
            self.unfit[path] = f"has no function `handle`, and a stub cannot be appended: {error}"
        else:
            self.steps.append(Step(does="append", path=path, old=file.source, new=new))

    def _adjusted(self, file: HandlerFile, path: Path, job: JobSpec, *, home: Path) -> bytes:
        expected = self._expected(job, path)
        outdated = find_outdated(file, expected)
        if outdated is None:
            return file.source
        from memshelf_gen.adjust import ByHand, adjust

        try:
            return adjust(file.source, outdated, expected)
        except ByHand as error:
            self.unfit[home] = f"uses old names, which only you can change: {error}"
            return file.source
        except (NotKept, UnicodeEncodeError) as error:
            self.unfit[home] = f"uses old names and cannot be adjusted: {error}"
            return file.source

    def _anchored(self, source: bytes, file: HandlerFile, origin: Path, path: Path) -> bytes:
        """Give the bytes of a file that moves with relative imports that lead where they led."""
        before, now = self._package_of(origin), self._package_of(path)
        if before == now or not file.leans_on_its_package:
            return source
        from memshelf_gen.moving import anchored

        try:
            return anchored(source, before=before, now=now)
        except (NotKept, UnicodeEncodeError) as error:
            self.unfit[path] = f"its relative imports start at {now} now and not at {before}: {error}"
            return source

    def _expected(self, job: JobSpec, path: Path) -> Expected:
        origin = self._origins.get(handler_file(job, self._config))
        former = f"{name_job(self._key_of(origin)).class_stem}Payload" if origin is not None else None
        return Expected(
            package=self._config.generated,
            module=job.names.module,
            payload=payload_class(job),
            exported=self._exported,
            home=self._package_of(path),
            is_former=self._is_former,
            may_be_former=self._may_be_former,
            former=former,
        )

    def _is_former(self, package: str) -> bool:
        """Tell whether a package was the generated one: the record says so, or lies in it still."""
        recorded = package == self._former.package or (self._folder(package) / MANIFEST).exists()
        return recorded and package != self._config.generated

    def _may_be_former(self, package: str) -> bool:
        """Tell whether a package may have been: it is gone, and nothing was generated here before.

        Once there is a record, a package that is not in the project is taken for what it seems, somebody else's.
        """
        folder = self._folder(package)
        return not (self._former.package or folder.exists() or folder.with_suffix(".py").exists())

    def _stub(self, job: JobSpec, path: Path) -> str:
        from memshelf_gen.emit.stub import stub
        from memshelf_gen.emit.style import shape

        text = stub(job, generated=self._config.generated, path=self._shown(path))
        return shape(text, line_length=self._line_length)

    def _find_strays(self) -> Iterator[tuple[Path, HandlerFile]]:
        """Read the files that belong to no job; one that is not Python is people's own affair, if it never did."""
        known = {name_job(f"{key}.yaml").module for key in self._former.jobs}
        for path in sorted(self._config.jobs_folder.rglob("*.py")):
            if path in self._jobs or not path.is_file() or is_temporary(path.name):
                continue
            try:
                yield path, read_handler(path.read_bytes())
            except Unreadable as fault:
                if self._key_of(path).replace("/", ".") in known:
                    self._refuse(path, fault)

    def _find_origins(self, project: ProjectSpec, former: Manifest) -> dict[Path, Path]:
        """Give the file of each renamed job's handler as it was called before, where it is still there."""
        handlers = {path: file for path, file in self._strays.items() if file.state != "none" and not file.untouched}
        found = renamed(project, former, [self._key_of(path) for path in handlers])
        pairs = {
            handler_file(job, self._config): _home(name_job(f"{found[job.names.key]}.yaml").module, self._config)
            for job in project.jobs
            if job.names.key in found
        }
        return {path: origin for path, origin in pairs.items() if origin in handlers}

    def _look_at_packages(self) -> None:
        """Make the folders of handlers packages, and give up those of ours in which nothing is left."""
        top = self._config.jobs_folder
        folders = {path.parent for path in self._jobs}
        needed = {package for folder in folders for package in _packages(folder / "any", top)}
        lacking = [package for package in sorted(needed) if not package.exists()]
        self.steps += [Step(does="create", path=package, new=PACKAGE.encode()) for package in lacking]
        going = {step.origin or step.path for step in self.steps if step.does in ("move", "remove")}
        # All of ours, and not only those of what goes now: a process that was killed may have left one.
        packages = {path for path, file in self._strays.items() if file.source == PACKAGE.encode()}
        for package in sorted(packages - needed, reverse=True):
            if package.parent != top and _is_left_empty(package, going):
                going.add(package)
                self.steps.append(Step(does="remove", path=package, old=PACKAGE.encode()))

    def _folder(self, package: str) -> Path:
        return self._config.root.joinpath(self._config.source, *package.split("."))

    def _package_of(self, path: Path) -> str:
        below = path.relative_to(self._config.jobs_folder).parent.parts
        return ".".join([self._config.jobs, *below])

    def _key_of(self, path: Path) -> str:
        return path.relative_to(self._config.jobs_folder).with_suffix("").as_posix()

    def _shown(self, path: Path) -> str:
        return Path(os.path.relpath(path, self._config.root)).as_posix()


def _home(module: str, config: ProjectConfig) -> Path:
    return config.jobs_folder.joinpath(*module.split(".")).with_suffix(".py")


def _packages(path: Path, top: Path) -> list[Path]:
    return [parent / "__init__.py" for parent in path.parents if parent == top or top in parent.parents]


def _is_left_empty(package: Path, going: set[Path]) -> bool:
    """Tell whether a package holds nothing but its `__init__.py`, and what is going anyway."""
    return package.name == "__init__.py" and all(
        child == package
        or child in going
        or child.name == "__pycache__"
        or (child.is_dir() and child / "__init__.py" in going)
        for child in package.parent.iterdir()
    )
