"""Several runs at once in one project: they take turns, and each ends well."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from memshelf_gen.pipeline import check, generate
from memshelf_gen.settings import ProjectConfig
from memshelf_gen.turns import turn
from tests.generator.projects import EMAIL, job, make

HELD, FREE, UNSEEN = range(3)


@pytest.mark.parametrize(
    ("run", "event", "wanted"),
    [(generate, "os.rename", fcntl.LOCK_SH), (check, "open", fcntl.LOCK_EX)],
    ids=["whoever-writes-keeps-all-others-out", "whoever-compares-keeps-those-out-that-write"],
)
def test_a_run_has_the_project(tmp_path: Path, run: Callable[[ProjectConfig], object], event: str, wanted: int) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    if run is check:
        generate(config)
    assert seen_at(event, lambda: run(config), config, wanted) == HELD
    assert is_free(config.root, fcntl.LOCK_EX)


def test_those_that_compare_do_not_wait_for_each_other(tmp_path: Path) -> None:
    with turn(tmp_path, writes=False):
        assert is_free(tmp_path, fcntl.LOCK_SH)


def test_four_at_once_end_well(tmp_path: Path) -> None:
    config = make(tmp_path, {f"job{number}.json": job({}) for number in range(20)})
    command = [sys.executable, "-m", "memshelf_gen", "--no-cache"]
    runs = [subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(4)]
    ended = [(*each.communicate(), each.returncode) for each in runs]
    assert [(errors, code) for _, errors, code in ended] == [(b"", 0)] * 4
    assert sum(b"created" in output for output, _, _ in ended) == 1
    assert check(config).clean


def seen_at(event: str, run: Callable[[], object], config: ProjectConfig, wanted: int) -> int:
    """Run in a process of its own, and tell whether the project was held at every such event in the package."""
    process = os.fork()
    if process == 0:
        seen = [UNSEEN]

        def look(name: str, arguments: tuple[object, ...]) -> None:
            if name == event and str(arguments[0]).startswith(str(config.generated_folder)) and seen != [FREE]:
                seen[0] = FREE if is_free(config.root, wanted) else HELD

        sys.addaudithook(look)
        try:
            run()
        finally:
            os._exit(seen[0])
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def is_free(folder: Path, wanted: int) -> bool:
    """Tell whether somebody else could take the folder now."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, wanted | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(handle)
    return True
