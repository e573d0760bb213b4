"""The wheel holds the two packages and nothing else, and what it installs is small and works alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import venv
from collections.abc import Iterator
from email import message_from_bytes
from importlib.metadata import Distribution, distribution
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
GENERATION = {"black", "datamodel-code-generator", "jsonschema", "libcst", "pyyaml"}
DATA = {".css", ".json", ".md", ".pyi", ".toml", ".typed", ".yaml", ".tmpl", ".txt"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, tmp_path_factory.mktemp("wheel"), "--wheel")


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the interpreter of a new environment that has the wheel and what a base install brings, and no more.

    The packages are copied from this environment, so that the test needs no package index.
    """
    home = tmp_path_factory.mktemp("empty") / "venv"
    venv.create(home, with_pip=False, symlinks=os.name != "nt")
    interpreter = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    install = [sys.executable, "-m", "pip", "--python", str(interpreter), "install", "--quiet", "--no-index"]
    run(*install, "--disable-pip-version-check", "--no-deps", str(wheel))
    [site] = home.glob("lib/python*/site-packages") if os.name != "nt" else [home / "Lib" / "site-packages"]
    for package in base_install():
        copy(package, site)
    return interpreter


def test_the_wheel_holds_two_packages_and_nothing_else(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        names = set(archive.namelist())
    about = {name for name in names if name.startswith("memshelf-0.1.0.dist-info/")}
    assert names - about == sources()
    assert {name.partition("/")[2] for name in about} == {
        "METADATA",
        "RECORD",
        "WHEEL",
        "entry_points.txt",
        "licenses/LICENSE",
    }


def test_the_packages_hold_code_and_known_kinds_of_data() -> None:
    assert (
        sorted(name for name in sources() if Path(name).suffix not in {".py", *DATA} and "py.typed" not in name) == []
    )
    assert {"memshelf/py.typed", "memshelf_gen/py.typed"} <= sources()


def test_the_source_distribution_builds_the_same_wheel(tmp_path: Path, wheel: Path) -> None:
    source = build(ROOT, tmp_path, "--sdist")
    with tarfile.open(source) as archive:
        archive.extractall(tmp_path, filter="data")
    again = build(tmp_path / "memshelf-0.1.0", tmp_path / "again", "--wheel")
    with ZipFile(wheel) as first, ZipFile(again) as second:
        assert sorted(first.namelist()) == sorted(second.namelist())


def test_the_metadata_say_what_is_installed(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        about = message_from_bytes(archive.read("memshelf-0.1.0.dist-info/METADATA"))
        scripts = archive.read("memshelf-0.1.0.dist-info/entry_points.txt").decode()
    assert about["License-Expression"] == "Apache-2.0"
    assert about["Requires-Python"] == ">=3.11"
    assert set(about.get_all("Provides-Extra", [])) >= {"demo", "dev", "gen", "mongod"}
    assert "memshelf = memshelf.cli:main" in scripts
    assert "memshelf-gen = memshelf_gen.__main__:main" in scripts
    assert "memshelf.pytest_plugin = memshelf.pytest_plugin" in scripts


def test_a_base_install_brings_no_code_generation() -> None:
    names = {canonicalize_name(package.metadata["Name"]) for package in base_install()}
    assert names & GENERATION == set()
    assert {"pydantic", "pymongo", "typer"} <= names


def test_the_runtime_works_in_an_empty_environment(python: Path) -> None:
    program = "import sys; from memshelf import *; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    imported = set(run(str(python), "-c", program).stdout.split())
    assert imported & {"black", "datamodel_code_generator", "jsonschema", "libcst", "typer", "yaml"} == set()


def test_the_command_works_in_an_empty_environment(python: Path) -> None:
    assert "worker" in run(str(python.parent / "memshelf"), "--help").stdout


def test_every_module_of_the_runtime_can_be_imported_alone(python: Path) -> None:
    modules = [
        path.relative_to(ROOT / "runtime").with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
        for path in (ROOT / "runtime").rglob("*.py")
        if path.name != "__main__.py"
    ]
    others = ("memshelf.judge_python", "memshelf.pytest_plugin")  # these stand on packages that a base install lacks
    program = "import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]"
    run(str(python), "-c", program, *(name for name in modules if not name.startswith(others)))


def test_a_producer_imports_generated_code_without_handlers(python: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "generated", tmp_path / "generated", ignore=shutil.ignore_patterns("__pycache__"))
    program = """
import sys
from generated import EmailPayload, JobQueue
print(EmailPayload(to="ann@example.com", subject="Hello").to, hasattr(JobQueue, "queue_email"), "jobs" in sys.modules)
"""
    assert run(str(python), "-c", program, folder=tmp_path).stdout.split() == ["ann@example.com", "True", "False"]


def test_the_generator_without_its_extra_says_what_installs_it(python: Path, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.memshelf]\n", encoding="utf-8")
    (tmp_path / "schemas").mkdir()
    command = [str(python.parent / "memshelf-gen")]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=clean_environment(), check=False)
    assert ended.returncode == 2
    assert 'pip install "memshelf[gen]"' in ended.stderr
    assert "Traceback" not in ended.stderr


def sources() -> set[str]:
    """Give every file of the two packages, as a wheel names it."""
    return {
        path.relative_to(folder).as_posix()
        for folder in (ROOT / "runtime", ROOT / "generator")
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def base_install() -> list[Distribution]:
    """Give what memshelf needs without any extra, and what that needs in turn."""
    found: dict[str, Distribution] = {}
    waiting = list(needs("memshelf", frozenset()))
    while waiting:
        name, extras = waiting.pop()
        if name not in found:
            found[name] = distribution(name)
            waiting.extend(needs(name, extras))
    return list(found.values())


def needs(name: str, extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Give the requirements of one package that hold on this machine."""
    for text in distribution(name).requires or []:
        requirement = Requirement(text)
        if requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield canonicalize_name(requirement.name), frozenset(requirement.extras)


def copy(package: Distribution, site: Path) -> None:
    for file in package.files or []:
        if ".." not in file.parts and "__pycache__" not in file.parts:
            (site / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(str(file.locate()), site / file)


def build(source: Path, target: Path, kind: str) -> Path:
    """Build a distribution with the tools of this environment; give its file."""
    run(sys.executable, "-m", "build", kind, "--no-isolation", "--outdir", str(target), str(source))
    [built] = [path for path in target.iterdir() if path.is_file()]
    return built


def run(*command: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    ended = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=folder, env=clean_environment(), timeout=300
    )
    assert ended.returncode == 0, f"{' '.join(command)}\n{ended.stdout}\n{ended.stderr}"
    return ended


def clean_environment() -> dict[str, str]:
    """Give the environment without what would let the sources be found."""
    return {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
