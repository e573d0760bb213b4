"""Write the `__init__.py` files: the generated package's own, which imports on first use, and those of its folders."""

from __future__ import annotations

from memshelf_gen.emit.code import Module, apart, docstring, import_as, literal, module
from memshelf_gen.emit.header import header
from memshelf_gen.emit.jobnames import dict_class, payload_class
from memshelf_gen.emit.templates import fill, under
from memshelf_gen.spec import ProjectSpec

_HEAD = """
from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING
"""
_LAZY = """
_HOME = {home}

__all__ = {exported}

if not TYPE_CHECKING:  # so that a type checker refuses names that are not here

    def __getattr__(name: str) -> object:
        home = _HOME.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(home, __name__), name)
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *_HOME})
"""


def package(project: ProjectSpec, *, schemas: str) -> Module:
    """Give the generated package's `__init__.py`."""
    homes = {"AsyncJobQueue": ".queues", "JobQueue": ".queues"}
    for job in project.jobs:
        homes[payload_class(job)] = f".models.{job.names.module}"
        homes[dict_class(job)] = f".dicts.{job.names.module}"
    exported = sorted(homes)
    imports = [import_as(homes[word], word, word) for word in sorted(homes, key=lambda word: (homes[word], word))]
    return module(
        header(f"{schemas}/"),
        [docstring("The queues and the payloads of this application; each is imported when it is first used.")],
        fill(_HEAD),
        under("if TYPE_CHECKING: ...", imports),
        apart(fill(_LAZY, home=literal({word: homes[word] for word in exported}), exported=literal(exported))),
    )


def folder(text: str, *, schemas: str) -> Module:
    """Give an `__init__.py` that has nothing but its docstring."""
    return module(header(f"{schemas}/"), [docstring(text)])
