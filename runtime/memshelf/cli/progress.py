"""How far a command has come that changes many jobs: one line on a terminal, nothing elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress(deed: str, *, as_json: bool) -> Iterator[Callable[[int, int], None]]:
    """Give a function that is told what is done and how much there is; the line goes away at the end."""
    if as_json or not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as drawn:
        line = drawn.add_task(deed, total=None)
        yield lambda done, total: drawn.update(line, completed=done, total=total)
