"""The project's configuration: the table [tool.memshelf] of its pyproject.toml."""

from __future__ import annotations

import keyword
import posixpath
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from memshelf_gen.problem import InvalidInput, Problem, did_you_mean

FILE = "pyproject.toml"
TABLE = "tool.memshelf"
LEVELS = ("off", "note", "warning", "error")
"""How grave a rule of lint may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectConfig:
    """Where a project keeps its schemas, its generated package and its handlers."""

    root: Path
    """The folder of the pyproject.toml."""
    schemas: str = "schemas"
    """The schema folder, relative to the root, with forward slashes."""
    generated: str = "generated"
    """The generated package, dotted: `acme.generated`."""
    jobs: str = "jobs"
    """The handler package, dotted."""
    services: str | None = None
    """The function that registers the handlers' services: `jobs.services:register`."""
    source: str = "."
    """The folder that holds the packages, relative to the root: `src`."""
    id_base: str = "urn:memshelf:"
    """What the `$id` of an exported schema starts with; the job's name follows."""
    compatibility: str = "backward"
    """What a change of a schema must keep, where its job says nothing else: backward, forward, full or none."""
    breaking: dict[str, Any] = field(default_factory=dict)
    """`allow`: the jobs whose removal is meant, each an object with job, rule and reason."""
    lint: dict[str, Any] = field(default_factory=dict)
    """`rules`: how grave the rules of lint are, by their ids; `plugins`: whose rules are asked too."""
    emitters: list[str] = field(default_factory=list)
    """The names of emitters of other distributions, which add files to the generated package."""

    @property
    def schema_folder(self) -> Path:
        """The folder of the schemas."""
        return self.root / self.schemas

    @property
    def generated_folder(self) -> Path:
        """The folder of the generated package."""
        return self.root.joinpath(self.source, *self.generated.split("."))

    @property
    def jobs_folder(self) -> Path:
        """The folder of the handler package."""
        return self.root.joinpath(self.source, *self.jobs.split("."))


def find_config(start: Path, explicit: Path | None = None) -> ProjectConfig:
    """Find and read the configuration: a named pyproject.toml (or its folder), else the nearest above `start`.

    Raises:
        InvalidInput: There is none, or it is wrong.
    """
    if explicit is not None:
        file = explicit / FILE if explicit.is_dir() else explicit
        return read_config(file)
    for folder in (start.absolute(), *start.absolute().parents):
        file = folder / FILE
        if file.is_file() and _may_have_table(file):
            return read_config(file)
    text = f"no {FILE} with a table [{TABLE}] in this folder or above it; `memshelf-gen init` makes a project"
    raise InvalidInput([Problem(FILE, 0, 0, "", text)])


def read_config(file: Path) -> ProjectConfig:
    """Read one pyproject.toml. Raises InvalidInput with every fault in it."""
    try:
        text = file.read_text(encoding="utf-8")
        document = tomllib.loads(text)
    except OSError as error:
        raise InvalidInput([Problem(file.name, 0, 0, "", f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError:
        raise InvalidInput([Problem(file.name, 0, 0, "", "not UTF-8; save the file in UTF-8")]) from None
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput([_syntax(file.name, str(error))]) from None
    tool = document.get("tool")
    table = tool.get("memshelf") if isinstance(tool, dict) else None
    reading = _Reading(file.name, text)
    if not isinstance(table, dict):
        raise InvalidInput([Problem(file.name, 0, 0, "", f"there is no table [{TABLE}]; `memshelf-gen init` adds one")])
    reading.check(table)
    if reading.problems:
        raise InvalidInput(reading.problems)
    config = ProjectConfig(root=file.absolute().parent, **table)
    if overlaps := reading.overlaps(config):
        raise InvalidInput(overlaps)
    return config


class _Reading:
    """Collects the faults of one table."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.lines = text.splitlines()
        self.problems: list[Problem] = []

    def check(self, table: dict[str, Any]) -> None:
        known = [each.name for each in fields(ProjectConfig) if each.name != "root"]
        for key, value in table.items():
            if key not in known:
                hint = did_you_mean(key, known, otherwise=f"; known are {', '.join(known)}")
                self.problems.append(self.problem(key, f"unknown setting{hint}"))
            elif key == "breaking":
                self.problems += [self.problem(key, text) for text in _wrong_excuses(value)]
            elif key == "lint":
                self.problems += [self.problem(".".join((key, *at)), text) for at, text in _wrong_lint(value)]
            elif key == "emitters":
                self.problems += [self.problem(key, text) for text in _wrong_emitters(value)]
            elif not isinstance(value, str):
                self.problems.append(self.problem(key, f"must be a text, got {value!r}"))
            elif wrong := _wrong(key, value):
                self.problems.append(self.problem(key, f"{wrong}, got {value!r}"))

    def overlaps(self, config: ProjectConfig) -> list[Problem]:
        """Give the faults of settings that are good each on its own."""
        found = []
        for above, below in ((config.generated, config.jobs), (config.jobs, config.generated)):
            if f"{below}.".startswith(f"{above}."):
                text = "the generated package and the handler package must be apart, neither inside the other"
                found.append(self.problem("jobs", f"{text}, got {config.generated!r} and {config.jobs!r}"))
                break
        schemas = posixpath.normpath(config.schemas)
        generated = posixpath.normpath(posixpath.join(config.source, config.generated.replace(".", "/")))
        if schemas == "." or any(f"{one}/".startswith(f"{other}/") for one, other in _pairs(schemas, generated)):
            text = "the schema folder and the generated package must be apart, neither inside the other"
            found.append(self.problem("schemas", f"{text}, got {config.schemas!r} and {generated!r}"))
        return found

    def problem(self, key: str, text: str) -> Problem:
        line, column = self.position(key)
        return Problem(self.path, line, column, f"{TABLE}.{key}", text)

    def position(self, key: str) -> tuple[int, int]:
        """Find where a key is written, a dotted one in tables below; else the table that is nearest around it."""
        wanted = (*TABLE.split("."), *key.split("."))
        near = [(len(keys), -line, column) for line, column, keys in self.written() if wanted[: len(keys)] == keys]
        depth, line, column = max(near, default=(0, 0, 0))
        return (-line, column) if depth > 1 else (0, 0)

    def written(self) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        """Give the line, the column and all keys of each table and of each entry."""
        inside: tuple[str, ...] = ()
        for number, line in enumerate(self.lines, 1):
            if table := re.match(r"\s*\[([^\[\]]*)\]", line):
                inside = _keys(table[1])
                yield number, 1, inside
            elif entry := re.match(r"(\s*)([\w\s.\"'-]+?)\s*=", line):
                yield number, len(entry[1]) + 1, (*inside, *_keys(entry[2]))


def setting_problem(config: ProjectConfig, keys: tuple[str, ...], text: str) -> Problem:
    """Say what is wrong with a setting, found only when more was known than the configuration."""
    file = config.root / FILE
    reading = _Reading(FILE, file.read_text(encoding="utf-8") if file.is_file() else "")
    return reading.problem(".".join(keys), text)


def _keys(dotted: str) -> tuple[str, ...]:
    """Give the keys of a dotted one as TOML writes it."""
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


def _pairs(one: str, other: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return (one, other), (other, one)


def _wrong(key: str, value: str) -> str:
    """Say what is wrong with a setting's value; empty when it is good."""
    match key:
        case "schemas" | "source":
            if not value or "\\" in value or posixpath.isabs(value) or re.match(r"[A-Za-z]:", value):
                return f"must be a folder relative to the {FILE}, with forward slashes"
        case "services":
            module, colon, function = value.partition(":")
            if not colon or not _is_dotted(module) or not _is_dotted(function) or "." in function:
                return "must name a function as module:function, such as jobs.services:register"
        case "compatibility":
            if value not in ("backward", "forward", "full", "none"):
                return "must be backward, forward, full or none"
        case "id_base":
            if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[^\s#]*[:/])?", value):
                return "must be the start of an absolute URI that ends in / or :, such as https://acme.example/jobs/"
        case _:
            if not _is_dotted(value):
                return "must be the dotted name of a package, such as acme.jobs"
    return ""


def _wrong_excuses(value: Any) -> list[str]:
    """Say what is wrong with the table of breaking changes that are meant; nothing when it is good."""
    right = "must be allow = [{job = ..., rule = ..., reason = ...}], three texts that are not empty"
    if not isinstance(value, dict) or set(value) - {"allow"} or not isinstance(value.get("allow", []), list):
        return [f"{right}, got {value!r}"]
    return [
        f"{right}, got {each!r}"
        for each in value.get("allow", [])
        if not isinstance(each, dict)
        or set(each) != {"job", "rule", "reason"}
        or not all(isinstance(text, str) and text.strip() for text in each.values())
    ]


def _wrong_lint(value: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    """Say what is wrong with the settings of lint; nothing when they are good."""
    if not isinstance(value, dict):
        yield (), f"must be a table with rules and plugins, got {value!r}"
        return
    for key in value:
        if key not in ("rules", "plugins"):
            hint = did_you_mean(key, ["rules", "plugins"], otherwise="; known are rules and plugins")
            yield (key,), f"unknown setting{hint}"
    plugins = value.get("plugins", [])
    if not isinstance(plugins, list) or not all(isinstance(each, str) for each in plugins):
        yield ("plugins",), f'must be a list of names such as ["acme"], got {plugins!r}'
    elif len(set(plugins)) < len(plugins):
        yield ("plugins",), "must not hold the same name twice"
    rules = value.get("rules", {})
    if not isinstance(rules, dict):
        yield ("rules",), f'must be a table such as {{open-object = "off"}}, got {rules!r}'
        return
    for rule, level in rules.items():
        if level not in LEVELS:
            hint = did_you_mean(level, LEVELS) if isinstance(level, str) else ""
            yield ("rules", rule), f"must be off, note, warning or error, got {level!r}{hint}"


def _wrong_emitters(value: Any) -> list[str]:
    """Say what is wrong with the list of emitters; nothing when it is good."""
    right = 'must be a list of different names such as ["typescript"], each a folder of the generated package'
    names = value if isinstance(value, list) else [None]
    good = all(isinstance(name, str) and re.fullmatch("[a-z][a-z0-9_]*", name) and _is_dotted(name) for name in names)
    return [] if good and len(set(names)) == len(names) else [f"{right}, got {value!r}"]


def _is_dotted(name: str) -> bool:
    return all(part.isidentifier() and not keyword.iskeyword(part) for part in name.split("."))


def _may_have_table(file: Path) -> bool:
    """Tell whether a file speaks for memshelf; one that cannot be read is left to whoever owns it."""
    try:
        return re.search(r"tool\s*\.\s*memshelf|\bmemshelf\s*=\s*\{", file.read_text(encoding="utf-8")) is not None
    except (OSError, UnicodeDecodeError):
        return False


def _syntax(path: str, message: str) -> Problem:
    """Take the position out of a text of tomllib."""
    found = re.search(r" \(at line (\d+), column (\d+)\)$", message)
    line, column = (int(found[1]), int(found[2])) if found else (0, 0)
    what = message[: found.start()] if found else re.sub(r" \(at end of document\)$", " at the end", message)
    return Problem(path, line, column, "", f"not TOML: {what[:1].lower()}{what[1:]}")
