"""The page of the commands has every command, every option and every exit code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from memshelf.cli import exits
from memshelf.cli.queueing import RESERVED
from memshelf.cli.root import app

PAGE = (Path(__file__).parents[2] / "docs/commands.md").read_text(encoding="utf-8")


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Give every command that does something, with its words."""
    below = getattr(command, "commands", {})
    for name in below:
        yield from leaves(below[name], (*path, name))
    if not below:
        yield " ".join(("memshelf", *path)), command


COMMANDS = dict(leaves(get_command(app)))


def section(command: str) -> str:
    """Give what the page says of a command."""
    found = re.search(rf"^##+ {command}\n(.*?)(?=^##+ memshelf|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"docs/commands.md has no heading for `{command}`"
    return found[1]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_has_its_section(command: str) -> None:
    assert len(section(command).strip()) > 50


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_described(command: str) -> None:
    options = [
        option
        for param in COMMANDS[command].params
        if not getattr(param, "hidden", False)
        for option in [*param.opts, *param.secondary_opts]
        if option.startswith("-")
    ]
    text = section(command)
    assert [option for option in options if not re.search(rf"(?<![\w-]){option}(?![\w-])", text)] in (
        [],
        ["--json"],  # what it gives may be said for the whole group
    )


def test_the_options_of_every_job_are_described() -> None:
    text = section("memshelf queue")
    assert [name for name in RESERVED if f"--{name}" not in text] == []


def test_every_section_is_of_a_command() -> None:
    groups = {command.rpartition(" ")[0] for command in COMMANDS}
    headings = re.findall(r"^##+ (memshelf .+)$", PAGE, re.MULTILINE)
    assert {heading for heading in headings if heading not in COMMANDS} <= groups


def test_every_exit_code_is_described() -> None:
    codes = [value for name, value in vars(exits).items() if name.isupper()]
    assert sorted(codes) == [1, 2, 3]
    assert [code for code in codes if f"| {code} |" not in PAGE] == []


def test_the_commands_that_are_shown_exist() -> None:
    shown = re.findall(
        r"^(?:\w+=\S+ )?(memshelf(?: [a-z]+)*)",
        "\n".join(re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)),
        re.MULTILINE,
    )
    assert shown
    assert [line for line in shown if not any(line.startswith(command) for command in COMMANDS)] == []
