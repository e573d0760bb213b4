"""Ask before many jobs are changed."""

from __future__ import annotations

import sys

import typer

from memshelf.errors import InputError


def consent(deed: str, *, yes: bool, as_json: bool) -> None:
    """Go on if it was allowed beforehand, or is now.

    Args:
        deed: what would be done, with the number: `delete 12 dead jobs`.

    Raises:
        InputError: there is nobody to ask.
        typer.Abort: the answer is no.
    """
    if yes:
        return
    if as_json or not sys.stdin.isatty():
        raise InputError(f"this would {deed}: allow it with --yes")
    typer.confirm(f"This will {deed}. Go on?", abort=True, err=True)
