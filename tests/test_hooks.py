"""The pre-commit hooks that this repository offers do what they say, run by pre-commit in another repository."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from memshelf_gen.cli import app

ROOT = Path(__file__).parent.parent
MANIFEST = ROOT / ".pre-commit-hooks.yaml"
HOOKS: list[dict[str, Any]] = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Repository:
    """Somebody's repository, with a project in it that was committed, and pre-commit as they run it."""

    folder: Path
    variables: dict[str, str]

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=self.folder, env=self.variables, capture_output=True, text=True, check=False, timeout=120
        )

    def hook(self, id: str) -> tuple[int, str]:
        """Stage everything and run one hook on it: the one of the manifest, of a program that is installed already."""
        hook = {**next(each for each in HOOKS if each["id"] == id), "language": "system"}
        del hook["additional_dependencies"]
        if "args" in hook:
            hook["args"] = ["--against", "HEAD"]
        config = {"repos": [{"repo": "local", "hooks": [hook]}]}
        (self.folder / ".pre-commit-config.yaml").write_text(json.dumps(config), encoding="utf-8")
        self.run("git", "add", "--all")
        done = self.run(sys.executable, "-m", "pre_commit", "run", id, "--color=never")
        return done.returncode, done.stdout + done.stderr

    def replace(self, path: str, old: str, new: str) -> None:
        text = (self.folder / path).read_text(encoding="utf-8")
        assert old in text
        (self.folder / path).write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    programs = tmp_path / "bin"
    programs.mkdir()
    script = programs / "memshelf-gen"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m memshelf_gen "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    variables = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in ("runtime", "generator")),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PRE_COMMIT_HOME": str(tmp_path / "cache"),
        "HOME": str(tmp_path),
        "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{who}_{what}": "ada@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }
    made = Repository(tmp_path / "project", variables)
    made.folder.mkdir()
    made.run("memshelf-gen", "init")
    made.run("git", "init", "--quiet")
    made.run("git", "add", "--all")
    committed = made.run("git", "commit", "--quiet", "--message", "Begin")
    assert committed.returncode == 0, committed.stderr
    return made


def test_pre_commit_takes_the_manifest() -> None:
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", str(MANIFEST)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_hook_runs_a_command_that_there_is() -> None:
    names = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    for hook in HOOKS:
        words = hook["entry"].split()
        assert words[0] == "memshelf-gen"
        assert set(words[1:]) <= names
        assert (hook["language"], hook["additional_dependencies"]) == ("python", [".[gen]"])
    assert {hook["id"] for hook in HOOKS} == {
        "memshelf-gen",
        "memshelf-gen-check",
        "memshelf-gen-lint",
        "memshelf-gen-breaking",
    }


def test_every_hook_lets_a_project_pass_that_is_in_order(repository: Repository) -> None:
    repository.replace("schemas/greeting.yaml", "Who is greeted.", "Who is greeted by the job.")
    repository.run("memshelf-gen")
    for hook in HOOKS:
        code, said = repository.hook(hook["id"])
        assert (code, "Passed" in said) == (0, True), said


def test_check_refuses_what_was_edited_by_hand(repository: Repository) -> None:
    repository.replace("generated/catalog.py", "import", "import  ")
    code, said = repository.hook("memshelf-gen-check")
    assert (code, "generated/catalog.py" in said) == (1, True), said


def test_generate_writes_what_a_changed_schema_asks_for(repository: Repository) -> None:
    repository.replace("schemas/greeting.yaml", "Greet somebody.", "Greet somebody well.")
    code, said = repository.hook("memshelf-gen")
    assert (code, "files were modified by this hook" in said) == (1, True), said
    assert "Greet somebody well." in (repository.folder / "generated/models/greeting.py").read_text(encoding="utf-8")
    assert repository.hook("memshelf-gen")[0] == 0


def test_lint_refuses_a_trap(repository: Repository) -> None:
    repository.replace("schemas/greeting.yaml", "additionalProperties: false\n", "")
    code, said = repository.hook("memshelf-gen-lint")
    assert (code, "[open-object]" in said) == (1, True), said


def test_breaking_refuses_what_waiting_jobs_cannot_be(repository: Repository) -> None:
    repository.replace("schemas/greeting.yaml", "required: [name]", "required: [name, language]")
    code, said = repository.hook("memshelf-gen-breaking")
    assert (code, "[required-added]" in said) == (1, True), said


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_is_not_run_for_files_that_it_does_not_read(hook: dict[str, Any], repository: Repository) -> None:
    (repository.folder / "README.md").write_text("# Greetings\n", encoding="utf-8")
    repository.hook(hook["id"])
    repository.run("git", "commit", "--quiet", "--message", "Add hooks")
    (repository.folder / "README.md").write_text("# More greetings\n", encoding="utf-8")
    code, said = repository.hook(hook["id"])
    assert (code, "no files to check" in said) == (0, True), said
    assert [path for path in ("schemas/a.yaml", "a.json", "pyproject.toml") if not re.search(hook["files"], path)] == []
