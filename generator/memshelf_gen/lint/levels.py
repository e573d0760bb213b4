"""How grave each rule is for a project: what the rule says itself, or what the project's configuration says instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

from memshelf_gen.finding import Severity
from memshelf_gen.lint.rule import Rule
from memshelf_gen.problem import InvalidInput, did_you_mean
from memshelf_gen.settings import ProjectConfig, setting_problem

Level: TypeAlias = Severity | Literal["off"]


def levels(config: ProjectConfig, rules: Iterable[Rule]) -> Mapping[str, Level]:
    """Give the level of each rule.

    Raises:
        InvalidInput: the configuration names a rule that there is not, or one that cannot be changed.
    """
    known = {rule.id: rule for rule in rules}
    chosen: Mapping[str, Level] = config.lint.get("rules", {})
    problems = []
    for id in chosen:
        if id not in known:
            hint = did_you_mean(id, known, otherwise="; memshelf-gen lint --list names all")
            problems.append(setting_problem(config, ("lint", "rules", id), f"there is no such rule{hint}"))
        elif known[id].stops:
            text = "what this rule finds stops generation, so it is always an error"
            problems.append(setting_problem(config, ("lint", "rules", id), text))
    if problems:
        raise InvalidInput(problems)
    return {id: chosen.get(id, rule.severity) for id, rule in known.items()}
