"""The options that all commands share, before the command's name or behind it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from memshelf_gen.report import Report
from memshelf_gen.settings import ProjectConfig, find_config

ConfigOption = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="The pyproject.toml; default: the nearest above.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but faults.")]

CacheOption = Annotated[
    bool, typer.Option("--no-cache", help="Read and render everything anew, even if nothing has changed.")
]


def joined(context: typer.Context, config: Path | None, as_json: bool, quiet: bool) -> tuple[Report, Path | None]:
    """Join the options before the command's name with those behind it."""
    before: tuple[Path | None, bool, bool, bool] = context.obj
    return Report(as_json=as_json or before[1], quiet=quiet or before[2]), config or before[0]


def cached(context: typer.Context, no_cache: bool) -> bool:
    """Tell whether what schemas say may be recalled: unless the option stands on either side of the command's name."""
    return not (no_cache or context.obj[3])


def project_config(file: Path | None) -> ProjectConfig:
    """Find the project's configuration: the named one, or the nearest above the working folder."""
    return find_config(Path.cwd(), file)
