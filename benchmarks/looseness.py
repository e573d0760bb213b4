"""Count the fields that a payload reaches in generated classes, and those of them whose type says too little.

A field says *nothing* when its type is `Any`, `object` or `dict[str, Any]`, alone or beside null. It is *open inside*
when one of these stands deeper: in a list, in a dict, or as one member of a union. What decides is the type that a type
checker sees: a class around one value (`RootModel[…]`) and an alias are read as what they stand for, and are no fields.
Classes that the payload does not reach are not counted, since they describe no part of it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

_ANYTHING = frozenset(("Any", "object"))
_NOT_SAID = frozenset(("MISSING", "None"))
_CONTAINERS = {"dict": 1, "Mapping": 1, "list": 0, "Sequence": 0, "set": 0}
"""Which of the types in brackets is that of the values."""


@dataclass(frozen=True, slots=True)
class Fields:
    """How many fields there are."""

    nothing: int = 0
    """Those that say nothing."""
    inside: int = 0
    """Those that are open inside."""
    all: int = 0

    def __add__(self, other: Fields) -> Fields:
        return Fields(self.nothing + other.nothing, self.inside + other.inside, self.all + other.all)

    def share(self, count: int) -> float:
        """Give so many of these fields in percent."""
        return 100 * count / self.all if self.all else 0.0


@dataclass(slots=True)
class Classes:
    """The classes of some modules: their fields, and what stands for another type."""

    fields: dict[str, dict[str, ast.expr]] = field(default_factory=dict)
    bases: dict[str, list[str]] = field(default_factory=dict)
    aliases: dict[str, ast.expr] = field(default_factory=dict)


def count(texts: Iterable[str], root: str) -> Fields:
    """Count the fields that the class of a payload reaches in modules of pydantic models."""
    classes = _read(texts)
    found = list(_reached(classes, root))
    kinds = [_kind(annotation, classes.aliases, frozenset()) for annotation in found]
    return Fields(kinds.count("nothing"), kinds.count("inside"), len(kinds))


def _read(texts: Iterable[str]) -> Classes:
    found = Classes()
    for node in (statement for text in texts for statement in ast.parse(text).body):
        match node:
            case ast.ClassDef(name=name, bases=[ast.Subscript(value=ast.Name(id="RootModel"), slice=inner)]):
                found.aliases[name] = inner
            case ast.ClassDef(name=name, bases=bases):
                found.fields[name] = dict(_own_fields(node))
                found.bases[name] = [base.id for base in bases if isinstance(base, ast.Name)]
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found.aliases[name] = value
            case ast.ImportFrom(names=names):
                found.aliases |= {each.asname: ast.Name(each.name) for each in names if each.asname}
    return found


def _own_fields(node: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    for line in node.body:
        match line:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                if not name.startswith("_") and "ClassVar" not in ast.unparse(annotation):
                    yield name, annotation


def _reached(classes: Classes, root: str) -> Iterator[ast.expr]:
    """Give the annotation of each field that is reached; one that is inherited belongs to each class that has it."""
    waiting, seen = [root], {root}
    while waiting:
        word = waiting.pop()
        annotations = [classes.aliases[word]] if word in classes.aliases else list(_all_fields(classes, word).values())
        if word not in classes.aliases:
            yield from annotations
        for each in {name for annotation in annotations for name in _words(annotation)} - seen:
            seen.add(each)
            waiting.append(each)


def _all_fields(classes: Classes, word: str) -> dict[str, ast.expr]:
    inherited = [_all_fields(classes, base) for base in classes.bases.get(word, ())]
    return {name: each for fields in (*inherited, classes.fields.get(word, {})) for name, each in fields.items()}


def _words(node: ast.expr) -> Iterator[str]:
    for each in ast.walk(node):
        match each:
            case ast.Name(id=word):
                yield word
            case ast.Constant(value=str(text)) if text.isidentifier():
                yield text


def _kind(annotation: ast.expr, aliases: Mapping[str, ast.expr], seen: frozenset[str]) -> str:
    """Tell how much a type says: `nothing`, `inside` or `all`."""
    members = [one for one in _members(annotation, aliases, seen) if _name(one[0]) not in _NOT_SAID]
    kinds = [_kind_of_one(one, aliases, names) for one, names in members]
    if kinds and all(kind == "nothing" for kind in kinds):
        return "nothing"
    if any(_name(one) in _ANYTHING for one, _ in members):
        return "nothing"
    return "inside" if any(kind != "all" for kind in kinds) else "all"


def _kind_of_one(annotation: ast.expr, aliases: Mapping[str, ast.expr], seen: frozenset[str]) -> str:
    word = _name(annotation)
    if word in _ANYTHING or (word in ("dict", "Mapping") and not isinstance(annotation, ast.Subscript)):
        return "nothing"
    if word not in _CONTAINERS:
        return "all"
    if not isinstance(annotation, ast.Subscript):
        return "inside"
    inner = annotation.slice
    values = inner.elts[_CONTAINERS[word]] if isinstance(inner, ast.Tuple) else inner
    kind = _kind(values, aliases, seen)
    if kind == "nothing":
        said_nothing = any(_name(one) in _ANYTHING for one, _ in _members(values, aliases, seen))
        return "nothing" if word in ("dict", "Mapping") and said_nothing else "inside"
    return kind


def _members(
    node: ast.expr, aliases: Mapping[str, ast.expr], seen: frozenset[str]
) -> Iterator[tuple[ast.expr, frozenset[str]]]:
    """Give the members of a union, each with the aliases that led to it; a circle of aliases ends."""
    match node:
        case ast.BinOp(left=left, right=right):
            yield from _members(left, aliases, seen)
            yield from _members(right, aliases, seen)
        case ast.Subscript(value=ast.Name(id="Annotated"), slice=ast.Tuple(elts=[inner, *_])):
            yield from _members(inner, aliases, seen)
        case ast.Constant(value=str(text)):
            yield from _members(ast.parse(text, mode="eval").body, aliases, seen)
        case ast.Name(id=word) if word in aliases and word not in seen:
            yield from _members(aliases[word], aliases, seen | {word})
        case _:
            yield node, seen


def _name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=word) | ast.Attribute(attr=word) | ast.Subscript(value=ast.Name(id=word)):
            return word
        case ast.Constant(value=None):
            return "None"
        case _:
            return ""
