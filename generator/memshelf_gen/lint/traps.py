"""Rules on how a file is written: what readers of YAML 1.1 take for something else."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from memshelf_gen.edits import Rename, Replace
from memshelf_gen.lint.rule import Rule, rule
from memshelf_gen.lint.subject import Flaw, Subject
from memshelf_gen.yaml11 import may_be_read_otherwise, read_otherwise
from memshelf_gen.yamltext import plain_scalars


@rule("yaml-trap", "warning", "readers of YAML 1.1 take an unquoted word for something else", fixable=True)
def yaml_trap(subject: Subject) -> Iterator[Flaw]:
    """Look once at the text of the whole file."""
    document = subject.file.document
    if subject.at or document.is_json or not may_be_read_otherwise(document.text):
        return
    known = sorted(document.marks.items(), key=lambda each: each[1])
    marks = [mark for _, mark in known]
    for mark, word, value in plain_scalars(document.text, read_otherwise):
        # A member of an object is known by its key's position, and its value follows that.
        at = known[max(bisect_right(marks, mark) - 1, 0)][0]
        fix = f"quote it: '{word}'" if isinstance(value, str) else f"write {value}"
        is_key = bool(at) and isinstance(at[-1], str) and document.marks[at] == mark
        edit = Rename(at, word) if is_key and isinstance(at[-1], str) else Replace(at, value)
        yield Flaw(
            at,
            f"{word} is {_shown(value)} in YAML 1.2, and {read_otherwise(word)} in YAML 1.1",
            fix,
            mark,
            edits=(edit,),
        )


def _shown(value: object) -> str:
    return "a text" if isinstance(value, str) else f"the number {value}"


RULES: tuple[Rule, ...] = (yaml_trap,)
