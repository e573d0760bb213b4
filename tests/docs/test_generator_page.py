"""The page of the generator has every command, every option and every key of the configuration."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import pytest
from typer.main import get_command

from memshelf_gen.cli import app
from memshelf_gen.exports.published import answers
from memshelf_gen.results import BY_HAND, Kind
from memshelf_gen.settings import ProjectConfig

PAGE = (Path(__file__).parents[2] / "docs/generator.md").read_text(encoding="utf-8")
COMMAND: Any = get_command(app)


def every_command(group: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Give each command with its whole name, those of groups too."""
    yield name, group
    for each in getattr(group, "commands", {}).values():
        yield from every_command(each, f"{name} {each.name}".strip())


@pytest.mark.parametrize("command", [name for name, _ in every_command(COMMAND) if name])
def test_a_command_has_its_section(command: str) -> None:
    level = "##" if " " not in command else "###"
    assert f"\n{level} memshelf-gen {command}\n" in PAGE


def test_every_option_is_described() -> None:
    options = {
        option
        for _, one in every_command(COMMAND)
        for param in one.params
        for option in param.opts
        if option.startswith("-")
    }
    assert [option for option in sorted(options - {"--help"}) if f"`{option}" not in PAGE] == []


def test_every_kind_of_difference_is_described_with_who_puts_it_right() -> None:
    rows = re.findall(r"(?m)^\| `([a-z-]+)` \| .+ \| (you|memshelf-gen)\b.* \|$", PAGE)
    assert rows == [(kind, "you" if kind in BY_HAND else "memshelf-gen") for kind in get_args(Kind)]
    schema = json.loads(answers()["check.schema.json"])
    assert schema["$defs"]["Difference"]["properties"]["kind"]["enum"] == list(get_args(Kind))
    assert schema["$defs"]["Checked"]["properties"]["counts"]["propertyNames"]["enum"] == list(get_args(Kind))


def test_every_key_of_the_configuration_is_described() -> None:
    keys = [one.name for one in fields(ProjectConfig) if one.name != "root"]
    assert [key for key in keys if f"\n| `{key}` |" not in PAGE] == []
