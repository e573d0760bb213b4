"""Rules on names: properties that Python calls otherwise, files of one title, and definitions that nobody uses."""

from __future__ import annotations

import keyword
from collections.abc import Iterator

from memshelf_gen.emit.fields import field_name, field_names
from memshelf_gen.lint.rule import Rule, rule
from memshelf_gen.lint.subject import Flaw, Subject
from memshelf_gen.lint.together import is_aside


@rule("renamed-field", "note", "a property's name is taken in Python, so that its field is called otherwise")
def renamed_field(subject: Subject) -> Iterator[Flaw]:
    properties = subject.keywords.get("properties", {})
    for wire, name in field_names(properties).items() if not is_aside(subject) else ():
        if why := _why(wire, name):
            text = f"{wire!r} {why}, so the field is called {name}"
            yield subject.flaw(text, "properties", wire, fix="give the property another name, if you still can")


def _why(wire: str, name: str) -> str:
    """Say why a field is not called like its property; nothing where the name only follows Python's style."""
    wish = field_name(wire)
    plain = wish.removesuffix("_")
    if name != wish:
        return "and another property are one name in Python"
    if wish != plain and not wire.endswith("_"):
        return (
            "is a keyword of Python" if keyword.iskeyword(plain) else "would be a name that the generated class needs"
        )
    if plain.startswith("field") and not wire.casefold().startswith("field"):
        return "is no name in Python"
    return ""


@rule("duplicate-title", "warning", "two files have the same title")
def duplicate_title(subject: Subject) -> Iterator[Flaw]:
    title = subject.keywords.get("title")
    if subject.at or not isinstance(title, str):
        return
    first = subject.file.project.titles[title]
    if first is not subject.file:
        text = f"{title!r} is the title of {first.document.path} already"
        yield subject.flaw(text, "title", fix="call each job by a name of its own")


@rule("unused-definition", "note", "nothing refers to a definition")
def unused_definition(subject: Subject) -> Iterator[Flaw]:
    if subject.keyword in ("$defs", "definitions") and not subject.file.project.is_used(subject):
        yield subject.flaw("nothing refers to this definition", fix="remove it, or refer to it")


RULES: tuple[Rule, ...] = (renamed_field, duplicate_title, unused_definition)
