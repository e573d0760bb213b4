"""Change type annotations as trees: take unions apart and together, number types, tagged unions."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import libcst as cst

from memshelf_gen.emit.code import expression, literal, name


def members(annotation: cst.BaseExpression) -> list[cst.BaseExpression]:
    """Give the members of `A | B | C`."""
    if isinstance(annotation, cst.BinaryOperation) and isinstance(annotation.operator, cst.BitOr):
        return [*members(annotation.left), *members(annotation.right)]
    return [annotation]


def union(parts: list[cst.BaseExpression]) -> cst.BaseExpression:
    """Give `A | B | C` of its members."""
    joined, *rest = parts
    for part in rest:
        joined = cst.BinaryOperation(joined, cst.BitOr(), part)
    return joined


def without(annotation: cst.BaseExpression, unwanted: str) -> cst.BaseExpression:
    """Give the union without the member of that name."""
    kept = [part for part in members(annotation) if not is_name(part, unwanted)]
    return union(kept) if kept else annotation


def is_name(node: cst.BaseExpression, text: str) -> bool:
    """Tell whether a node is that very name."""
    return isinstance(node, cst.Name) and node.value == text


def annotated(annotation: cst.BaseExpression, keywords: Mapping[str, object]) -> cst.BaseExpression:
    """Give `Annotated[…, Field(…)]`, or the annotation itself when there is nothing to say."""
    if not keywords:
        return annotation
    return expression("Annotated[{annotation}, {field}]", annotation=annotation, field=field_call(keywords))


def field_call(keywords: Mapping[str, object]) -> cst.Call:
    """Give `Field(…)` with keyword arguments; values that are nodes already stay as they are."""
    arguments = [
        cst.Arg(keyword=name(key), value=value if isinstance(value, cst.BaseExpression) else literal(value))
        for key, value in keywords.items()
    ]
    return cst.Call(func=name("Field"), args=arguments)


def with_integers(annotation: cst.BaseExpression) -> cst.BaseExpression:
    """Let a number be an integer too: `float` becomes `int | float`, so that 3 stays 3."""
    parts = []
    for part in members(annotation):
        if is_name(part, "float"):
            parts += [cst.Name("int"), part]
        else:
            parts.append(_inside(part, with_integers))
    seen = [one for index, one in enumerate(parts) if not any(one.deep_equals(other) for other in parts[:index])]
    return union(seen)


def tagged(annotation: cst.BaseExpression, tags: Mapping[frozenset[str], str]) -> cst.BaseExpression:
    """Tell pydantic which field decides a union: `Card | Transfer` becomes a discriminated union.

    The tags are found by the names that the classes have in this module.
    """
    parts = [_inside(part, lambda argument: tagged(argument, tags)) for part in members(annotation)]
    known = {word for words in tags for word in words}
    classes = [part for part in parts if isinstance(part, cst.Name) and part.value in known]
    tag = tags.get(frozenset(part.value for part in classes))
    if tag is None:
        return union(parts)
    others = [part for part in parts if part not in classes]
    return union([annotated(union([*classes]), {"discriminator": tag}), *others])


def _inside(part: cst.BaseExpression, change: Callable[[cst.BaseExpression], cst.BaseExpression]) -> cst.BaseExpression:
    """Change the arguments of `list[…]` and `dict[str, …]`."""
    if not isinstance(part, cst.Subscript) or is_name(part.value, "Literal"):
        return part
    elements = [
        (
            element.with_changes(slice=cst.Index(change(element.slice.value)))
            if isinstance(element.slice, cst.Index)
            else element
        )
        for element in part.slice
    ]
    return part.with_changes(slice=elements)
