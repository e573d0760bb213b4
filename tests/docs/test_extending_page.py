"""The page on extensions is true: its distribution is installed as pip would, and its commands print what it says."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from memshelf_gen import extending, lint
from tests.docs.blocks import Block, Command, blocks, commands, fits
from tests.generator.plugins import install
from tests.generator.test_cli import run

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/extending.md"


def shown(path: str) -> Block:
    [block] = [block for block in blocks(PAGE) if block.path == path]
    return block


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Give a project as the page configures it, and a folder in which the page's distribution is installed."""
    project, site = tmp_path / "project", tmp_path / "site"
    assert run(tmp_path, "init", "project").exit_code == 0
    (project / "pyproject.toml").write_text(shown("pyproject.toml").text, encoding="utf-8")
    about = tomllib.loads(shown("acme-memshelf/pyproject.toml").text)["project"]
    module = {"acme_memshelf.py": shown("acme_memshelf.py").text}
    install(site, about["name"], about["version"], points=about["entry-points"], modules=module)
    return project, site


def test_the_example_runs_and_prints_what_the_page_says(folders: tuple[Path, Path]) -> None:
    typed_commands = consoles()[0]
    assert len(typed_commands) == 3
    for command in typed_commands:
        done = typed(command.line, *folders)
        assert done.returncode == 0, done.stdout + done.stderr
        assert fits(command.output, done.stdout), done.stdout


def test_the_example_refuses_a_job_that_nobody_has_described(folders: tuple[Path, Path]) -> None:
    (folders[0] / "schemas/silent.yaml").write_text("x-job: {}\ntype: object\n", encoding="utf-8")
    done = typed("memshelf-gen", *folders)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("schemas/silent.yaml: description: say what this job does")


def test_the_rules_of_the_page_find_and_mend_what_it_says(folders: tuple[Path, Path]) -> None:
    project, site = folders
    about = tomllib.loads(shown("acme-rules/pyproject.toml").text)["project"]
    module = {"acme_rules.py": shown("acme_rules.py").text}
    install(site, about["name"], about["version"], points=about["entry-points"], modules=module)
    [settings] = [block.text for block in blocks(PAGE) if "[tool.memshelf.lint]" in block.text]
    (project / "pyproject.toml").write_text(settings, encoding="utf-8")
    for command in consoles()[1]:
        done = typed(command.line, project, site)
        assert fits(command.output, done.stdout), done.stdout + done.stderr
        assert done.returncode == (1 if "findings" in command.output or "1 finding" in command.output else 0)
    schema = project / "schemas/greeting.yaml"
    good = schema.read_text(encoding="utf-8").replace("x-job:", "x-team: greeters\nx-job:")
    schema.write_text(good.replace("Greet somebody.", "Greet somebody"), encoding="utf-8")
    assert (
        "[acme-full-stop]\n1 finding: 1 warning; --fix may mend 1" in typed("memshelf-gen lint", project, site).stdout
    )
    assert typed("memshelf-gen lint --fix", project, site).stdout.endswith("\nno findings\n")
    assert schema.read_text(encoding="utf-8") == good


def test_every_name_for_rules_is_described() -> None:
    rows = "".join(line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `"))
    assert [name for name in lint.__all__ if f"`{name}`" not in rows] == []


def consoles() -> list[list[Command]]:
    """Give the commands of each block that shows some."""
    return [list(commands(block)) for block in blocks(PAGE) if block.language == "console"]


def test_every_name_of_the_public_surface_is_described() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [name for name in extending.__all__ if f"`{name}`" not in text] == []
    for name in ("ProjectSpec", "JobSpec", "Names", "RetrySpec", "SharedSpec", "Problem"):
        value = getattr(extending, name)
        assert is_dataclass(value)
        [row] = [line for line in text.splitlines() if line.startswith("| `") and f"`{name}`" in line]
        assert [field.name for field in fields(value) if f"`{field.name}`" not in row] == []


def typed(line: str, project: Path, site: Path) -> subprocess.CompletedProcess[str]:
    """Type a command of the page in a project that imports from a folder of installed distributions."""
    path = os.pathsep.join([str(site), *(str(ROOT / part) for part in ("runtime", "generator"))])
    words = line.split()
    command = [sys.executable, "-m", "memshelf_gen", *words[1:]] if words[0] == "memshelf-gen" else words
    variables = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=project, env=variables, capture_output=True, text=True, check=False, timeout=120)
