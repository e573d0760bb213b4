"""Start things: a new project that works, or a new job in a project that is there."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from memshelf_gen.cache import FOLDER
from memshelf_gen.disk import put
from memshelf_gen.exports.published import EDITORS, metaschema, modeline
from memshelf_gen.making import ready
from memshelf_gen.naming import python_name
from memshelf_gen.pipeline import generate
from memshelf_gen.problem import InvalidInput, Problem
from memshelf_gen.results import Started
from memshelf_gen.settings import FILE, ProjectConfig, read_config

WINDOWS = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{port}{number}" for port in ("com", "lpt") for number in "0123456789¹²³"}
)
"""Names of devices, which no file on Windows can have, whatever its suffix (Microsoft, Naming Files, Paths)."""

_TABLE = """\
[tool.memshelf]
schemas = "schemas"
generated = "generated"
jobs = "jobs"
"""
_MAKEFILE = """\
.PHONY: generate check lint breaking dev

# What `make breaking` compares with; another is named by `make breaking AGAINST=v1.2`.
AGAINST ?= origin/main

generate:  ## write generated/ and missing handlers from schemas/
\tmemshelf-gen

check:  ## fail when generated/ is not what schemas/ says
\tmemshelf-gen check

lint:  ## look for mistakes in schemas/
\tmemshelf-gen lint

breaking:  ## fail when a change of schemas/ would break jobs in the queue, or workers of before
\tmemshelf-gen breaking --against $(AGAINST)

dev:  ## run a MongoDB server and a worker that reloads on change
\tmemshelf dev
"""
_WORKFLOW = """\
name: jobs
on: [push, pull_request]
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0
      - uses: actions/setup-python@v5
        with:
          python-version: "3.13"
      # Another release may write other code: raise this together with a run of memshelf-gen.
      - run: pip install "memshelf[gen]{pin}"
      - run: memshelf-gen check
      - run: memshelf-gen lint --format github
      - run: memshelf-gen breaking --against "origin/${{ github.base_ref }}" --format github
        if: github.event_name == 'pull_request'
"""
_GREETING = """\
$schema: https://json-schema.org/draft/2020-12/schema
title: Greeting
description: Greet somebody.
x-job:
  retries: 3
  timeout: 30s
type: object
additionalProperties: false
required: [name]
properties:
  name:
    description: Who is greeted.
    type: string
    minLength: 1
    maxLength: 100
    examples: [Ada]
  language:
    description: The language of the greeting.
    enum: [en, de, fr]
    default: en
examples:
  - {name: Ada}
"""
_HANDLER = '''\
"""Handle greeting: Greet somebody."""

from generated import GreetingPayload
from memshelf import Context, Job

WORDS = {"en": "Hello", "de": "Hallo", "fr": "Bonjour"}


async def handle(job: Job[GreetingPayload], context: Context) -> None:
    """Greet somebody."""
    print(f"{WORDS[job.payload.language]}, {job.payload.name}!")
    context.log.info("greeting.said", language=job.payload.language)
'''
_SCHEMA = """\
$schema: https://json-schema.org/draft/2020-12/schema
description: Say in one line what this job does.
x-job:
  retries: 3
  timeout: 15m
type: object
additionalProperties: false
required: [id]
properties:
  id:
    description: What this job is about.
    type: string
    minLength: 1
"""


def init(folder: Path, *, release: str | None) -> Started:
    """Make a project with one schema and one handler; of files that exist, only pyproject.toml gets a table more.

    Args:
        folder: where the project is made.
        release: the version of memshelf that the project's CI installs; None for the newest.

    Raises:
        InvalidInput: the folder has a [tool.memshelf] already; nothing was written.
    """
    ready()
    pyproject = folder / FILE
    text = pyproject.read_text(encoding="utf-8") if pyproject.exists() else ""
    if "tool.memshelf" in text:
        raise InvalidInput(
            [Problem(FILE, 0, 0, "tool.memshelf", "is here already; `memshelf-gen new NAME` adds a job")]
        )
    wanted = {
        "schemas/greeting.yaml": modeline(0) + _GREETING,
        "jobs/greeting.py": _HANDLER,
        "Makefile": _MAKEFILE,
        ".gitignore": f"{FOLDER}/\n__pycache__/\n",
        ".github/workflows/jobs.yml": _WORKFLOW.replace("{pin}", f"=={release}" if release else ""),
    }
    if not (folder / "schemas" / EDITORS).exists():
        wanted[f"schemas/{EDITORS}"] = metaschema()
    left = {path: lines for path, lines in wanted.items() if (folder / path).exists()}
    put(pyproject, f"{text.rstrip()}\n\n{_TABLE}" if text.strip() else _TABLE)
    created = [path for path in wanted if path not in left]
    for path in created:
        put(folder / path, wanted[path])
    return Started((FILE, *created), left, generate(read_config(pyproject)))


def new(config: ProjectConfig, name: str) -> Started:
    """Add a schema with its stub; `name` is its path below the schema folder, with or without `.yaml`.

    Where the schema folder has the file that describes schemas, the new one leads editors to it.

    Raises:
        InvalidInput: the name cannot be used; nothing was written.
    """
    ready()
    path = _path_of(name, config)
    shown = f"{config.schemas}/{path}"
    file = config.schema_folder / path
    if twin := next((one for one in (".yaml", ".yml", ".json") if file.with_suffix(one).exists()), None):
        raise InvalidInput([Problem(shown, 0, 0, "", f"is here already as {file.with_suffix(twin).name}")])
    made = [folder for folder in file.parents if not folder.exists()]
    put(file, f"{modeline(len(path.parts) - 1)}{_SCHEMA}" if (config.schema_folder / EDITORS).is_file() else _SCHEMA)
    try:
        return Started((shown,), {}, generate(config))
    except BaseException:
        file.unlink()
        for folder in made:
            folder.rmdir()
        raise


def _path_of(name: str, config: ProjectConfig) -> PurePosixPath:
    """Give the path below the schema folder that a name means.

    Raises:
        InvalidInput: it means none, or one that a schema cannot have.
    """
    path = PurePosixPath(name)
    if not path.name or name.endswith("/"):
        raise _refusal(repr(name), config, "names no job")
    if path.is_absolute() or ".." in path.parts:
        raise _refusal(name, config, "leads out of the schema folder")
    path = path if path.suffix in (".yaml", ".yml") else PurePosixPath(f"{name}.yaml")
    if any(part.startswith(".") for part in path.parts):
        raise _refusal(name, config, "has a dot in front, and such files are not read")
    for part in path.parts:
        for stem in (_stem(part), python_name(part.partition(".")[0])):
            if stem in WINDOWS:
                raise _refusal(name, config, f"needs a file called {stem!r}, which Windows takes for a device")
    return path


def _stem(part: str) -> str:
    """Give what Windows compares of a name: what stands before the first dot, without the blanks at its end."""
    return part.partition(".")[0].rstrip().lower()


def _refusal(name: str, config: ProjectConfig, why: str) -> InvalidInput:
    text = f"{why}; give a path below {config.schemas}/, such as billing/invoice"
    return InvalidInput([Problem(name, 0, 0, "", text)])
