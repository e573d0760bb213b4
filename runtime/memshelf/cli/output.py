"""Where a command's answer goes: JSON for programs, a picture for people, errors beside both."""

from __future__ import annotations

import json
import shutil
import sys
from typing import Annotated, Any

import typer

from memshelf.cli.exits import exit_code
from memshelf.errors import MemshelfError, PayloadError

_JSON = "memshelf.json"


def _note(context: typer.Context, value: bool) -> bool:
    """Remember that JSON was asked for, since an error must know it too."""
    context.meta[_JSON] = value
    return value


AsJson = Annotated[
    bool,
    typer.Option("--json", callback=_note, is_eager=True, help="Answer in JSON on standard output, with stable keys."),
]
"""The option `--json` of every command."""


def answer(as_json: bool, value: dict[str, Any], picture: Any) -> None:
    """Write the answer: `value` as JSON, or else `picture`, which is a text or anything that rich can draw."""
    if as_json:
        print(json.dumps(value, ensure_ascii=False, indent=2), flush=True)
        return
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True, width=width())
    console.print(picture, markup=False)


def width() -> int:
    """Give the columns that a table may take: those of the terminal, or many, since a pipe has no width."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 200


def complain(context: typer.Context, error: MemshelfError) -> int:
    """Write an error as text to standard error, and as JSON to standard output if that was asked for; give the code."""
    text = str(error)
    if context.meta.get(_JSON):
        value: dict[str, Any] = {"type": type(error).__name__, "message": text}
        if isinstance(error, PayloadError):
            value["problems"] = [{"path": problem.path, "message": problem.message} for problem in error.problems]
        print(json.dumps({"error": value}, ensure_ascii=False, indent=2), flush=True)
    typer.secho(f"memshelf: {text}", fg=typer.colors.RED, err=True)
    return exit_code(error)
