"""A generation that is killed at any moment leaves whole files, and the next one does the rest."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path

from memshelf_gen.manifest import TEMPORARY
from memshelf_gen.pipeline import check, generate
from memshelf_gen.settings import ProjectConfig, read_config
from tests.generator.projects import EMAIL, Json, job, make, tree, write
from tests.generator.test_renames import HANDLER

TOUCHES = {"os.mkdir", "os.remove", "os.rename", "os.rmdir"}
"""The steps of the interpreter that change which files there are, as it announces them before it takes them."""


def test_a_process_that_is_killed_leaves_whole_files_that_the_next_run_mends(tmp_path: Path) -> None:
    before = project(tmp_path / "before")
    old = tree(before.root)
    after = copied(before, tmp_path / "after")
    generate(after)
    new = tree(after.root)
    assert check(after).clean
    moment, was_killed = -1, True
    while was_killed:
        moment += 1
        config = copied(before, tmp_path / "killed")
        was_killed = killed_at(moment, config)
        found = {path: text for path, text in tree(config.root).items() if TEMPORARY not in path}
        assert {path: text for path, text in found.items() if text not in whole(path, old, new)} == {}
        assert ("jobs/post/email.py" in found) != ("jobs/mail.py" in found)
        generate(config)
        assert tree(config.root) == new
        shutil.rmtree(config.root)
    assert moment > 30


def project(folder: Path) -> ProjectConfig:
    """Make a project in which much is to do: a renamed job, one that is gone, a new one and a changed one."""
    folder.mkdir()
    config = make(folder, {"post/email.json": EMAIL, "gone.json": job({}), "changed.json": job({})})
    write(config.jobs_folder / "post/email.py", HANDLER.format(cls="PostEmailPayload"))
    write(config.jobs_folder / "changed.py", "import os\n")
    generate(config)
    (config.schema_folder / "post/email.json").rename(config.schema_folder / "mail.json")
    (config.schema_folder / "gone.json").unlink()
    write(config.schema_folder / "changed.json", job({"x": {"type": "string"}}))
    write(config.schema_folder / "deep/er/added.json", job({}))
    write(config.jobs_folder / "changed.py", "import os\n")
    return config


def copied(config: ProjectConfig, folder: Path) -> ProjectConfig:
    shutil.copytree(config.root, folder)
    return read_config(folder / "pyproject.toml")


def whole(path: str, old: Json, new: Json) -> list[bytes]:
    """Give what a file may hold: what it held, what it is to hold, or what it held under another name."""
    origin = {"jobs/mail.py": "jobs/post/email.py"}.get(path, path)
    return [files[each] for files, each in ((old, path), (new, path), (old, origin)) if each in files]


def killed_at(moment: int, config: ProjectConfig) -> bool:
    """Generate in a process that is killed before its next touch of the disk after so many; tell whether it was."""
    process = os.fork()
    if process == 0:
        left = [moment]

        def step(event: str, _: tuple[object, ...]) -> None:
            if event in TOUCHES:
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                left[0] -= 1

        sys.addaudithook(step)
        try:
            generate(config)
        finally:
            os._exit(0)
    _, status = os.waitpid(process, 0)
    return os.WIFSIGNALED(status)
