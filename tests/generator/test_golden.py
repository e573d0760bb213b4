"""Golden cases: a project's schemas in, its files out; the files are imported, type-checked and left alone by black.

`MEMSHELF_GOLDEN=write pytest tests/generator/test_golden.py` writes the expected files anew.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import black
import pytest

from memshelf_gen.manifest import MANIFEST
from memshelf_gen.pipeline import generate
from memshelf_gen.settings import ProjectConfig, read_config
from tests.generator.projects import importable, tree

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(path.name for path in GOLDEN.iterdir() if path.is_dir())
SERVICES = "def register(registry: object) -> None: ...\n"


def generated(case: str, folder: Path) -> ProjectConfig:
    """Generate a case in a folder of its own."""
    shutil.copytree(GOLDEN / case, folder, ignore=shutil.ignore_patterns("expected", "uses.py"), dirs_exist_ok=True)
    config = read_config(folder / "pyproject.toml")
    generate(config)
    return config


@pytest.mark.parametrize("case", CASES)
def test_schemas_give_the_expected_files(case: str, tmp_path: Path) -> None:
    config = generated(case, tmp_path)
    inputs = tree(GOLDEN / case)
    made = {path: content for path, content in tree(config.root).items() if path not in inputs}
    # The record has the digests of all the others, and would be changed by every release.
    made.pop((config.generated_folder / MANIFEST).relative_to(config.root).as_posix())
    expected = GOLDEN / case / "expected"
    if os.environ.get("MEMSHELF_GOLDEN") == "write":
        shutil.rmtree(expected, ignore_errors=True)
        for path, content in made.items():
            (expected / path).parent.mkdir(parents=True, exist_ok=True)
            (expected / path).write_bytes(content)
    assert made == tree(expected)


@pytest.mark.parametrize("case", CASES)
def test_black_leaves_the_files_as_they_are(case: str) -> None:
    length = 120 if "line-length = 120" in (GOLDEN / case / "pyproject.toml").read_text() else 88
    for path in sorted((GOLDEN / case / "expected").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert black.format_str(text, mode=black.Mode(line_length=length)) == text, path


@pytest.mark.parametrize("case", CASES)
def test_every_module_can_be_imported(case: str, tmp_path: Path) -> None:
    config = generated(case, tmp_path)
    if config.services:
        (config.root / config.source / f"{config.services.partition(':')[0].replace('.', '/')}.py").write_text(SERVICES)
    with importable(config) as package:
        for path in sorted(config.generated_folder.rglob("*.py")):
            parts = path.relative_to(config.generated_folder).with_suffix("").parts
            importlib.import_module(".".join([config.generated, *(part for part in parts if part != "__init__")]))
        assert {name: getattr(package, name).__name__ for name in package.__all__} == {n: n for n in package.__all__}
        with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
            _ = package.nothing
        registry: Any = importlib.import_module(f"{config.generated}.registry").registry
        assert {entry.type.payload().__name__ for entry in registry} <= set(package.__all__)
        assert all(entry.type.schema.load()["type"] == "object" for entry in registry)


@pytest.mark.parametrize("case", CASES)
def test_importing_the_package_imports_neither_models_nor_handlers(case: str, tmp_path: Path) -> None:
    config = generated(case, tmp_path)
    path = os.pathsep.join([str(ROOT / "runtime"), str(config.root / config.source)])
    script = (
        f"import sys, {config.generated}.queues\n"
        f"print([name for name in sys.modules if name.startswith(({config.generated + '.models'!r}, "
        f"{config.generated + '.dicts'!r}, {config.jobs!r}))])"
    )
    done = run([sys.executable, "-c", script], PYTHONPATH=path)
    assert (done.stdout, done.stderr) == ("[]\n", "")


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with all cases side by side, as a type checker reads them."""
    folder = tmp_path_factory.mktemp("checked")
    for case in CASES:
        config = read_config(GOLDEN / case / "pyproject.toml")
        shutil.copytree(GOLDEN / case / "expected" / config.source, folder, dirs_exist_ok=True)
        shutil.copy(GOLDEN / case / "uses.py", folder / f"uses_{case}.py")
    (folder / "acme/services.py").write_text(SERVICES)
    return folder


def test_mypy_takes_what_is_right_and_refuses_what_is_wrong(checked: Path) -> None:
    done = run(
        [sys.executable, "-m", "mypy", "--strict", "--explicit-package-bases", "--no-incremental", "."],
        cwd=checked,
        MYPYPATH=str(ROOT / "runtime"),
    )
    assert done.returncode == 0, done.stdout


def test_pyright_takes_what_is_right_and_refuses_what_is_wrong(checked: Path) -> None:
    settings = {
        "include": ["."],
        "extraPaths": [str(ROOT / "runtime")],
        "typeCheckingMode": "standard",
        "reportUnnecessaryTypeIgnoreComment": "error",
    }
    (checked / "pyrightconfig.json").write_text(json.dumps(settings))
    done = run([sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "-p", str(checked)], cwd=checked)
    assert done.returncode == 0, done.stdout


OTHERS = ["python3.11", "python3.12", "python3.13"]
TELL = """
import sys
from pathlib import Path
from memshelf_gen.parse import read_project
from memshelf_gen.render import render
from memshelf_gen.settings import read_config
for case in sys.argv[1:]:
    config = read_config(Path(case))
    for path, text in render(read_project(config), config).items():
        sys.stdout.buffer.write(f"== {path}\\n{text}".encode())
"""


@pytest.fixture(scope="module")
def here() -> bytes:
    """Give what this Python renders of the hardest cases."""
    return rendered(sys.executable, ROOT, PYTHONHASHSEED="42")


@pytest.mark.parametrize("seed", ["0", "1", "random"])
def test_neither_hashes_nor_the_folder_change_the_output(seed: str, here: bytes, tmp_path: Path) -> None:
    assert rendered(sys.executable, tmp_path, PYTHONHASHSEED=seed, LC_ALL="C", TZ="Asia/Tokyo") == here


@pytest.mark.parametrize("python", OTHERS)
def test_the_version_of_python_does_not_change_the_output(python: str, here: bytes, tmp_path: Path) -> None:
    program = shutil.which(python)
    needed = "import black, datamodel_code_generator, jsonschema_rs, libcst, yaml"
    if program is None or run([program, "-c", needed]).returncode:
        pytest.skip(f"{python} with memshelf[gen] is not here")
    assert rendered(program, tmp_path) == here


def rendered(program: str, folder: Path, **variables: str) -> bytes:
    """Render in a process of its own, in another folder."""
    path = os.pathsep.join(str(ROOT / each) for each in ("runtime", "generator"))
    command = [program, "-c", TELL, *(str(GOLDEN / case / "pyproject.toml") for case in ("names", "shapes"))]
    environment = {**os.environ, "PYTHONPATH": path, **variables}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def run(command: list[str], *, cwd: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=cwd, env={**os.environ, **variables}, capture_output=True, text=True, check=False
    )
