"""Write one class of a payload: as a pydantic model, or as a TypedDict."""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Mapping

import libcst as cst

from memshelf_gen.emit.annotations import (
    accepted,
    annotated,
    field_call,
    is_name,
    members,
    tagged,
    union,
    with_integers,
    without,
)
from memshelf_gen.emit.code import Statement, apart, docstring, expression, fill, literal, name, under
from memshelf_gen.emit.fields import HIDDEN_BY_FIELDS
from memshelf_gen.emit.readings import READING_CLASSES
from memshelf_gen.emit.shape import Absent, ClassShape, FieldShape, Reading


def write_model(
    shape: ClassShape, made: Mapping[str, cst.BaseExpression], tags: Mapping[frozenset[str], str]
) -> list[Statement]:
    """Write a class as a model, around the annotations that were made for its fields; the base class is open."""
    lines = fill('model_config = ConfigDict(extra="forbid")') if shape.closed else []
    types = {field.name: with_integers(without(made[field.name], "MISSING")) for field in shape.fields}
    for field in shape.fields:
        lines += _model_field(field, tagged(types[field.name], tags))
    lines += _constructor(shape, types)
    # black would set nothing between the last line of a constructor and the next class.
    return apart(_class("class {name}(Payload): ...", shape, lines), lines=2)


def write_dict(
    shape: ClassShape, made: Mapping[str, cst.BaseExpression], tags: Mapping[frozenset[str], str]
) -> list[Statement]:
    """Write a class as a TypedDict: with names as on the wire, in a call where Python could not spell one."""
    types = {field.wire: made[field.name] for field in shape.fields}
    if all(_can_stand_in_class(field.wire) for field in shape.fields):
        lines: list[Statement] = []
        for field in shape.fields:
            lines += fill("{field}: {type}", field=name(field.wire), type=types[field.wire])
            lines += _description(field.description)
        return _class("class {name}(TypedDict): ...", shape, lines)
    # A type checker takes no empty name.
    elements = [cst.DictElement(literal(wire), literal(_text(made_type))) for wire, made_type in types.items() if wire]
    call = fill(
        "{name} = TypedDict({text}, {types})",
        name=name(shape.name),
        text=literal(shape.name),
        types=cst.Dict(elements),
    )
    return [*call, *_description(shape.description, depth=0)]


def _constructor(shape: ClassShape, types: Mapping[str, cst.BaseExpression]) -> list[Statement]:
    """Tell type checkers that a text is enough where a field has a class that reads it.

    Of the fields alone they would conclude that it is not. At run time pydantic's constructor takes the text as well.
    """
    taken = {field: accepted(made_type, READING_CLASSES) for field, made_type in types.items()}
    if all(taken[field].deep_equals(made_type) for field, made_type in types.items()):
        return []
    own = "_self" if "self" in types else "self"
    parameters = [_parameter(field, taken[field.name]) for field in shape.fields]
    head = cst.parse_statement(f"def __init__({own}, *, {', '.join(parameters)}) -> None: ...")
    return under("if TYPE_CHECKING: ...", [head])


def _parameter(field: FieldShape, taken: cst.BaseExpression) -> str:
    if field.required:
        return f"{field.name}: {_text(taken)}"
    absent = union([taken, name("MISSING")]) if field.default is Absent.DEFAULT else taken
    return f"{field.name}: {_text(absent)} = ..."


def _model_field(field: FieldShape, annotation: cst.BaseExpression) -> list[Statement]:
    aliases: dict[str, object] = {}
    if field.name != field.wire:
        aliases = {"validation_alias": field.wire, "serialization_alias": field.wire}
    if field.builds:
        build = expression(
            "lambda: {cls}.model_validate({value}, by_name=False)", cls=annotation, value=literal(field.default)
        )
        value: cst.BaseExpression | None = field_call({"default_factory": build, **aliases})
        full = annotation
    elif field.required:
        value = None
        full = _bounded(annotation, field.limits, aliases)
    elif field.default is Absent.DEFAULT:
        value = name("MISSING")
        full = annotated(union([_bounded(annotation, field.limits, {}), name("MISSING")]), aliases)
    else:
        value = _shown(field.default)
        full = _bounded(annotation, field.limits, aliases)
    line = fill("{field}: {type}", field=name(field.name), type=full)
    if value is not None:
        line = fill("{field}: {type} = {value}", field=name(field.name), type=full, value=value)
    return [*line, *_description(field.description)]


def _shown(default: object) -> cst.BaseExpression:
    """Write a default, its texts with a format as their class."""
    match default:
        case Reading():
            return expression("{cls}({text})", cls=name(default.by), text=literal(default.text))
        case list():
            return cst.List([cst.Element(_shown(one)) for one in default])
        case dict():
            return cst.Dict([cst.DictElement(literal(key), _shown(one)) for key, one in default.items()])
        case _:
            return literal(default)


def _bounded(
    annotation: cst.BaseExpression, limits: Mapping[str, int | float], aliases: Mapping[str, object]
) -> cst.BaseExpression:
    """Put limits on the one type they bound, not on the null beside it."""
    parts = members(annotation)
    if limits and any(is_name(part, "None") for part in parts):
        bounded = union([part for part in parts if not is_name(part, "None")])
        return annotated(union([annotated(bounded, limits), cst.Name("None")]), aliases)
    return annotated(annotation, {**limits, **aliases})


def _class(template: str, shape: ClassShape, lines: list[Statement]) -> list[Statement]:
    body = [*_description(shape.description), *lines] or fill("pass")
    return under(template, body, name=name(shape.name))


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


def _text(annotation: cst.BaseExpression) -> str:
    return cst.Module(body=[]).code_for_node(annotation)
