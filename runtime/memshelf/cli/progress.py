"""How far a command has come that changes many jobs: one line on a terminal, nothing elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pymongo.errors import PyMongoError

from memshelf.errors import MemshelfError
from memshelf.reasons import reason


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


@contextmanager
def interrupted(deed: str, tell: Callable[[int, int], None]) -> Iterator[Callable[[int, int], None]]:
    """Say what was done when the user interrupts it, or the server goes away.

    Raises:
        Interrupted: in place of what happened; a batch at that moment may be done too.
    """
    seen = (0, 0)

    def note(done: int, total: int) -> None:
        nonlocal seen
        seen = (done, total)
        tell(done, total)

    try:
        yield note
    except (KeyboardInterrupt, PyMongoError) as error:
        why = "from the keyboard" if isinstance(error, KeyboardInterrupt) else reason(error)
        left = f"{seen[0]:,} of {seen[1]:,} jobs are {deed}" if seen[1] else f"no job is known to be {deed}"
        raise Interrupted(
            f"interrupted ({why}): {left}; the batch at that moment may be too; the same command goes on with the rest"
        ) from error


class Interrupted(MemshelfError):
    """Something that was done in batches did not come to its end."""
