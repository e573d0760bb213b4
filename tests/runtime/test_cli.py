"""The command's root, and its commands about settings, health and indexes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from typer.main import get_command

from memshelf.cli.root import app
from memshelf.indexes import PURPOSE
from memshelf.settings import Settings
from tests.runtime.commands import Memshelf, memshelf_for

ROOT = Path(__file__).parents[2]


@pytest.fixture
def memshelf(mongo_url: str, database_name: str) -> Memshelf:
    return memshelf_for(mongo_url, database_name)


def test_every_command_has_json_and_teaches_by_an_example(memshelf: Memshelf) -> None:
    def leaves(command: Any, path: tuple[str, ...]) -> list[tuple[str, ...]]:
        below = getattr(command, "commands", None)
        return [leaf for name in below for leaf in leaves(below[name], (*path, name))] if below else [path]

    commands = leaves(get_command(app), ())
    assert ("jobs", "purge") in commands
    for command in commands:
        ran = memshelf(*command, "--help")
        assert ran.code == 0
        if command != ("queue",):
            assert "--json" in ran.out, command
        if command != ("jobs", "counts"):
            assert f"\n  memshelf {' '.join(command)}" in ran.out, command


def test_the_version_is_told(memshelf: Memshelf) -> None:
    ran = memshelf("--version")
    assert ran.code == 0
    assert re.match(r"memshelf(, not installed| \d)", ran.out)


def test_python_m_memshelf_is_the_command() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "memshelf", "--help"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "runtime")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.startswith("Usage: memshelf [OPTIONS] COMMAND")


def test_help_imports_no_application_and_compiles_no_schema(tmp_path: Path) -> None:
    script = "import sys\nfrom memshelf.cli import main\ntry:\n  main()\nexcept SystemExit: pass\n"
    script += "print([name for name in ('jsonschema_rs', 'tests.runtime.app') if name in sys.modules])"
    ran = subprocess.run(
        [sys.executable, "-c", script, "--help"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "runtime")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.splitlines()[-1] == "[]"


def test_config_shows_every_setting_and_no_secret(memshelf: Memshelf) -> None:
    secret = {
        **memshelf.environment,
        "MEMSHELF_MONGO_URL": "mongodb://ann:secret@db.example.com/",
        "MEMSHELF_LEASE": "1m",
    }
    ran = Memshelf(secret)("config", "--json")
    assert ran.json["application"] == "tests.runtime.app"
    settings = ran.json["settings"]
    assert {*settings} == {f"MEMSHELF_{name.upper()}" for name in Settings.model_fields}
    assert settings["MEMSHELF_MONGO_URL"] == {"value": "mongodb://***@db.example.com/", "from": "environment"}
    assert settings["MEMSHELF_LEASE"] == {"value": "1m", "from": "environment"}
    assert settings["MEMSHELF_GRACE_PERIOD"] == {"value": "30s", "from": "default"}
    table = Memshelf(secret)("config").out
    assert "mongodb://***@db.example.com/" in table
    assert "secret" not in ran.out + table


def test_a_bad_setting_is_told_by_its_variable(memshelf: Memshelf) -> None:
    ran = Memshelf({**memshelf.environment, "MEMSHELF_LEASE": "soon"})("jobs", "list")
    assert (ran.code, ran.out) == (2, "")
    assert "MEMSHELF_LEASE" in ran.err
    assert "Traceback" not in ran.err


def test_indexes_are_listed_and_created(
    memshelf: Memshelf, mongo_client: MongoClient[dict[str, Any]], database_name: str
) -> None:
    before = memshelf("db", "indexes", "--json")
    assert before.json["collection"] == f"{database_name}.jobs"
    assert [(index["name"], index["exists"]) for index in before.json["indexes"]] == [(name, False) for name in PURPOSE]
    assert before.json["indexes"][0]["keys"]["priority"] == -1
    assert "run `memshelf db indexes --create`" in memshelf("db", "indexes").out
    assert mongo_client[database_name].list_collection_names() == []
    after = memshelf("db", "indexes", "--create", "--json")
    assert [index["exists"] for index in after.json["indexes"]] == [True] * len(PURPOSE)
    assert (before.json["validator"], after.json["validator"]) == (False, True)
    table = memshelf("db", "indexes").out
    assert all(purpose in table for purpose in PURPOSE.values())


def test_health_decides_the_exit_code(memshelf: Memshelf) -> None:
    assert memshelf("db", "indexes", "--create").code == 0
    assert memshelf("health").out.splitlines()[0] == "healthy"
    memshelf("queue", "echo")
    ran = memshelf("health")
    assert (ran.code, ran.out.splitlines()[0]) == (1, "unhealthy")
    told = memshelf("health", "--json")
    assert (told.code, told.json["healthy"], told.json["counts"]) == (1, False, {"echo": {"ready": 1}})
    assert {*told.json} == {
        *("healthy", "reasons", "remarks", "server", "counts", "oldestDueSeconds", "workers"),
        *("unknownNames", "missingIndexes"),
    }


def test_a_server_that_is_not_there_is_unhealthy(memshelf: Memshelf) -> None:
    gone = {"MEMSHELF_MONGO_URL": "mongodb://127.0.0.1:1/", "MEMSHELF_SERVER_SELECTION_TIMEOUT_MS": "100"}
    ran = Memshelf({**memshelf.environment, **gone})("health", "--json")
    assert (ran.code, ran.json["server"]["reachable"], ran.json["counts"]) == (1, False, None)


def test_a_package_that_is_not_there_is_refused(memshelf: Memshelf) -> None:
    ran = memshelf("queue", "echo", app_package="acme.generated")
    assert ran.code == 2
    assert ran.err.startswith("memshelf: no module acme: the application is the package 'acme.generated'; ")


def test_a_package_that_was_not_generated_is_refused(memshelf: Memshelf) -> None:
    ran = memshelf("queue", "echo", app_package="tests.runtime")
    assert ran.code == 2
    assert "no module tests.runtime.catalog" in ran.err


@pytest.mark.parametrize("name", [".app", "a..b"])
def test_a_name_that_is_no_package_is_refused(memshelf: Memshelf, name: str) -> None:
    assert memshelf("queue", "echo", app_package=name).code == 2


def test_without_any_application_three_ways_are_named(
    memshelf: Memshelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = memshelf("queue", "echo", app_package=None)
    assert ran.code == 2
    assert all(way in ran.err for way in ("--app", "MEMSHELF_APP", "[tool.memshelf]"))
    assert memshelf("config", "--json", app_package=None).json["application"] is None


def test_the_variable_names_the_application(memshelf: Memshelf) -> None:
    named = Memshelf({**memshelf.environment, "MEMSHELF_APP": "tests.runtime.app"})
    assert named("queue", "echo", app_package=None).code == 0


def test_the_nearest_project_names_the_application_and_its_source(
    memshelf: Memshelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.memshelf]\nsource = "src"\ngenerated = "shelf_of_a_test.generated"\n'
    )
    package = tmp_path / "src" / "shelf_of_a_test" / "generated"
    package.mkdir(parents=True)
    (package / "catalog.py").write_text("from tests.runtime.app.catalog import catalog\n")
    below = tmp_path / "deep" / "below"
    below.mkdir(parents=True)
    (tmp_path / "deep" / "pyproject.toml").write_text("[tool.other]\n")
    monkeypatch.chdir(below)
    monkeypatch.setattr(sys, "path", [*sys.path])
    assert memshelf("config", "--json", app_package=None).json["application"] == "shelf_of_a_test.generated"
    assert memshelf("queue", "echo", app_package=None).code == 0


@pytest.mark.parametrize("text", ["[tool.memshelf]\ngenerated = 5\n", "[tool]\nmemshelf = 5\n", "[[[\n"])
def test_a_bad_project_file_is_told_with_its_path(
    memshelf: Memshelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    monkeypatch.chdir(tmp_path)
    ran = memshelf("queue", "echo", app_package=None)
    assert ran.code == 2
    assert ran.err.startswith(f"memshelf: {tmp_path / 'pyproject.toml'}: ")


def test_an_error_of_the_applications_own_keeps_its_traceback(
    memshelf: Memshelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "broken_shelf_of_a_test"
    package.mkdir()
    (package / "catalog.py").write_text("import a_module_that_is_not_there\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    with pytest.raises(ModuleNotFoundError, match="a_module_that_is_not_there"):
        memshelf("queue", "echo", app_package="broken_shelf_of_a_test")


def test_json_on_standard_output_is_json_alone(memshelf: Memshelf) -> None:
    assert json.loads(memshelf("queue", "echo", "--json").out)["name"] == "echo"


@pytest.mark.parametrize("slip", ["def handle(:", "import no_such_module_of_mine", "1 / 0"])
def test_a_handler_that_cannot_be_imported_is_told_in_short(
    memshelf: Memshelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slip: str
) -> None:
    package = f"slipped{abs(hash(slip))}"
    (tmp_path / package).mkdir()
    (tmp_path / package / "__init__.py").touch()
    (tmp_path / package / "registry.py").write_text(f"import {package}.handler\n", encoding="utf-8")
    (tmp_path / package / "handler.py").write_text(f"{slip}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    ran = memshelf("worker", "--drain", "--json", app_package=package)
    assert (ran.code, ran.json["error"]["type"]) == (2, "InputError")
    lines = ran.err.splitlines()
    assert lines[0] == f"memshelf: the handlers of '{package}' cannot be imported"
    assert lines[1].endswith('registry.py", line 1, in <module>')
    assert slip in ran.err
