"""Rules on what cannot be: schemas that no value fits."""

from __future__ import annotations

from collections.abc import Iterator

from memshelf_gen.canonical import Causes, impossible
from memshelf_gen.document import Steps, dotted
from memshelf_gen.lint.rule import Rule, rule
from memshelf_gen.lint.subject import Flaw, Subject
from memshelf_gen.lint.together import types


@rule("unsatisfiable", "error", "no value can be valid under a schema")
def unsatisfiable(subject: Subject) -> Iterator[Flaw]:
    """Ask once for the whole file, in which all its parts are found."""
    if subject.at or subject.file.bundle is None:
        return
    for found in impossible(subject.file.bundle):
        here = subject.file.get(found.at)
        if here is not None:
            text = f"nothing can be valid here: {_why(found.at, found.causes)}"
            yield here.flaw(text, fix="relax one of them")


def _why(at: Steps, causes: Causes) -> str:
    """Say what contradicts what; the type is left out where two others do."""
    parts = [_named(at, steps, keyword) for steps, keywords in causes for keyword in keywords or ("",)]
    others = [part for part in parts if part != "type"]
    told = others if len(others) > 1 else parts
    if len(told) == 1:
        return f"{told[0]} leaves nothing over"
    return f"{', '.join(told[:-1])} and {told[-1]} contradict each other"


def _named(at: Steps, steps: Steps, keyword: str) -> str:
    below = steps[len(at) :] if steps[: len(at)] == at else steps
    return dotted((*below, keyword) if keyword else below)


@rule("endless-recursion", "error", "a value has to hold another of its own kind, without end")
def endless_recursion(subject: Subject) -> Iterator[Flaw]:
    if not subject.file.project.referrers(subject):
        return
    seen: set[Subject] = set()
    waiting = [*_needed(subject)]
    for each in waiting:
        if each is subject:
            fix = "take a property on the way off required, or give the list no minItems"
            yield subject.flaw("needs another value of its own kind inside it, without end", fix=fix)
            return
        if each not in seen:
            seen.add(each)
            waiting += _needed(each)


def _needed(subject: Subject) -> Iterator[Subject]:
    """Give the schemas that some value must be valid under, if any value is under this one."""
    if target := subject.target():
        yield target
    yield from subject.inside("allOf")
    stated = types(subject)
    if stated == ["object"]:
        for each in subject.inside("properties"):
            if each.at[-1] in subject.keywords.get("required", ()):
                yield each
    if stated == ["array"] and subject.keywords.get("minItems", 0) > 0:
        yield from subject.inside("items")


RULES: tuple[Rule, ...] = (unsatisfiable, endless_recursion)
