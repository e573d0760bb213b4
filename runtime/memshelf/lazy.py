"""Give a module names that are imported when they are first used.

To import pymongo, structlog, svcs and pydantic-settings costs four times what pydantic costs, and a program that
imports a queue may never open it. A module with such names has a stub beside it, from which type checkers know them;
a test holds the two equal.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy(module: str, homes: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Give a module's `__getattr__` and `__dir__` (PEP 562).

    A name is looked for once; then it is the module's own. That is safe between threads: what two of them find at the
    same time is the same. The package's submodules among the homes can be had as attributes, as if they were imported.

    Args:
        module: the module's `__name__`.
        homes: which module has which name; `module:name` where it is called otherwise there.
    """
    inside = {home.rpartition(".")[2]: home for home in homes.values() if home.rpartition(".")[0] == module}

    def find(name: str) -> Any:
        if name in homes:
            home, _, own = homes[name].partition(":")
            found = getattr(import_module(home), own or name)
        elif name in inside:
            found = import_module(inside[name])
        else:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        setattr(sys.modules[module], name, found)
        return found

    def names() -> list[str]:
        return sorted({*vars(sys.modules[module]), *homes})

    return find, names
