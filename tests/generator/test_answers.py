"""Whatever a command prints with --json is valid under its published schema, and no command is without one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from memshelf_gen.exports.published import answers
from tests.docs.test_generator_page import COMMAND, every_command
from tests.generator.projects import EMAIL, job, make, tree, write
from tests.generator.test_cli import answer, run, start

COMMANDS = [name for name, command in every_command(COMMAND) if not getattr(command, "commands", {}) or not name]
"""Every command that can be run, the one without a name first; groups only hold others."""


def file_of(command: str) -> str:
    return f"{command.replace(' ', '-') or 'generate'}.schema.json"


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a command in a project, and the exit code that it ends with."""

    command: str
    arguments: tuple[str, ...] = ()
    code: int = 0
    prepare: Callable[[Path], None] = lambda folder: None

    @property
    def words(self) -> tuple[str, ...]:
        return (*self.command.split(), *self.arguments, "--json")


def generated(folder: Path) -> None:
    run(folder)


def changed(folder: Path) -> None:
    """Leave a project that drifts in each way there is."""
    run(folder)
    write(folder / "generated/own.py", "x = 1\n")
    write(folder / "generated/catalog.py", "\n")
    write(folder / "jobs/old.py", "def handle(job, context): ...\n")
    write(folder / "jobs/other.py", "\n")
    (folder / "generated/queues.py").unlink()
    for export in ("schemas", "docs", "answers"):
        run(folder, "export", export, "--out", "out")
    write(folder / "schemas/email.json", {**EMAIL, "title": "Mail"})
    write(folder / "out/check.schema.json", '{"$id": "urn:memshelf:answers/check.schema.json"}')
    write(folder / "out/gone.schema.json", '{"$id": "urn:memshelf:answers/gone.schema.json"}')
    (folder / "out/list.schema.json").unlink()
    write(folder / "out/one.json", "{}")


def broken(folder: Path) -> None:
    write(folder / "schemas/email.json", {**EMAIL, "type": "strng", "x-job": {"retries": -1}})


def unconfigured(folder: Path) -> None:
    (folder / "pyproject.toml").unlink()


def in_the_way(folder: Path) -> None:
    write(folder / "out", "a file where a folder has to be\n")


def narrowed(folder: Path) -> None:
    """Leave the schemas of before in `before`, and narrower ones in their place."""
    write(folder / "before/email.json", EMAIL)
    write(folder / "schemas/email.json", {**EMAIL, "required": ["to", "subject", "body"]})


RUNS = (
    Run("", ()),
    Run("", (), prepare=changed),
    Run("", ("--version",)),
    Run("", (), 2, broken),
    Run("", (), 2, unconfigured),
    Run("check", prepare=generated),
    Run("check", (), 1, changed),
    Run("check", (), 2, broken),
    Run("init", ("sub",)),
    Run("init", ("sub",), prepare=lambda folder: write(folder / "sub/Makefile", "all:\n")),
    Run("init", (), 2),
    Run("new", ("billing/refund",)),
    Run("new", ("../refund",), 2),
    Run("watch", (), 2, unconfigured),
    Run("list"),
    Run("list", prepare=changed),
    Run("list", (), 2, broken),
    Run("breaking", ("--against", "schemas")),
    Run("breaking", ("--against", "before"), 1, narrowed),
    Run("breaking", ("--against", "nowhere"), 2),
    Run("lint"),
    Run("lint", ("--list",)),
    Run("lint", ("--explain", "open-object")),
    Run("lint", ("--fail-on", "note"), 1),
    Run("lint", (), 1, broken),
    Run("lint", ("--rule", "open-objects"), 2),
    Run("export schemas", ("--out", "out")),
    Run("export schemas", ("send-email",)),
    Run("export schemas", ("--out", "out", "--check"), 1, changed),
    Run("export schemas", ("send-emial",), 2),
    Run("export schemas", ("--out", "out"), 2, in_the_way),
    *(
        each
        for name in ("envelope", "metaschema")
        for each in (
            Run(f"export {name}"),
            Run(f"export {name}", ("--out", "out/one.json")),
            Run(f"export {name}", ("--out", "out/one.json", "--check"), 1),
            Run(f"export {name}", ("--out", "out/one.json", "--check"), 1, changed),
            Run(f"export {name}", ("--check",), 2),
        )
    ),
    Run("export docs", ("--out", "out")),
    Run("export docs", ("--out", "out", "--check"), 1, changed),
    Run("export docs", (), 2),
    Run("export answers", ("check",)),
    Run("export answers", ("--out", "out")),
    Run("export answers", ("--out", "out", "--check"), 1, changed),
    Run("export answers", ("chekc",), 2),
)


@pytest.mark.parametrize("each", RUNS, ids=lambda each: f"{' '.join(each.words)}-{each.code}")
def test_an_answer_is_what_was_published(each: Run, tmp_path: Path) -> None:
    make(tmp_path, {"email.json": EMAIL, "other.json": job({})})
    each.prepare(tmp_path)
    ended = run(tmp_path, *each.words)
    assert ended.exit_code == each.code, ended.output
    told = answer(ended)
    assert told["ok"] == (each.code == 0)
    assert faults(file_of(each.command), told) == []
    if each.code == 2:
        assert faults("problems.schema.json", told) == []


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_has_a_schema_and_is_run_here_with_and_without_success(command: str) -> None:
    assert file_of(command) in answers()
    codes = {each.code for each in RUNS if each.command == command}
    # That one runs until it is ended: test_watch judges what it tells.
    assert ({2} if command == "watch" else {0, 2}) <= codes
    options = next(one for name, one in every_command(COMMAND) if name == command).params
    if any("--check" in param.opts for param in options):
        assert 1 in codes


def test_no_schema_is_left_of_a_command_that_is_gone() -> None:
    assert answers().keys() == {"problems.schema.json", *map(file_of, COMMANDS)}


def test_without_its_extra_a_command_answers_too(tmp_path: Path) -> None:
    make(tmp_path, {"email.json": EMAIL})
    ended = start("list", "--json", code=f"import os, sys\nsys.modules['yaml'] = None\nos.chdir({str(tmp_path)!r})")
    assert ended.returncode == 2
    assert faults("list.schema.json", json.loads(ended.stdout)) == []


@pytest.mark.parametrize("name", answers())
def test_a_schema_is_valid_self_contained_and_explains_every_key(name: str) -> None:
    schema = json.loads(answers()[name])
    jsonschema_rs.meta.validate(schema)
    assert schema["$id"] == f"urn:memshelf:answers/{name}"
    assert set(references(schema)) <= {f"#/$defs/{each}" for each in schema["$defs"]}
    assert {f"#/$defs/{each}" for each in schema["$defs"]} <= set(references(schema))
    parts = [schema, *schema["$defs"].values()]
    assert [part for part in parts if not part.get("description")] == []
    keys = [(key, each) for part in parts for key, each in part.get("properties", {}).items()]
    assert [key for key, each in keys if not each.get("description")] == []
    problems = json.loads(answers()["problems.schema.json"])
    assert schema["$defs"]["Problem"] == problems["$defs"]["Problem"]


def test_schemas_are_written_compared_and_printed(tmp_path: Path) -> None:
    assert run(tmp_path, "export", "answers", "--out", "out").exit_code == 0
    assert {path: text.decode() for path, text in tree(tmp_path / "out").items()} == answers()
    assert run(tmp_path, "export", "answers", "--out", "out", "--check").output == "no drift\n"
    write(tmp_path / "out/gone.schema.json", '{"$id": "urn:memshelf:answers/gone.schema.json"}')
    write(tmp_path / "out/own.schema.json", '{"$id": "urn:acme:own"}')
    assert answer(run(tmp_path, "export", "answers", "--out", "out", "--json"))["removed"] == ["out/gone.schema.json"]
    assert (tmp_path / "out/own.schema.json").exists()
    for name in ("export-schemas", "export schemas", "memshelf-gen export schemas"):
        assert run(tmp_path, "export", "answers", name).output == answers()["export-schemas.schema.json"]


def test_a_file_of_somebody_elses_is_not_overwritten(tmp_path: Path) -> None:
    write(tmp_path / "out/check.schema.json", "{}")
    ended = run(tmp_path, "export", "answers", "--out", "out")
    assert ended.exit_code == 2
    assert "out/check.schema.json: is here already" in ended.stderr


def faults(name: str, told: Any) -> list[str]:
    """Judge an answer by its published schema, in which no key may be missing either."""
    judge = jsonschema_rs.validator_for(closed(json.loads(answers()[name])))
    return [f"{each.instance_path}: {each.message}" for each in judge.iter_errors(told)]


def closed(schema: Any) -> Any:
    """Give a schema that refuses keys which it does not describe."""
    match schema:
        case dict():
            strict = {"additionalProperties": False} if "properties" in schema else {}
            return {**{key: closed(each) for key, each in schema.items()}, **strict}
        case list():
            return [closed(each) for each in schema]
        case _:
            return schema


def references(schema: Any) -> Iterator[str]:
    match schema:
        case dict():
            for key, each in schema.items():
                yield from [each] if key == "$ref" else references(each)
        case list():
            for each in schema:
                yield from references(each)
        case _:
            pass
