"""Read the type annotations that were made, change them, and write them again: each a union of terms."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from memshelf_gen.emit.code import Code, TemplateError, call, dotted, either, literal, subscript


@dataclass(frozen=True, slots=True)
class Term:
    """One member of a union: a name, with what stands in its brackets."""

    word: str
    inside: tuple[Union, ...] = ()
    texts: tuple[str, ...] = ()
    """The texts of a `Literal`."""


Union: TypeAlias = tuple[Term, ...]
"""`A | B | C`, each member once."""

NONE = Term("None")
TEXT = Term("str")


def read(annotation: ast.expr) -> Union:
    """Read an annotation.

    Raises:
        TemplateError: it is none that a relaxed schema can lead to.
    """
    match annotation:
        case ast.BinOp(op=ast.BitOr()):
            return once([term for each in _joined(annotation) for term in read(each)])
        case ast.Constant(value=None):
            return (NONE,)
        case ast.Name(id=word):
            return (Term(word),)
        case ast.Subscript(value=ast.Name(id="Literal"), slice=inner):
            return (Term("Literal", texts=tuple(_text(each) for each in _items(inner))),)
        case ast.Subscript(value=ast.Name(id=word), slice=inner):
            return (Term(word, tuple(read(each) for each in _items(inner))),)
        case _:
            raise TemplateError(f"datamodel-code-generator made an unknown annotation: {ast.unparse(annotation)}")


def _joined(annotation: ast.expr) -> list[ast.expr]:
    """Give what `|` stands between; there may be more than could be followed one inside the other."""
    found: list[ast.expr] = []
    while isinstance(annotation, ast.BinOp):
        found.append(annotation.right)
        annotation = annotation.left
    return [annotation, *reversed(found)]


def write(union: Union, *, tags: Mapping[frozenset[str], str] | None = None) -> Code:
    """Write an annotation; a union whose classes are among the tags tells pydantic which field decides it.

    `Card | Transfer` becomes `Annotated[Card | Transfer, Field(discriminator="kind")]`.
    """
    known = {word for words in tags or {} for word in words}
    classes = [term for term in union if term.word in known]
    tag = (tags or {}).get(frozenset(term.word for term in classes))
    if tag is None:
        return either(*(_written(term, tags) for term in union))
    decided = annotated(either(*(dotted(term.word) for term in classes)), {"discriminator": literal(tag)})
    return either(decided, *(_written(term, tags) for term in union if term not in classes))


def annotated(annotation: Code, keywords: Mapping[str, Code]) -> Code:
    """Give `Annotated[…, Field(…)]`, or the annotation itself when there is nothing to say."""
    return subscript("Annotated", annotation, call("Field", **keywords)) if keywords else annotation


def words(union: Union) -> Iterator[str]:
    """Give every name in an annotation."""
    for term in union:
        yield term.word
        for each in term.inside:
            yield from words(each)


def renamed(union: Union, names: Callable[[str], str]) -> Union:
    """Give other names to the classes in an annotation."""
    return changed(union, lambda term: (replace(term, word=names(term.word)),))


def with_integers(union: Union) -> Union:
    """Let a number be an integer too: `float` becomes `int | float`, so that 3 stays 3."""
    return changed(union, lambda term: (Term("int"), term) if term.word == "float" else (term,))


def as_texts(union: Union, readings: Collection[str]) -> Union:
    """Write texts with a format as `str`, beside which no text need be listed."""
    plain = changed(union, lambda term: (TEXT,) if term.word in readings else (term,))
    return _unlisted(plain)


def accepted(union: Union, readings: Collection[str]) -> Union:
    """Give what a constructor takes for a field: an exact text too wherever the field has a class that reads texts.

    A list of such texts is `list[DateText] | list[str]`. One of a union is `Sequence[DateText | str | None]`, because
    mypy finds no type for the list that is written out, such as `[None]`, when two would do.
    """
    parts: list[Term] = []
    for term in union:
        [exact] = changed((term,), lambda each: (TEXT,) if each.word in readings else (each,))
        if exact != term and _holds_union(term):
            both = changed((term,), lambda each: (each, TEXT) if each.word in readings else (each,))
            parts += changed(both, _covariant)
        else:
            parts += [term, exact]
    return once(parts)


def changed(union: Union, change: Callable[[Term], Union]) -> Union:
    """Replace every term by others, those in brackets first."""
    inner = [replace(term, inside=tuple(changed(each, change) for each in term.inside)) for term in union]
    return once([each for term in inner for each in change(term)])


def once(terms: list[Term]) -> Union:
    """Give the union of terms."""
    return tuple(dict.fromkeys(terms))


def _written(term: Term, tags: Mapping[frozenset[str], str] | None) -> Code:
    if term == NONE:
        return literal(None)
    inside = [*map(literal, term.texts), *(write(each, tags=tags) for each in term.inside)]
    return subscript(term.word, *inside) if inside else dotted(term.word)


def _unlisted(union: Union) -> Union:
    inner = [replace(term, inside=tuple(map(_unlisted, term.inside))) for term in union]
    return tuple(term for term in inner if not (term.word == "Literal" and TEXT in union))


def _covariant(term: Term) -> Union:
    """Write lists and dicts as what can be read from them alone."""
    abstract = {"list": "Sequence", "dict": "Mapping"}
    return (replace(term, word=abstract.get(term.word, term.word)),)


def _holds_union(term: Term) -> bool:
    return any(len(each) > 1 or any(map(_holds_union, each)) for each in term.inside)


def _items(inner: ast.expr) -> list[ast.expr]:
    return inner.elts if isinstance(inner, ast.Tuple) else [inner]


def _text(node: ast.expr) -> str:
    value = ast.literal_eval(node)
    if not isinstance(value, str):
        raise TemplateError(f"datamodel-code-generator listed something else than a text: {value!r}")
    return value
