"""Render a project: its schemas and its configuration become a map of files, each path with its text."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from memshelf_gen.emit.catalog import catalog
from memshelf_gen.emit.handlers import handlers
from memshelf_gen.emit.models import payloads
from memshelf_gen.emit.package import folder, package
from memshelf_gen.emit.queues import queues
from memshelf_gen.emit.registry import registry
from memshelf_gen.emit.schemas import schema
from memshelf_gen.emit.style import DEFAULT_LINE_LENGTH, shape
from memshelf_gen.settings import ProjectConfig
from memshelf_gen.spec import ProjectSpec

_FOLDERS = {
    "models": "The models of payloads.",
    "dicts": "The payloads as dicts, for type checkers.",
}


def render(project: ProjectSpec, config: ProjectConfig, *, line_length: int = DEFAULT_LINE_LENGTH) -> dict[str, str]:
    """Give every file that memshelf itself has in the generated package, by its path below that package.

    The map depends on nothing but the arguments: not on the time, the machine, the folder or the order of hashes.
    """
    schemas = config.schemas
    modules = {
        "__init__.py": package(project, schemas=schemas),
        "catalog.py": catalog(project, schemas=schemas),
        "handlers.py": handlers(project, schemas=schemas),
        "queues.py": queues(project, schemas=schemas),
        "registry.py": registry(project, schemas=schemas, jobs=config.jobs, services=config.services),
        **payloads(project, schemas=schemas),
    }
    for path in _packages(modules):
        modules[f"{path}/__init__.py"] = folder(_FOLDERS[path.split("/")[0]], schemas=schemas)
    files = {path: shape(text, line_length=line_length) for path, text in modules.items()}
    files |= {f"schemas/{job.names.key}.json": schema(job) for job in project.jobs}
    return files


def _packages(modules: Iterable[str]) -> list[str]:
    """Give every folder below the package that has to be a package too."""
    folders = {str(parent) for path in modules for parent in PurePosixPath(path).parents}
    return sorted(folders - {"."})
