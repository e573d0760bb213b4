"""What the command asks for: an inspection of some files by some rules, or the rules themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from memshelf_gen.drift import diff
from memshelf_gen.lint.answer import Answer
from memshelf_gen.lint.fixing import mend, write
from memshelf_gen.lint.inspection import inspect
from memshelf_gen.lint.levels import Level, levels
from memshelf_gen.lint.plugins import rules_of
from memshelf_gen.lint.rule import Rule
from memshelf_gen.problem import InvalidInput, Problem, did_you_mean
from memshelf_gen.settings import ProjectConfig, find_config


@dataclass(frozen=True, slots=True)
class Told:
    """A rule as people read of it, with its level in this project."""

    rule: Rule
    level: Level

    def as_json(self) -> dict[str, str | bool]:
        """Give what a program needs to know."""
        rule = self.rule
        return {
            "id": rule.id,
            "severity": rule.severity,
            "level": self.level,
            "fixable": rule.fixable,
            "text": rule.text,
            "help": rule.help,
        }

    def explained(self) -> str:
        """Give the whole of it."""
        here = "" if self.level == self.rule.severity else f", {self.level} in this project"
        head = f"{self.rule.id} ({self.rule.severity}{here}): {self.rule.text}"
        fix = "\n\n`--fix` mends what is mechanical of it." if self.rule.fixable else ""
        return f"{head}\n\n{self.rule.help}".rstrip() + fix


def run(config: ProjectConfig, paths: Sequence[Path], only: Sequence[str]) -> Answer:
    """Inspect a project, or some of its files, by all rules or by some.

    Raises:
        InvalidInput: there is no such rule or no such file, or the configuration is wrong.
    """
    rules = _asked(config, only)
    found = inspect(config, rules, only=only, sources=[_source(config, path) for path in paths] or None)
    return Answer(rules=rules, findings=found.findings, files=found.files, fixable=len(found.mends))


def fix(config: ProjectConfig, paths: Sequence[Path], only: Sequence[str], *, writes: bool) -> Answer:
    """Mend what such an inspection finds, if it is mechanical, and write the files or only tell what would change.

    Raises:
        InvalidInput: as an inspection does.
    """
    rules = _asked(config, only)
    done = mend(config, rules, only=only, sources=[_source(config, path) for path in paths] or None)
    if writes:
        write(config, done)
    return Answer(
        rules=rules,
        findings=done.left.findings,
        files=done.left.files,
        fixable=0,
        fixed=done.findings,
        diffs={path: diff(path, old.decode(), new.decode()) for path, (old, new) in done.files.items()},
        is_written=writes,
    )


def _asked(config: ProjectConfig, only: Sequence[str]) -> tuple[Rule, ...]:
    rules = rules_of(config)
    for id in only:
        _known(rules, id, option="--rule")
    return rules


def rules_here(file: Path | None, folder: Path) -> list[Told]:
    """Give every rule with its level in the project around a folder; without a project, with its own."""
    try:
        config = find_config(folder, file)
    except InvalidInput:
        if file is not None:
            raise
        config = ProjectConfig(root=folder)
    rules = rules_of(config)
    chosen = levels(config, rules)
    return [Told(rule, chosen[rule.id]) for rule in sorted(rules, key=lambda rule: rule.id)]


def one(told: Sequence[Told], id: str, *, option: str) -> Told:
    """Give the rule of this id."""
    rule = _known([each.rule for each in told], id, option=option)
    return next(each for each in told if each.rule is rule)


def table(told: Sequence[Told]) -> list[str]:
    """Write the rules as a table."""
    width = max(len(each.rule.id) for each in told)
    return [f"{each.rule.id:<{width}}  {each.level:<7}  {each.rule.text}" for each in told]


def _known(rules: Sequence[Rule], id: str, *, option: str) -> Rule:
    for rule in rules:
        if rule.id == id:
            return rule
    hint = did_you_mean(id, [rule.id for rule in rules], otherwise="; memshelf-gen lint --list names all")
    raise InvalidInput([Problem(option, 0, 0, "", f"there is no rule {id!r}{hint}")])


def _source(config: ProjectConfig, path: Path) -> str:
    """Give a file's or a folder's path below the schema folder."""
    whole, top = path.resolve(), config.schema_folder.resolve()
    if not whole.is_relative_to(top):
        text = f"is not in the schema folder of this project, {config.schemas}"
        raise InvalidInput([Problem(path.as_posix(), 0, 0, "", text)])
    if not whole.exists():
        raise InvalidInput([Problem(path.as_posix(), 0, 0, "", "there is no such file")])
    return whole.relative_to(top).as_posix()
