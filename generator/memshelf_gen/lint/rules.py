"""Every rule of `memshelf-gen lint`, and what is said of each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files

from memshelf_gen.lint import (
    jobs,
    keywording,
    kinds,
    names,
    numbers,
    objects,
    patterns,
    sense,
    stopping,
    suppressions,
    texts,
    traps,
    values,
    words,
)
from memshelf_gen.lint.rule import Rule

PAGE = "rules.md"
_GROUPS = (
    *(
        stopping,
        keywording,
        kinds,
        objects,
        texts,
        patterns,
        numbers,
        values,
        sense,
        jobs,
        names,
        words,
        traps,
        suppressions,
    ),
)


@cache
def own_rules() -> tuple[Rule, ...]:
    """Give the rules that memshelf brings, those of one subject together."""
    said = sections()
    return tuple(replace(rule, help=said[rule.id]) for group in _GROUPS for rule in group.RULES)


def sections() -> Mapping[str, str]:
    """Give the text on each rule, by its id: why, with a bad and a good example."""
    page = files("memshelf_gen.lint").joinpath(PAGE).read_text(encoding="utf-8")
    parts = re.split(r"^## (\S+)\n", page, flags=re.M)
    return {id: text.strip() for id, text in zip(parts[1::2], parts[2::2], strict=True)}
