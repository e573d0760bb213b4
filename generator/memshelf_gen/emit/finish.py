"""Finish the modules of payloads: their imports, and each class as a model or as a TypedDict."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from memshelf_gen.emit.annotations import Union, as_texts, renamed, with_integers
from memshelf_gen.emit.classes import Tags, dict_name, write_dict, write_model
from memshelf_gen.emit.code import Module, Statement, apart, import_as, import_from, literal, module, name
from memshelf_gen.emit.header import header
from memshelf_gen.emit.modules import Import, ModuleShape
from memshelf_gen.emit.readings import HOME, READING_CLASSES
from memshelf_gen.emit.shape import ClassShape
from memshelf_gen.emit.templates import fill

_STRING = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*\'""")
_CALLED = re.compile(r"\w+ = TypedDict\(")
_WORD = re.compile(r"[^\W\d]\w*")
_STANDARD = {
    "collections.abc": ("Mapping", "Sequence"),
    "typing": ("TYPE_CHECKING", "Annotated", "Any", "Literal", "NotRequired", "TypedDict"),
}
_OTHERS = {
    HOME: tuple(sorted(READING_CLASSES)),
    "memshelf.payload": ("MISSING", "Payload"),
    "pydantic": ("ConfigDict", "Field"),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the two ways to write the classes."""

    class_name: Callable[[str], str]
    typed: Callable[[Union], Union]
    write: Callable[[ClassShape, Mapping[str, Union], Tags], list[Statement]]
    rebuilds: bool
    """Whether a class that needs a later one has to be completed behind it."""


MODEL = Kind(lambda word: word, with_integers, write_model, True)
DICT = Kind(
    dict_name, lambda union: as_texts(union, READING_CLASSES), lambda shape, types, _: write_dict(shape, types), False
)


def finish(
    made: ModuleShape, types: Mapping[str, Mapping[str, Union]], tags: Tags, kind: Kind, *, schemas: str
) -> Module:
    """Give a module; `types` and `tags` have the classes by their keys."""
    names = {key: kind.class_name(word) for key, word in made.names.items()}
    own_tags = {frozenset(names[key] for key in keys): tag for keys, tag in tags.items() if keys <= names.keys()}
    body: list[Statement] = []
    for shape in made.classes:
        own = {field: _named(kind.typed(union), names) for field, union in types[shape.key].items()}
        body += kind.write(shape, own, own_tags)
    if kind.rebuilds:
        body += [line for word in made.late for line in fill("{cls}.model_rebuild()", cls=name(word))]
    if made.exported:
        exported = [kind.class_name(word) for word in made.exported]
        body += apart(fill("__all__ = {words}", words=literal(exported)))
    return module(
        header(f"{schemas}/{made.source}"),
        fill("from __future__ import annotations"),
        _runtime_imports(body, own=frozenset(names.values())),
        apart(_imports(made.imports, kind)),
        body,
    )


def _named(union: Union, names: Mapping[str, str]) -> Union:
    return renamed(union, lambda word: names.get(word, word))


def _imports(imports: Iterable[Import], kind: Kind) -> list[Statement]:
    """Import the classes of other modules, the farther ones first; one under another name has a line of its own."""
    lines: list[Statement] = []
    for each in sorted(imports, key=lambda each: (-_distance(each.home), each.home)):
        names = {kind.class_name(there): kind.class_name(here) for there, here in sorted(each.names.items())}
        plain = [there for there, here in names.items() if there == here]
        lines += [import_from(each.home, *plain)] if plain else []
        lines += [import_as(each.home, there, here) for there, here in names.items() if there != here]
    return lines


def _distance(home: str) -> int:
    return len(home) - len(home.lstrip("."))


def _runtime_imports(body: list[Statement], *, own: frozenset[str]) -> list[Statement]:
    """Import what the classes use, and no more; `ConfigDict` may be the dict of a class `Config`, their own."""
    found = {word for text in _texts(body) for word in _WORD.findall(text)} - own
    groups = [
        [
            import_from(home, *used)
            for home, words in group.items()
            if (used := [word for word in words if word in found])
        ]
        for group in (_STANDARD, _OTHERS)
    ]
    return [line for group in groups for line in apart(group)]


def _texts(statements: Iterable[Statement]) -> Iterator[str]:
    """Give the code of statements without the texts in it, but with annotations that are written as texts."""
    for statement in statements:
        if not statement.text.startswith('"""'):
            yield _annotations_of_call(statement.text) if _CALLED.match(statement.text) else _bare(statement.text)
        yield from _texts(statement.body)


def _annotations_of_call(text: str) -> str:
    """Give the names in the annotations of a called TypedDict, which are written as texts."""
    [assigned] = ast.parse(text).body
    constants = [
        value.value
        for each in ast.walk(assigned)
        if isinstance(each, ast.Dict)
        for value in each.values
        if isinstance(value, ast.Constant)
    ]
    return " ".join(["TypedDict", *(_bare(str(each)) for each in constants)])


def _bare(text: str) -> str:
    return _STRING.sub("", text)
