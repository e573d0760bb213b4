"""Read options without pydantic, with which typer does: importing it takes a quarter of a command that has no work."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from typer.core import TyperCommand


class Command(TyperCommand):
    """A command that converts only the options that were given."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the options behind the command's name."""
        spare(self.get_params(ctx))
        return super().parse_args(ctx, args)


def spare(parameters: Iterable[Any]) -> None:
    """Leave alone what was not given and need not be: None is None, whatever type the option has."""
    for parameter in parameters:
        single = parameter.nargs == 1 and not parameter.multiple
        if single and not parameter.required and not isinstance(parameter.process_value, _Sparing):
            parameter.process_value = _Sparing(parameter.process_value)


class _Sparing:
    def __init__(self, convert: Any) -> None:
        self._convert = convert

    def __call__(self, ctx: Any, value: Any) -> Any:
        return None if value is None else self._convert(ctx, value)
