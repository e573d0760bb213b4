"""Change type annotations as trees: take unions apart and together, number types, tagged unions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

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
    return union(_each_once(parts))


def accepted(annotation: cst.BaseExpression, readings: Collection[str]) -> cst.BaseExpression:
    """Give what a constructor takes for a field: an exact text too wherever the field has a class that reads texts.

    A list of such texts is `list[DateText] | list[str]`. One of a union is `Sequence[DateText | str | None]`, because
    mypy finds no type for the list that is written out, such as `[None]`, when two would do.
    """
    parts: list[cst.BaseExpression] = []
    for part in members(annotation):
        exact = _replaced(part, lambda word: [cst.Name("str")] if word.value in readings else [word])
        if isinstance(part, cst.Subscript) and not exact.deep_equals(part) and _holds_union(part):
            parts.append(_covariant(_replaced(part, lambda w: [w, cst.Name("str")] if w.value in readings else [w])))
        else:
            parts += [part, exact]
    return union(_each_once(parts))


def _replaced(
    annotation: cst.BaseExpression, replace: Callable[[cst.Name], list[cst.BaseExpression]]
) -> cst.BaseExpression:
    """Replace each name, inside lists and dicts too, by the members of a union."""
    parts: list[cst.BaseExpression] = []
    for part in members(annotation):
        parts += replace(part) if isinstance(part, cst.Name) else [_inside(part, lambda one: _replaced(one, replace))]
    return union(_each_once(parts))


def _covariant(annotation: cst.BaseExpression) -> cst.BaseExpression:
    """Write lists and dicts as what can be read from them alone."""
    abstract = {"list": cst.Name("Sequence"), "dict": cst.Name("Mapping")}
    parts: list[cst.BaseExpression] = []
    for part in members(annotation):
        match _inside(part, _covariant):
            case cst.Subscript(value=cst.Name(value=word)) as inner if word in abstract:
                parts.append(inner.with_changes(value=abstract[word]))
            case other:
                parts.append(other)
    return union(parts)


def _holds_union(part: cst.Subscript) -> bool:
    inner = [one.slice.value for one in part.slice if isinstance(one.slice, cst.Index)]
    return any(len(members(one)) > 1 or (isinstance(one, cst.Subscript) and _holds_union(one)) for one in inner)


def _each_once(parts: list[cst.BaseExpression]) -> list[cst.BaseExpression]:
    return [one for index, one in enumerate(parts) if not any(one.deep_equals(other) for other in parts[:index])]


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
