"""Mend slips of the pen that stop generation: no payload was ever judged by such a schema, so no verdict changes."""

from __future__ import annotations

import re

from memshelf_gen.document import Document, Mark, Steps, dotted
from memshelf_gen.edits import Edit, Rename, Replace
from memshelf_gen.problem import Problem

SLIPS = frozenset(("misspelt-keyword", "invalid-keyword", "invalid-x-job"))
"""The rules whose faults may name the word that was meant."""
_MEANT = re.compile(r"; did you mean '([^']+)'\?$")


def mending(rule: str, fault: Problem, document: Document) -> tuple[Edit, ...]:
    """Give the edit that puts the word in place which a fault's text names; none where it names none."""
    meant = _MEANT.search(fault.text)
    at = _steps(document, fault) if rule in SLIPS and meant else ()
    if not at or meant is None:
        return ()
    if fault.text.startswith("unknown "):
        return (Rename(at, meant[1]),)
    return (Replace(at, meant[1]),) if isinstance(document.get(at), str) else ()


def _steps(document: Document, fault: Problem) -> Steps:
    """Give the steps to what a fault is about: the deepest of those that begin at its position."""
    here = Mark(fault.line, fault.column)
    found = [at for at, mark in document.marks.items() if mark == here and dotted(at) == fault.where]
    return max(found, key=len, default=())
