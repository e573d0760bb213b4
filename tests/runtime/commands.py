"""The command `memshelf` as tests use it: in this process, for the tests' application."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from typer.testing import CliRunner

from memshelf.cli.root import app

APPLICATION = "tests.runtime.app"


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it wrote to standard output, read as JSON."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Memshelf:
    """Runs commands with a database of their own."""

    environment: dict[str, str | None]

    def __call__(self, *arguments: str, stdin: str | None = None, app_package: str | None = APPLICATION) -> Ran:
        front = ["--app", app_package] if app_package else []
        done = CliRunner().invoke(
            app, [*front, *arguments], env=self.environment, input=stdin, prog_name="memshelf", catch_exceptions=False
        )
        return Ran(done.exit_code, done.stdout, done.stderr)


def memshelf_for(mongo_url: str, database_name: str, **variables: str) -> Memshelf:
    """Give the command for a database."""
    named = {f"MEMSHELF_{name.upper()}": value for name, value in variables.items()}
    return Memshelf(
        {"MEMSHELF_MONGO_URL": mongo_url, "MEMSHELF_DATABASE": database_name, "MEMSHELF_APP": None, **named}
    )
