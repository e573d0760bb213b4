"""The application that a command serves: its generated package, found and imported."""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from pathlib import Path
from types import ModuleType

from memshelf import parts
from memshelf.errors import InputError
from memshelf.jobtype import Catalog
from memshelf.project import Project, nearest_project

VARIABLE = "MEMSHELF_APP"


class Application:
    """The generated package that `--app`, MEMSHELF_APP or the nearest pyproject.toml names; imported when asked."""

    def __init__(self, named: str | None) -> None:
        self._named = named or os.environ.get(VARIABLE) or None

    @property
    def project(self) -> Project | None:
        """The project around the working folder."""
        return nearest_project(Path.cwd())

    @property
    def named(self) -> bool:
        """Whether any of the three names a package."""
        return self._named is not None or self.project is not None

    @property
    def package(self) -> str:
        """The package's dotted name.

        Raises:
            InputError: nothing names one.
        """
        if self._named is not None:
            return self._named
        project = self.project
        if project is None:
            raise InputError(
                f"no application: name its generated package by --app or {VARIABLE}, or go to a folder whose "
                "pyproject.toml has [tool.memshelf]"
            )
        return project.generated

    def catalog(self) -> Catalog:
        """Import the job types; no handler is imported.

        Raises:
            InputError: there is no such package, or it is not a generated one.
        """
        catalog = getattr(self._import("catalog"), "catalog", None)
        if not isinstance(catalog, Catalog):
            raise InputError(f"{self.package}.catalog: has no `catalog`; run memshelf-gen")
        return catalog

    def catalog_at_hand(self) -> Catalog | None:
        """Import the job types if an application is named.

        Raises:
            InputError: one is named by `--app` or MEMSHELF_APP, and is not there.
        """
        if self._named is not None:
            return self.catalog()
        try:
            return self.catalog() if self.project is not None else None
        except InputError:
            return None  # A project whose code was not generated yet; its jobs can be looked after all the same.

    def registry(self) -> parts.Registry:
        """Import the handlers.

        Raises:
            InputError: there is no such package, it is not a generated one, or a handler's module cannot be imported.
        """
        try:
            module = self._import("registry")
        except InputError:
            raise
        except Exception as error:  # Importing runs what people wrote, so it fails as a handler does: in any way.
            raise InputError(f"the handlers of {self.package!r} cannot be imported\n{_told(error)}") from error
        registry = getattr(module, "registry", None)
        if not isinstance(registry, parts.Registry):
            raise InputError(f"{self.package}.registry: has no `registry`; run memshelf-gen")
        return registry

    def _import(self, part: str) -> ModuleType:
        self._open_paths()
        name = f"{self.package}.{part}"
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            # A module that the application's own code misses is its own affair, with its traceback.
            if error.name is None or not f"{name}.".startswith(f"{error.name}."):
                raise
            raise InputError(
                f"no module {error.name}: the application is the package {self.package!r}; run memshelf-gen in its "
                f"project, or name another package by --app or {VARIABLE}"
            ) from None
        except (TypeError, ValueError) as error:
            if self.package.startswith(".") or not all(self.package.split(".")):
                raise InputError(f"--app {self.package!r}: must be a dotted package name such as acme.generated") from (
                    error
                )
            raise

    def _open_paths(self) -> None:
        """Let imports find the project's packages, and those of the working folder."""
        project = self.project
        folders = [Path.cwd(), *([project.source.resolve()] if project else [])]
        for folder in folders:
            if str(folder) not in sys.path:
                sys.path.insert(0, str(folder))


def _told(error: Exception) -> str:
    """Give the traceback of an import from the application's first line on."""
    frames = traceback.extract_tb(error.__traceback__)
    machinery = (__file__, importlib.__file__)
    own = [one for one in frames if one.filename not in machinery and not one.filename.startswith("<frozen importlib")]
    lines = traceback.format_list(own) + traceback.format_exception_only(error)
    return "".join(lines).rstrip()
