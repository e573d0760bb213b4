"""Let rules of other distributions be asked beside those that memshelf brings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import get_args

from memshelf_gen.extensions import Extension, described, find
from memshelf_gen.finding import Severity
from memshelf_gen.lint.rule import Rule
from memshelf_gen.lint.rules import own_rules
from memshelf_gen.lint.subject import Flaw, Subject
from memshelf_gen.problem import InvalidInput
from memshelf_gen.settings import ProjectConfig

GROUP = "memshelf_gen.lint_rules"


def rules_of(config: ProjectConfig) -> tuple[Rule, ...]:
    """Give every rule of a project: memshelf's own, and those of the plugins that its configuration names.

    Raises:
        InvalidInput: a plugin is not installed, cannot be imported, or gives what is no rule; it is named.
    """
    names = tuple(config.lint.get("plugins", ()))
    if not names:
        return own_rules()
    return (*own_rules(), *(rule for plugin in find(GROUP, names, setting="lint.plugins") for rule in _rules(plugin)))


def _rules(plugin: Extension) -> Iterator[Rule]:
    given = plugin.load()
    if not isinstance(given, Iterable) or isinstance(given, (str, bytes, dict)):
        raise plugin.fault(f"must be a tuple of rules: {plugin.point.value} is {given!r}")
    seen: set[str] = set()
    for each in given:
        if not isinstance(each, Rule):
            raise plugin.fault(f"must hold rules only, got {each!r}; memshelf_gen.lint.rule makes one of a function")
        if wrong := _wrong(plugin.name, each, seen):
            raise plugin.fault(f"has a rule that cannot be, {each.id!r}: {wrong}")
        seen.add(each.id)
        yield replace(each, check=_Guarded(plugin, each).check)


def _wrong(name: str, rule: Rule, seen: set[str]) -> str:
    """Say what is wrong with a rule; empty when it is good."""
    # Ids of other plugins, and of rules that memshelf will have one day, are kept apart by the plugin's name.
    prefix = f"{name.replace('_', '-')}-"
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", rule.id) or not rule.id.startswith(prefix):
        return f"its id must be in kebab-case and begin with {prefix}"
    if rule.id in seen:
        return "it is there twice"
    if rule.severity not in get_args(Severity):
        return f"its severity must be error, warning or note, got {rule.severity!r}"
    return "only memshelf's own rules stop generation" if rule.stops else ""


class _Guarded:
    """A rule of somebody else's, whose faults name it."""

    def __init__(self, plugin: Extension, rule: Rule) -> None:
        self.plugin = plugin
        self.rule = rule

    def check(self, subject: Subject) -> Iterator[Flaw]:
        try:
            for flaw in self.rule.check(subject):
                if not isinstance(flaw, Flaw):
                    raise TypeError(f"it must give flaws, gave {flaw!r}")
                yield flaw
        except InvalidInput:
            raise
        # Somebody else's function may raise anything.
        except (Exception, SystemExit) as error:
            place = subject.file.document.mark(subject.at)
            where = f"{subject.file.document.path}:{place.line}:{place.column}"
            raise self.plugin.fault(f"failed in {self.rule.id} at {where}: {described(error)}") from error
