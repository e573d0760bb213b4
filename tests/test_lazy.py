"""What is imported late: each name is where its stub says, and importing a queue brings in nothing that is unused."""

from __future__ import annotations

import ast
import importlib
import json
import os
import pickle
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import pytest

import memshelf

ROOT = Path(__file__).parent.parent
STUBS = sorted(path for folder in ("runtime", "generator") for path in (ROOT / folder).rglob("*.pyi"))
HEAVY = (
    *("black", "datamodel_code_generator", "libcst", "referencing", "yaml"),
    *("bson", "dotenv", "jsonschema", "jsonschema_rs", "pydantic", "pydantic_settings", "pymongo"),
    *("rich", "structlog", "svcs", "typer", "asyncio"),
)
"""What costs more to import than all that a producer, or a command's help, needs."""


def module_of(stub: Path) -> ModuleType:
    package = "runtime" if (ROOT / "runtime") in stub.parents else "generator"
    name = ".".join(stub.relative_to(ROOT / package).with_suffix("").parts)
    return importlib.import_module(name.removesuffix(".__init__"))


def declared(stub: Path) -> dict[str, tuple[str, str]]:
    """Give the names that a stub has, each with the module that it comes from and its name there."""
    return {
        alias.asname or alias.name: (str(node.module), alias.name)
        for node in ast.parse(stub.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def run(program: str, *folders: Path) -> str:
    path = os.pathsep.join(map(str, (ROOT / "runtime", *folders)))
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("stub", STUBS, ids=lambda stub: stub.parent.name + "." + stub.stem)
def test_a_stub_and_its_module_have_the_same_names(stub: Path) -> None:
    module, names = module_of(stub), declared(stub)
    assert vars(module)["_HOMES"] == {
        name: home if own == name else f"{home}:{own}" for name, (home, own) in names.items()
    }
    assert [
        name
        for name in names
        if getattr(module, name) is not getattr(importlib.import_module(names[name][0]), names[name][1])
    ] == []
    exported = [node for node in ast.parse(stub.read_text(encoding="utf-8")).body if isinstance(node, ast.Assign)]
    assert {*ast.literal_eval(exported[-1].value)} == {*names}
    assert ast.get_docstring(ast.parse(stub.read_text(encoding="utf-8"))) == module.__doc__


def test_the_package_gives_all_of_its_names_to_those_who_ask() -> None:
    everything: dict[str, object] = {}
    exec("from memshelf import *", everything)
    assert {*memshelf.__all__} == {*everything} - {"__builtins__"}
    assert {*memshelf.__all__} <= {*dir(memshelf)}
    assert vars(memshelf)["__getattr__"]("errors").PayloadError is memshelf.PayloadError
    assert pickle.loads(pickle.dumps(memshelf.RetryPolicy(max=7))) == memshelf.RetryPolicy(max=7)


def test_a_name_that_is_not_there_is_refused_with_one_that_is() -> None:
    with pytest.raises(AttributeError, match="module 'memshelf' has no attribute 'Contxt'") as caught:
        _ = memshelf.Contxt  # type: ignore[attr-defined]
    assert (caught.value.name, caught.value.obj) == ("Contxt", memshelf)
    with pytest.raises(ImportError, match="cannot import name 'Contxt' from 'memshelf'"):
        exec("from memshelf import Contxt")


def test_threads_that_ask_at_once_get_the_same() -> None:
    program = """
import threading
import memshelf
gate, found = threading.Barrier(8), []
def ask():
    gate.wait()
    found.append((memshelf.Worker, memshelf.JobHandle, memshelf.Settings))
threads = [threading.Thread(target=ask) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(len(found), len(set(found)))
"""
    assert run(program) == "8 1\n"


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("import memshelf", []),
        ("import generated", []),
        ("from generated import JobQueue, AsyncJobQueue", []),
        ("from generated.catalog import catalog; [job.timeout for job in catalog]", []),
        ("from generated import EmailPayload, JobQueue", ["pydantic"]),
        ("from memshelf import RetryPolicy, PayloadError, Discard, State, When", []),
    ],
)
def test_an_import_brings_in_what_it_needs_and_no_more(program: str, expected: list[str]) -> None:
    listed = f"import sys\n{program}\nprint(*sorted({{*{HEAVY!r}}} & sys.modules.keys()))"
    assert run(listed, ROOT).split() == expected


def test_only_the_model_that_is_asked_for_is_built() -> None:
    program = """
import sys
from generated import EmailPayload, JobQueue
print(*sorted(name for name in sys.modules if name.startswith(("generated.", "jobs"))))
"""
    assert run(program, ROOT).split() == [
        "generated.catalog",
        "generated.models",
        "generated.models.email",
        "generated.queues",
    ]


def test_a_queue_that_is_opened_has_what_it_needs() -> None:
    program = """
import sys
from generated import JobQueue
with JobQueue.connect("mongodb://127.0.0.1:1/") as queue:
    print("pymongo" in sys.modules, type(queue).__name__)
"""
    assert run(program, ROOT) == "True JobQueue\n"


@pytest.mark.parametrize("option", ["--version", "--help"])
@pytest.mark.parametrize("main", ["memshelf.cli", "memshelf_gen.__main__"])
def test_help_and_version_bring_in_no_more_than_the_command_line(main: str, option: str) -> None:
    program = f"""
import sys
from {main} import main
sys.argv = ["command", {option!r}]
try:
    main()
except SystemExit as ended:
    print()
    print(ended.code, *sorted({{*{HEAVY!r}}} - {{"typer"}} & sys.modules.keys()))
"""
    assert run(program, ROOT / "generator").splitlines()[-1] == "0"


@pytest.mark.parametrize(
    "options", ["--version --json", "--json --version", "--quiet --json --version", "--json --version check"]
)
def test_the_version_is_told_as_json_wherever_that_is_said(options: str) -> None:
    program = (
        f"import sys; sys.argv = ['memshelf-gen', *{options.split()!r}]; from memshelf_gen.__main__ import main; main()"
    )
    assert json.loads(run(program, ROOT / "generator")) == {"ok": True, "version": version("memshelf")}
