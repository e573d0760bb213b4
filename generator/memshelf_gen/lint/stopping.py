"""The rules whose findings stop generation: lint tells them too, each by its name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from memshelf_gen.lint.rule import Rule
from memshelf_gen.lint.slips import SLIPS
from memshelf_gen.lint.subject import Flaw, Subject


def _found_by_others(_: Subject) -> Iterable[Flaw]:
    """Find nothing: these faults are found before any rule is asked."""
    return ()


def _stopping() -> Iterator[Rule]:
    for id, text in (
        ("unreadable", "a file is not YAML, JSON or UTF-8, has a key twice, or is not there"),
        ("unread-draft", "`$schema` names a draft that is not read"),
        ("misspelt-keyword", "a keyword is a slip of the pen"),
        ("invalid-keyword", "a keyword has a value that it cannot have"),
        ("invalid-x-job", "`x-job` has a key that there is not, or a value that it cannot have"),
        ("payload-root", "the root of a job's schema cannot describe a payload"),
        ("broken-reference", "a `$ref` leads nowhere, out of the folder or in a circle, or two schemas have one name"),
        ("name-clash", "two files want the same name"),
    ):
        yield Rule(id=id, severity="error", text=text, check=_found_by_others, stops=True, fixable=id in SLIPS)


RULES = tuple(_stopping())
