"""What each `memshelf-gen export` does: make its files, then write them or compare them."""

from __future__ import annotations

from pathlib import Path

from memshelf_gen.exports.catalogue import FOLDER, catalogue, is_page
from memshelf_gen.exports.contracts import INDEX, contract, contracts, read_index
from memshelf_gen.exports.folder import compare, read, refuse_strangers, write
from memshelf_gen.exports.published import answers, is_answer
from memshelf_gen.parse import read_project
from memshelf_gen.problem import InvalidInput, Problem, did_you_mean
from memshelf_gen.results import Difference, Written
from memshelf_gen.settings import ProjectConfig
from memshelf_gen.spec import JobSpec, ProjectSpec

ANSWER = ".schema.json"


def export_schemas(config: ProjectConfig, folder: Path) -> Written:
    """Write every job's schema and their index; files of an earlier export that no job asks for any more go.

    Raises:
        InvalidInput: the schemas are not usable, or files of somebody else's are in the way; nothing was written.
    """
    files, listed = _schemas(config, folder)
    return write(folder, files, stale=listed)


def check_schemas(config: ProjectConfig, folder: Path) -> tuple[Difference, ...]:
    """Compare a folder with what `export_schemas` would write."""
    files, listed = _schemas(config, folder)
    return compare(folder, files, stale=listed)


def one_schema(config: ProjectConfig, name: str) -> tuple[JobSpec, str]:
    """Give one job and its exported schema.

    Raises:
        InvalidInput: the schemas are not usable, or there is no such job.
    """
    job = find_job(read_project(config), name)
    return job, contract(job, id_base=config.id_base)


def export_docs(config: ProjectConfig, folder: Path) -> Written:
    """Write the catalogue of jobs; pages of an earlier one whose job is gone go.

    Raises:
        InvalidInput: the schemas are not usable, or files of somebody else's are in the way; nothing was written.
    """
    files, pages = _pages(config, folder)
    return write(folder, files, stale=pages)


def check_docs(config: ProjectConfig, folder: Path) -> tuple[Difference, ...]:
    """Compare a folder with what `export_docs` would write."""
    files, pages = _pages(config, folder)
    return compare(folder, files, stale=pages)


def export_answers(folder: Path) -> Written:
    """Write the schema of each command's answer; those of commands that are gone go.

    Raises:
        InvalidInput: files of somebody else's are in the way; nothing was written.
    """
    return write(folder, answers(), stale=_stale_answers(folder))


def check_answers(folder: Path) -> tuple[Difference, ...]:
    """Compare a folder with what `export_answers` would write."""
    return compare(folder, answers(), stale=_stale_answers(folder))


def one_answer(command: str) -> str:
    """Give the schema of one command's answer; `command` is its name behind memshelf-gen, `export schemas` for one.

    Raises:
        InvalidInput: there is no such command.
    """
    known = {file.removesuffix(ANSWER): text for file, text in answers().items()}
    name = "-".join(command.split()).removeprefix("memshelf-gen-")
    if name in known:
        return known[name]
    hint = did_you_mean(name, known, otherwise=f"; there are {', '.join(known)}")
    raise InvalidInput([Problem(command, 0, 0, "", f"there is no such answer{hint}")])


def export_file(file: Path, text: str) -> Written:
    """Write one file that people named."""
    return write(file.parent, {file.name: text})


def check_file(file: Path, text: str) -> tuple[Difference, ...]:
    """Compare one file that people named with what `export_file` would write."""
    return compare(file.parent, {file.name: text})


def find_job(project: ProjectSpec, name: str) -> JobSpec:
    """Find a job by its name on the wire, a former one, or its schema's path."""
    for job in project.jobs:
        if name in (job.names.wire, job.names.key, job.source, job.names.module):
            return job
    for job in project.jobs:
        if name in job.previous_names:
            return job
    names = [job.names.wire for job in project.jobs]
    otherwise = f"; there are {', '.join(names)}" if names else "; this project has no job"
    raise InvalidInput(
        [Problem(name, 0, 0, "", f"there is no such job{did_you_mean(name, names, otherwise=otherwise)}")]
    )


def _pages(config: ProjectConfig, folder: Path) -> tuple[dict[str, str], frozenset[str]]:
    """Give the pages of a catalogue, and those of jobs that an earlier one has."""
    files = catalogue(read_project(config), config)
    refuse_strangers(folder, files, lambda _, found: is_page(found))
    found = (path for path in folder.glob(f"{FOLDER}/*") if path.suffix in (".md", ".html"))
    return files, frozenset(f"{FOLDER}/{path.name}" for path in found if is_page(read(path) or ""))


def _stale_answers(folder: Path) -> frozenset[str]:
    """Give the schemas of answers that a folder has already; files of somebody else's in the way are refused."""
    refuse_strangers(folder, answers(), lambda _, found: is_answer(found))
    return frozenset(path.name for path in folder.glob(f"*{ANSWER}") if is_answer(read(path) or ""))


def _schemas(config: ProjectConfig, folder: Path) -> tuple[dict[str, str], frozenset[str]]:
    """Give the files, and those of an earlier export that are still there."""
    files = contracts(read_project(config), id_base=config.id_base)
    listed = read_index(read(folder / INDEX) or "")
    known = listed or frozenset()
    refuse_strangers(folder, files, lambda name, _: name in known or (name == INDEX and listed is not None))
    return files, frozenset(name for name in known if (folder / name).is_file())
