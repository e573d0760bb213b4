"""Generate again whenever the schemas or the configuration have changed, until somebody ends it.

The operating system wakes the loop; what has changed is told by two snapshots of the files. So nothing is lost that
happens during a generation, and editors may write, move and touch files as they like.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from watchfiles import Change, watch

from memshelf_gen.gather import SUFFIXES
from memshelf_gen.pipeline import generate
from memshelf_gen.problem import InvalidInput, Problem, problem_of
from memshelf_gen.results import Round
from memshelf_gen.settings import ProjectConfig, read_config

QUIET = 20
"""Milliseconds without an event after which a save counts as done: an editor's steps follow closer on each other."""
LONGEST = 200
"""Milliseconds after which a round begins although events go on, as during a checkout."""
TICK = 100
"""Milliseconds between two looks at what sends no event: the configuration, links, and a folder that may come back."""

Seen = tuple[int, int, int] | None
"""The inode, time and size of a file: what an editor puts in its place differs in one of them. None without one."""


class Watcher:
    """Generates once, and again after each change; a round that is refused ends nothing."""

    def __init__(self, config: ProjectConfig, *, file: Path) -> None:
        """Watch a project; `file` is its configuration."""
        self._config = config
        self._file = file
        self._named: frozenset[Path] = frozenset()
        """The files that the problems of the last round name: a handler with a syntax error, for one."""
        self._links: frozenset[Path] = frozenset()
        """The schema files that are links: what they lead to sends no event in the schema folder."""
        self._is_warm = False
        self._seen: Mapping[Path, Seen] = {}
        """The files as they were before the last round, so that what changes meanwhile makes another one."""

    def rounds(self) -> Generator[Round, None, None]:
        """Give each round when it is done; the first one at once, the next ones for ever."""
        self._seen = self._look()
        yield self._round(())
        for whole in self._wakes():
            before, self._seen = self._seen, self._look() if whole else {**self._seen, **_see(self._few())}
            changed = [path for path in {*before, *self._seen} if self._has_changed(path, before)]
            if changed:
                yield self._round(changed)

    def _round(self, changed: Iterable[Path]) -> Round:
        begun = time.perf_counter()
        because = tuple(sorted(self._shown(path) for path in changed))
        problems: tuple[Problem, ...] = ()
        generated = None
        try:
            if self._file in changed:
                self._config = read_config(self._file)
                self._seen = {**self._look(), **self._seen}
            # The first round recalls nothing: what it imports and remembers makes the others quick.
            generated = generate(self._config, cached=self._is_warm)
            self._is_warm = True
        except InvalidInput as error:
            problems = error.problems
        except OSError as error:
            problems = (problem_of(error),)
        self._named = frozenset(self._config.root / problem.path for problem in problems if problem.path)
        return Round(
            because=because,
            schemas=self._config.schemas,
            seconds=time.perf_counter() - begun,
            generated=generated,
            problems=problems,
        )

    def _wakes(self) -> Iterator[bool]:
        """Wait; tell whether anything may have changed, or only time has passed."""
        while True:
            folder = self._config.schema_folder
            try:
                with _held(folder) as identity, closing(_events(folder)) as events:
                    # What happened before this began sent no event.
                    first = True
                    for event in events:
                        yield first or bool(event)
                        first = False
                        if identity != _identity(folder) or folder != self._config.schema_folder:
                            break
            except FileNotFoundError:
                time.sleep(TICK / 1000)  # It may come back.
            yield True

    def _look(self) -> dict[Path, Seen]:
        """Look at everything: handlers too, in case that one of them is refused."""
        config = self._config
        schemas = [*_files(config.schema_folder, SUFFIXES)]
        self._links = frozenset(path for path in schemas if path.is_symlink())
        return _see([*self._few(), *schemas, *_files(config.jobs_folder, (".py",))])

    def _few(self) -> list[Path]:
        return [self._file, *self._named, *self._links]

    def _has_changed(self, path: Path, before: Mapping[Path, Seen]) -> bool:
        now = self._seen.get(path)
        if path.is_relative_to(self._config.schema_folder):
            return before.get(path) != now
        return path in self._few() and before.get(path, now) != now

    def _shown(self, path: Path) -> str:
        return Path(os.path.relpath(path, self._config.root)).as_posix()


def _events(folder: Path) -> Generator[set[tuple[Change, str]], None, None]:
    """Wait for events in a folder; a set without any says that time has passed."""
    return watch(folder, watch_filter=None, debounce=LONGEST, step=QUIET, rust_timeout=TICK, yield_on_timeout=True)


def _see(paths: Iterable[Path]) -> dict[Path, Seen]:
    return {path: _seen(path) for path in paths}


def _seen(path: Path) -> Seen:
    try:
        found = path.stat()
    except OSError:
        return None
    return None if stat.S_ISDIR(found.st_mode) else (found.st_ino, found.st_mtime_ns, found.st_size)


def _files(folder: Path, suffixes: tuple[str, ...]) -> Iterator[Path]:
    """Give the files that are read in a folder; names that begin with a dot are not."""
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(parent, name) for name in names if name.lower().endswith(suffixes) and name[0] != ".")


@contextmanager
def _held(folder: Path) -> Iterator[tuple[int, int] | None]:
    """Give a folder's identity, which no folder that comes after it can have while this one is held open.

    Raises:
        FileNotFoundError: there is no such folder.
    """
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:  # Windows opens no folders, and gives their identities to no others.
        yield _identity(folder)
        return
    try:
        yield _identity(folder)
    finally:
        os.close(handle)


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
