"""Write one class of a payload: as a pydantic model, or as a TypedDict."""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Mapping

from memshelf_gen.emit.annotations import NONE, Union, accepted, annotated, write
from memshelf_gen.emit.code import (
    Code,
    Statement,
    apart,
    call,
    display,
    docstring,
    either,
    listed,
    literal,
    name,
    parameters,
    subscript,
)
from memshelf_gen.emit.fields import HIDDEN_BY_FIELDS
from memshelf_gen.emit.readings import READING_CLASSES
from memshelf_gen.emit.shape import Absent, ClassShape, FieldShape, Reading
from memshelf_gen.emit.templates import expression, fill, under

Tags = Mapping[frozenset[str], str]
"""The unions that a field decides, by the names of their classes."""
_MISSING = name("MISSING")


def write_model(shape: ClassShape, types: Mapping[str, Union], tags: Tags) -> list[Statement]:
    """Write a class as a model, around the types that were made for its fields; the base class is open."""
    lines = fill('model_config = ConfigDict(extra="forbid")') if shape.closed else []
    for field in shape.fields:
        lines += _model_field(field, types[field.name], tags)
    lines += _constructor(shape, types)
    # black would set nothing between the last line of a constructor and the next class.
    return apart(_class("class {name}(Payload): ...", shape.name, shape.description, lines), lines=2)


def write_dict(shape: ClassShape, types: Mapping[str, Union]) -> list[Statement]:
    """Write a class as a TypedDict: with names as on the wire, in a call where Python could not spell one."""
    own = dict_name(shape.name)
    written = {field.wire: _required(write(types[field.name]), field) for field in shape.fields}
    if all(_can_stand_in_class(field.wire) for field in shape.fields):
        lines: list[Statement] = []
        for field in shape.fields:
            lines += fill("{field}: {type}", field=name(field.wire), type=written[field.wire])
            lines += _description(field.description)
        return _class("class {name}(TypedDict): ...", own, shape.description, lines)
    # A type checker takes no empty name.
    entries = display((literal(wire), literal(each.text)) for wire, each in written.items() if wire)
    made = fill("{name} = TypedDict({text}, {types})", name=name(own), text=literal(own), types=entries)
    return [*made, *_description(shape.description, depth=0)]


def dict_name(class_name: str) -> str:
    """Give the name of a class's TypedDict; only the number of a second `Item_1` in a module has an underscore."""
    word, mark, number = class_name.partition("_")
    return f"{word}Dict{mark}{number}"


def _required(annotation: Code, field: FieldShape) -> Code:
    return annotation if field.required else subscript("NotRequired", annotation)


def _constructor(shape: ClassShape, types: Mapping[str, Union]) -> list[Statement]:
    """Tell type checkers that a text is enough where a field has a class that reads it.

    Of the fields alone they would conclude that it is not. At run time pydantic's constructor takes the text as well.
    """
    taken = {field: accepted(union, READING_CLASSES) for field, union in types.items()}
    if taken == types:
        return []
    own = name("_self" if "self" in types else "self")
    each = parameters(_parameter(field, taken[field.name]) for field in shape.fields)
    return under("if TYPE_CHECKING: ...", fill("def __init__({own}, *, {each}) -> None: ...", own=own, each=each))


def _parameter(field: FieldShape, taken: Union) -> tuple[str, Code, bool]:
    absent = (_MISSING,) if not field.required and field.default is Absent.DEFAULT else ()
    return field.name, either(write(taken), *absent), not field.required


def _model_field(field: FieldShape, union: Union, tags: Tags) -> list[Statement]:
    aliases: dict[str, Code] = {}
    if field.name != field.wire:
        aliases = {"validation_alias": literal(field.wire), "serialization_alias": literal(field.wire)}
    if field.builds:
        full = write(union)
        build = expression(
            "lambda: {cls}.model_validate({value}, by_name=False)", cls=full, value=literal(field.default)
        )
        value: Code | None = call("Field", default_factory=build, **aliases)
    elif field.required:
        value = None
        full = _bounded(union, field.limits, aliases, tags)
    elif field.default is Absent.DEFAULT:
        value = _MISSING
        full = annotated(either(_bounded(union, field.limits, {}, tags), _MISSING), aliases)
    else:
        value = _shown(field.default)
        full = _bounded(union, field.limits, aliases, tags)
    line = fill("{field}: {type}", field=name(field.name), type=full)
    if value is not None:
        line = fill("{field}: {type} = {value}", field=name(field.name), type=full, value=value)
    return [*line, *_description(field.description)]


def _shown(default: object) -> Code:
    """Write a default, its texts with a format as their class."""
    match default:
        case Reading():
            return call(default.by, literal(default.text))
        case list():
            return listed(_shown(one) for one in default)
        case dict():
            return display((literal(key), _shown(one)) for key, one in default.items())
        case _:
            return literal(default)


def _bounded(union: Union, limits: Mapping[str, int | float], aliases: Mapping[str, Code], tags: Tags) -> Code:
    """Put limits on the one type they bound, not on the null beside it."""
    bounds = {key: literal(value) for key, value in limits.items()}
    if bounds and NONE in union:
        bounded = annotated(write(tuple(term for term in union if term != NONE), tags=tags), bounds)
        return annotated(either(bounded, write((NONE,))), aliases)
    return annotated(write(union, tags=tags), {**bounds, **aliases})


def _class(template: str, own: str, description: str, lines: list[Statement]) -> list[Statement]:
    body = [*_description(description), *lines] or fill("pass")
    return under(template, body, name=name(own))


def _description(text: str, *, depth: int = 1) -> list[Statement]:
    return [docstring(text, depth=depth)] if text.strip() else []


def _can_stand_in_class(wire: str) -> bool:
    return (
        wire.isidentifier()
        and not keyword.iskeyword(wire)
        and not wire.startswith("__")
        and wire not in HIDDEN_BY_FIELDS
        and unicodedata.normalize("NFKC", wire) == wire
    )
