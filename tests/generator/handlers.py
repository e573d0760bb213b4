"""Handlers as people write them: put into a small project, brought up to date, and compared byte by byte."""

from __future__ import annotations

from pathlib import Path

from memshelf_gen.pipeline import generate
from memshelf_gen.results import Generated
from memshelf_gen.settings import ProjectConfig
from tests.generator.projects import EMAIL, make


def renamed(folder: Path, handler: bytes, **settings: str) -> tuple[Generated, bytes]:
    """Give what becomes of a handler that speaks of EmailPayload when its schema is called mail."""
    return brought_up_to_date(make(folder, {"mail.json": EMAIL}, **settings), handler)


def moved(folder: Path, handler: bytes, **settings: str) -> tuple[Generated, bytes]:
    """Give what becomes of a handler when the generated package is called acme.generated instead of generated."""
    return brought_up_to_date(make(folder, {"mail.json": EMAIL}, generated="acme.generated", **settings), handler)


def brought_up_to_date(config: ProjectConfig, handler: bytes) -> tuple[Generated, bytes]:
    """Give what a generation did, and the handler's file after it; a second generation has nothing to do."""
    file = config.jobs_folder / "mail.py"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(handler)
    done = generate(config)
    again = generate(config)
    assert (again.adjusted, again.appended, again.stubs) == ((), (), ())
    assert again.unfit == done.unfit
    return done, file.read_bytes()
