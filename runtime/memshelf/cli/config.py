"""`memshelf config`: the settings as this process reads them."""

from __future__ import annotations

import os
from typing import Any

import typer

from memshelf.cli.output import AsJson, answer


def config(context: typer.Context, as_json: AsJson = False) -> None:
    """Show every setting with its environment variable, credentials masked.

    \b
    memshelf config
    MEMSHELF_LEASE=1m memshelf config --json
    """
    from memshelf.settings import Settings

    shown = Settings.load().shown()
    origins = {name: "environment" if os.environ.get(name) else "default" for name in shown}
    application = context.obj.package if context.obj.named else None
    value = {
        "application": application,
        "settings": {name: {"value": text, "from": origins[name]} for name, text in shown.items()},
    }
    answer(as_json, value, _picture(shown, origins, application))


def _picture(shown: dict[str, str], origins: dict[str, str], application: str | None) -> Any:
    from rich.console import Group
    from rich.text import Text

    from memshelf.cli.tables import table

    drawn = table("variable", "value", "from")
    for name, text in shown.items():
        own = origins[name] == "environment"
        drawn.add_row(name, Text(text, style="bold" if own else ""), origins[name])
    return Group(Text(f"application: {application or 'none named'}"), drawn)
