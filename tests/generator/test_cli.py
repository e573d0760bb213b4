"""The command: what it prints, and the exit codes 0 fine, 1 drift, 2 invalid input."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from memshelf_gen.cli import app
from tests.generator.projects import EMAIL, make, tree, write

ROOT = Path(__file__).parents[2]


def run(folder: Path, *arguments: str) -> Result:
    """Run a command in a folder."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        return CliRunner().invoke(app, arguments, catch_exceptions=False, prog_name="memshelf-gen")
    finally:
        os.chdir(before)


def start(*arguments: str, code: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """Start the command in a process of its own, after some code of the test's."""
    path = os.pathsep.join(str(ROOT / folder) for folder in ("runtime", "generator"))
    script = f"{code}\nfrom memshelf_gen.__main__ import main\nmain()"
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_a_command_it_generates(tmp_path: Path) -> None:
    make(tmp_path, {"email.json": EMAIL})
    result = run(tmp_path)
    assert result.exit_code == 0
    assert "created     generated/models/email.py\n" in result.output
    assert "created     jobs/email.py\n" in result.output
    assert run(tmp_path).output == "1 job: up to date\n"


def test_a_clean_check_exits_with_0(tmp_path: Path) -> None:
    make(tmp_path, {"email.json": EMAIL})
    run(tmp_path)
    result = run(tmp_path, "check")
    assert result.exit_code == 0
    assert result.output == (
        "handler-unimplemented  jobs/email.py: is still the stub: write its body\n1 job: no drift\n"
    )


def test_a_strict_check_fails_for_a_stub(tmp_path: Path) -> None:
    make(tmp_path, {"email.json": EMAIL})
    run(tmp_path)
    result = run(tmp_path, "check", "--strict")
    assert (result.exit_code, result.output.splitlines()[-1]) == (1, "drift: 1 handler-unimplemented")
    write(tmp_path / "jobs/email.py", "async def handle(job, context): ...\n")
    result = run(tmp_path, "check", "--strict")
    assert (result.exit_code, result.output) == (0, "1 job: no drift\n")


def test_drift_exits_with_1_and_a_diff(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    run(tmp_path)
    write(config.schema_folder / "email.json", {**EMAIL, "description": "Send mail."})
    result = run(tmp_path, "check")
    assert result.exit_code == 1
    line = "stale                  generated/models/email.py: the schemas or the configuration have changed since; "
    assert f"{line}memshelf-gen brings it up to date\n--- a/generated/models/email.py\n" in result.output
    assert '-    """Send one transactional email."""\n+    """Send mail."""\n' in result.output
    assert result.output.splitlines()[-1] == "drift: 6 stale; run memshelf-gen"


def test_a_stat_counts_lines_and_shows_no_diff(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    run(tmp_path)
    write(config.generated_folder / "catalog.py", (config.generated_folder / "catalog.py").read_text() + "x = 1\n")
    write(config.generated_folder / "own.py", "# mine\n" * 80)
    result = run(tmp_path, "check", "--stat")
    assert result.exit_code == 1
    assert result.output.splitlines()[-5:] == [
        "",
        " generated/catalog.py |  1 -",
        f" generated/own.py     | 80 {'-' * 40}",
        " 2 files differ, 0 lines to insert, 81 lines to delete",
        "drift: 1 edited, 1 unexpected; run memshelf-gen",
    ]
    assert "+++" not in result.output


def test_drift_that_only_people_can_put_right_is_not_sent_to_the_generator(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL, "other.json": EMAIL | {"x-job": {}}})
    run(tmp_path)
    write(tmp_path / "jobs/other.py", "async def handle(job, context): ...\n")
    (config.schema_folder / "other.json").unlink()
    run(tmp_path)
    result = run(tmp_path, "check")
    assert result.exit_code == 1
    assert result.output.splitlines()[-1] == "drift: 1 handler-orphaned"


def test_invalid_input_exits_with_2_and_writes_nothing(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    run(tmp_path)
    write(config.schema_folder / "email.json", {**EMAIL, "x-job": {"retries": -1}, "type": "strng"})
    before = tree(tmp_path)
    for command in ([], ["check"], ["list"]):
        result = run(tmp_path, *command)
        assert result.exit_code == 2
        assert result.stdout == ""
        assert "schemas/email.json:1:" in result.stderr
    assert tree(tmp_path) == before


def test_a_folder_without_a_configuration_is_invalid(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert result.exit_code == 2
    assert "`memshelf-gen init` makes a project" in result.stderr


def test_the_configuration_may_be_named(tmp_path: Path) -> None:
    make(tmp_path, {"email.json": EMAIL})
    for arguments in (["--config", str(tmp_path / "pyproject.toml")], ["check", "--config", str(tmp_path)]):
        assert run(ROOT / "docs", *arguments).exit_code == 0
    assert run(ROOT / "docs", "--config", str(tmp_path), "check").exit_code == 0


def test_json_is_one_object(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    made = answer(run(tmp_path, "--json"))
    assert (made["ok"], made["jobs"], made["stubs"]) == (True, ["send-email"], ["jobs/__init__.py", "jobs/email.py"])
    assert answer(run(tmp_path, "check", "--json")) == {
        "ok": True,
        "differences": [
            {
                "kind": "handler-unimplemented",
                "path": "jobs/email.py",
                "text": "is still the stub: write its body",
                "diff": "",
                "insertions": 0,
                "deletions": 0,
            }
        ],
        "counts": {"handler-unimplemented": 1},
        "hints": [],
    }
    write(config.generated_folder / "catalog.py", "")
    drifted = answer(run(tmp_path, "--json", "check"))
    assert drifted["ok"] is False
    assert drifted["counts"] == {"edited": 1, "handler-unimplemented": 1}
    assert drifted["differences"][0]["path"] == "generated/catalog.py"
    write(config.schema_folder / "email.json", "{")
    refused = answer(run(tmp_path, "--json"))
    assert refused["ok"] is False
    assert refused["problems"][0]["path"] == "schemas/email.json"


def test_quiet_is_silent_about_good_news(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    assert run(tmp_path, "--quiet").output == ""
    assert run(tmp_path, "check", "-q").output == ""
    write(config.generated_folder / "catalog.py", "")
    assert "generated/catalog.py: was changed by hand" in run(tmp_path, "check", "--quiet").output


def test_jobs_are_listed(tmp_path: Path) -> None:
    make(tmp_path, {"email.json": EMAIL})
    assert run(tmp_path, "list").output == (
        "name        schema              method       queue    handler        state\n"
        "send-email  schemas/email.json  queue_email  default  jobs/email.py  missing\n"
    )
    assert answer(run(tmp_path, "list", "--json"))["jobs"][0]["state"] == "missing"


def test_notes_name_what_people_have_to_do(tmp_path: Path) -> None:
    make(tmp_path, {"email.json": EMAIL})
    write(tmp_path / "generated/own.py", "x = 1\n")
    write(tmp_path / "jobs/old.py", "def handle(job, context): ...\n")
    write(tmp_path / "jobs/email.py", "class Job: ...\n")
    result = run(tmp_path)
    assert result.exit_code == 0
    assert "foreign     generated/own.py: memshelf-gen did not write it" in result.output
    assert "orphan      jobs/old.py: no schema leads to this handler" in result.output
    assert "unfit       jobs/email.py: has no function `handle`" in result.output
    assert run(tmp_path, "check").exit_code == 1


def test_a_new_project_works(tmp_path: Path) -> None:
    result = run(tmp_path, "init")
    assert result.exit_code == 0
    assert "created     schemas/greeting.yaml" in result.output
    assert run(tmp_path, "check").exit_code == 0
    assert "memshelf-gen check" in (tmp_path / ".github/workflows/jobs.yml").read_text()
    assert "memshelf-gen check" in (tmp_path / "Makefile").read_text()
    script = (
        "import asyncio, sys; sys.path.insert(0, '.')\n"
        "from types import SimpleNamespace as N\n"
        "from generated.registry import registry\n"
        "from generated import GreetingPayload\n"
        "entry = registry.find('greeting')\n"
        "log = N(info=lambda *a, **k: None)\n"
        "asyncio.run(entry.handler(N(payload=GreetingPayload(name='Ada')), N(log=log)))\n"
    )
    path = os.pathsep.join(str(ROOT / folder) for folder in ("runtime", "generator"))
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("Hello, Ada!\n", "")


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not here")
def test_the_makefile_of_a_new_project_knows_every_check(tmp_path: Path) -> None:
    run(tmp_path, "init")
    asked = ["generate", "check", "lint", "breaking", "dev"]
    made = subprocess.run(
        ["make", "--no-print-directory", "-n", *asked], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    assert made.splitlines() == [
        "memshelf-gen",
        "memshelf-gen check",
        "memshelf-gen lint",
        "memshelf-gen breaking --against origin/main",
        "memshelf dev",
    ]


def test_a_new_project_leaves_what_is_there(tmp_path: Path) -> None:
    write(tmp_path / "sub/pyproject.toml", '[project]\nname = "mine"\n')
    write(tmp_path / "sub/Makefile", "all:\n")
    result = run(tmp_path, "init", "sub")
    assert result.exit_code == 0
    assert "left        Makefile is here already; it could have had:" in result.output
    assert (tmp_path / "sub/Makefile").read_text() == "all:\n"
    assert (tmp_path / "sub/pyproject.toml").read_text().startswith('[project]\nname = "mine"\n\n[tool.memshelf]\n')


def test_a_project_is_not_made_twice(tmp_path: Path) -> None:
    run(tmp_path, "init")
    before = tree(tmp_path)
    result = run(tmp_path, "init")
    assert result.exit_code == 2
    assert "is here already" in result.stderr
    assert tree(tmp_path) == before


def test_a_new_job_gets_a_schema_and_a_stub(tmp_path: Path) -> None:
    make(tmp_path, {"email.json": EMAIL})
    result = run(tmp_path, "new", "billing/refund")
    assert result.exit_code == 0
    assert (tmp_path / "schemas/billing/refund.yaml").exists()
    assert (tmp_path / "jobs/billing/refund.py").exists()
    assert run(tmp_path, "check").exit_code == 0


@pytest.mark.parametrize(
    "name", ["email", "email.yaml", "../up", "/abs", "Email", "e-mail/../email", "a/../../b", "", "a/", ".b"]
)
def test_a_new_job_that_cannot_be_is_refused(tmp_path: Path, name: str) -> None:
    make(tmp_path, {"email.json": EMAIL})
    before = tree(tmp_path)
    result = run(tmp_path, "new", name)
    assert result.exit_code == 2
    assert result.stderr.strip()
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("", "'': names no job; give a path below schemas/, such as billing/invoice"),
        ("billing/", "'billing/': names no job; give a path below schemas/, such as billing/invoice"),
        ("/abs", "/abs: leads out of the schema folder; give a path below schemas/, such as billing/invoice"),
        (".b", ".b: has a dot in front, and such files are not read; give a path below schemas/"),
        ("con", "con: needs a file called 'con', which Windows takes for a device; give a path below"),
        ("billing/NUL.yaml", "needs a file called 'nul', which Windows takes for a device"),
        ("lpt1/invoice", "needs a file called 'lpt1', which Windows takes for a device"),
        ("-aux-", "needs a file called 'aux', which Windows takes for a device"),
    ],
)
def test_what_is_wrong_with_the_name_of_a_new_job_is_said(tmp_path: Path, name: str, text: str) -> None:
    make(tmp_path, {"email.json": EMAIL})
    before = tree(tmp_path)
    result = run(tmp_path, "new", "--", name)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert text in result.stderr
    assert tree(tmp_path) == before


def test_a_new_job_that_is_refused_leaves_no_folder(tmp_path: Path) -> None:
    make(tmp_path, {"email.json": EMAIL})
    assert run(tmp_path, "new", "email/deep/er").exit_code == 2
    assert [path.name for path in (tmp_path / "schemas").iterdir()] == ["email.json"]


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_version_and_help_need_no_extra(option: str) -> None:
    heavy = [
        "black",
        "datamodel_code_generator",
        "isort",
        "jsonschema",
        "jsonschema_rs",
        "libcst",
        "referencing",
        "yaml",
    ]
    blocked = f"import sys\nfor name in {heavy!r}: sys.modules[name] = None"
    done = start(option, code=blocked)
    assert done.returncode == 0, done.stderr
    assert "memshelf-gen" in done.stdout


@pytest.mark.parametrize("command", ["", "check", "list", "init", "new x", "lint", "breaking --against .", "watch"])
def test_without_the_extra_the_command_says_how_to_get_it(tmp_path: Path, command: str) -> None:
    make(tmp_path, {"email.json": EMAIL})
    missing = ["datamodel_code_generator", "jsonschema", "libcst", "referencing", "watchfiles", "yaml"]
    blocked = f"import os, sys\nfor name in {missing!r}: sys.modules[name] = None\nos.chdir({str(tmp_path)!r})"
    done = start(*command.split(), code=blocked)
    assert done.returncode == 2
    assert done.stderr == 'memshelf-gen needs its extra: pip install "memshelf[gen]"\n'


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    make(tmp_path, {"email.json": EMAIL})
    write(tmp_path / "generated/models", "a file where a folder has to be\n")
    result = run(tmp_path)
    assert result.exit_code == 2
    assert "generated/models: " in result.stderr


def test_an_unknown_option_is_a_wrong_use() -> None:
    assert start("--nonsense").returncode == 2


def answer(result: Result) -> dict[str, Any]:
    """Read the one JSON object that was printed."""
    loaded: dict[str, Any] = json.loads(result.stdout)
    return loaded
