"""Fill templates that look like the code they make; every value enters as a syntax node.

A template is parsed by libcst with its placeholders, such as `{method}`, as names, and these are replaced in the tree.
A placeholder inside a longer name (`queue_{method}`) or inside a string is no name of its own, one without a value
would stay, and a keyword is no name: `fill` and `name` refuse all four, so that no such mistake reaches a file.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import chain
from typing import TypeAlias

import libcst as cst

Value: TypeAlias = cst.BaseExpression | cst.BaseStatement
Statement: TypeAlias = cst.SimpleStatementLine | cst.BaseCompoundStatement

_MARK = "__placeholder_"
_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
# Invisible characters and those that turn the reading direction: a table of our own, since the interpreter's differs
# between versions of Python.
_HIDDEN = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb]"
)


class TemplateError(Exception):
    """A template and its values do not fit: a fault of the generator, never of its input."""


def fill(template: str, **values: Value) -> list[Statement]:
    """Give the statements of a template with its placeholders replaced.

    Raises:
        TemplateError: a placeholder stands inside a name or a string or has no value, or a value has no placeholder.
    """
    tree, placeholders = _parse(template)
    if placeholders != values.keys():
        odd = ", ".join(sorted(placeholders ^ values.keys()))
        raise TemplateError(f"placeholders and values differ in: {odd}\n{template}")
    filled = tree.visit(_Filler(values)) if values else tree
    return [*filled.body]


def expression(template: str, **values: cst.BaseExpression) -> cst.BaseExpression:
    """Give the one expression of a template, filled as `fill` does."""
    match fill(template, **values):
        case [cst.SimpleStatementLine(body=[cst.Expr(value=value)])]:
            return value
        case _:
            raise TemplateError(f"the template is not one expression:\n{template}")


def name(text: str) -> cst.Name:
    """Give a node for one identifier.

    Raises:
        TemplateError: the text is a keyword or no identifier.
    """
    if not text.isidentifier() or keyword.iskeyword(text):
        raise TemplateError(f"{text!r} cannot be a Python name")
    return cst.Name(text)


def dotted(text: str) -> cst.Name | cst.Attribute:
    """Give a node for a dotted path such as `jobs.billing.invoice`."""
    first, *rest = text.split(".")
    node: cst.Name | cst.Attribute = name(first)
    for part in rest:
        node = cst.Attribute(value=node, attr=name(part))
    return node


def literal(value: object) -> cst.BaseExpression:
    """Give a node for a plain value: None, bool, int, float, str, or a list, tuple or dict of them."""
    match value:
        case None | bool() | int() | float() | str():
            return cst.parse_expression(_spelling(value))
        case list():
            return cst.List([cst.Element(literal(item)) for item in value])
        case tuple():
            only = cst.Comma() if len(value) == 1 else cst.MaybeSentinel.DEFAULT
            return cst.Tuple([cst.Element(literal(item), comma=only) for item in value])
        case dict():
            return cst.Dict([cst.DictElement(literal(key), literal(item)) for key, item in value.items()])
        case _:
            raise TemplateError(f"a {type(value).__name__} cannot be written as a literal")


def docstring(text: str, *, depth: int = 0) -> cst.SimpleStatementLine:
    """Give a docstring of any text: quotes, backslashes, braces and control characters stay what they are.

    `depth` is the level of its statement: the lines after the first are indented here, because black leaves the lines
    of a text with a backslash where they are.
    """
    escaped = _HIDDEN.sub(_escape, text.strip().replace("\\", "\\\\"))
    first, *others = re.sub(r'"(?="|\Z)', r"\"", escaped).split("\n")
    indent = "    " * depth
    lines = [first.rstrip(), *(f"{indent}{line}".rstrip() for line in others)]
    end = f"\n{indent}" if others else ""
    quoted = "\n".join(lines)
    return cst.SimpleStatementLine([cst.Expr(cst.SimpleString(f'"""{quoted}{end}"""'))])


def apart(statements: list[Statement], *, lines: int = 1) -> list[Statement]:
    """Set a group of statements apart from what stands before it, by blank lines."""
    if not statements:
        return []
    return [statements[0].with_changes(leading_lines=[cst.EmptyLine()] * lines), *statements[1:]]


def under(template: str, statements: list[Statement], **values: Value) -> list[Statement]:
    """Give a compound statement such as `if TYPE_CHECKING: ...` with these statements in it; nothing without any."""
    [head] = fill(template, **values)
    return [head.with_changes(body=cst.IndentedBlock(statements))] if statements else []


def module(header: str, *parts: Iterable[Statement]) -> str:
    """Give the text of a module: the header's comment lines, then the statements."""
    return f"{header}\n\n{cst.Module(body=[*chain.from_iterable(parts)]).code}"


@cache
def _parse(template: str) -> tuple[cst.Module, frozenset[str]]:
    """Parse a template once; every placeholder has to be a name of its own in the tree."""
    placeholders = _PLACEHOLDER.findall(template)
    try:
        tree = cst.parse_module(_PLACEHOLDER.sub(rf"{_MARK}\1", template))
    except cst.ParserSyntaxError as error:
        raise TemplateError(f"the template is not Python: {error}\n{template}") from error
    names = _Names()
    tree.visit(names)
    if sorted(names.found) != sorted(placeholders):
        raise TemplateError(f"a placeholder stands inside a name or a string, where nothing replaces it:\n{template}")
    return tree, frozenset(placeholders)


class _Names(cst.CSTVisitor):
    """Collect the placeholders of a parsed template."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def visit_Name(self, node: cst.Name) -> None:
        if node.value.startswith(_MARK):
            self.found.append(node.value.removeprefix(_MARK))


class _Filler(cst.CSTTransformer):
    """Replace placeholders: a name by an expression, a line that is nothing but a name by a statement too."""

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = {f"{_MARK}{key}": value for key, value in values.items()}

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        value = self._values.get(updated_node.value)
        return value if isinstance(value, cst.BaseExpression) else updated_node

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.BaseStatement:
        match original_node.body:
            case [cst.Expr(value=cst.Name(value=word))] if isinstance(
                value := self._values.get(word), cst.BaseStatement
            ):
                return value
            case _:
                return updated_node


def _spelling(value: str | float | int | bool | None) -> str:
    match value:
        case str():
            quoted = value.replace("\\", "\\\\").replace('"', r"\"").replace("\n", r"\n")
            return f'"{_HIDDEN.sub(_escape, quoted)}"'
        case bool() | None:
            return repr(value)
        case int():
            return f"{value:_}" if abs(value) >= 100_000 else str(value)
        case float():
            return repr(value)


def _escape(hidden: re.Match[str]) -> str:
    number = ord(hidden[0])
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"
