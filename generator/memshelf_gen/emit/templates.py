"""Fill templates that look like the code they make.

A template is parsed once, with its placeholders such as `{method}` as names. A placeholder inside a longer name
(`queue_{method}`) or inside a string would not be replaced by the value alone, and one without a value would stay: both
are refused. So is a union or a lambda where a sign beside it would take it apart, as in `{cls}.x`.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import TypeAlias

from memshelf_gen.emit.code import Code, Statement, TemplateError

Value: TypeAlias = Code | Statement

_MARK = "__placeholder_"
_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


@dataclass(frozen=True, slots=True)
class _Template:
    statements: tuple[Statement, ...]
    placeholders: frozenset[str]
    tight: frozenset[str]
    """Those beside a sign that binds more strongly than `|`."""


def fill(template: str, **values: Value) -> list[Statement]:
    """Give the statements of a template with its placeholders replaced.

    Raises:
        TemplateError: a placeholder stands inside a name or a string or has no value, a value has no placeholder, or
            a sign of the template would take a value apart.
    """
    parsed = _parse(template)
    if parsed.placeholders != values.keys():
        odd = ", ".join(sorted(parsed.placeholders ^ values.keys()))
        raise TemplateError(f"placeholders and values differ in: {odd}\n{template}")
    for word in parsed.tight:
        value = values[word]
        if isinstance(value, Code) and value.loose:
            raise TemplateError(f"{value.text} would be taken apart as {word} of:\n{template}")
    return [_filled(each, values) for each in parsed.statements] if values else [*parsed.statements]


def expression(template: str, **values: Code) -> Code:
    """Give the expression of a template with its placeholders replaced; raises as `fill` does."""
    [statement] = fill(template, **values)
    return Code(statement.text, loose=True)


def under(template: str, statements: list[Statement], **values: Value) -> list[Statement]:
    """Give a compound statement such as `if TYPE_CHECKING: ...` with these statements in it; nothing without any."""
    [head] = fill(template, **values)
    return [replace(head, text=head.text.removesuffix(" ..."), body=tuple(statements))] if statements else []


def _filled(statement: Statement, values: Mapping[str, Value]) -> Statement:
    lone = _PLACEHOLDER.fullmatch(statement.text)
    if lone and isinstance(value := values[lone[1]], Statement):
        return replace(value, blank=statement.blank)
    return Statement(
        _PLACEHOLDER.sub(lambda found: _text(values[found[1]]), statement.text),
        tuple(_filled(each, values) for each in statement.body),
        statement.blank,
    )


def _text(value: Value) -> str:
    if isinstance(value, Statement):
        raise TemplateError(f"a statement cannot stand inside another:\n{value.text}")
    return value.text


@cache
def _parse(template: str) -> _Template:
    """Parse a template once; every placeholder has to be a name of its own."""
    placeholders = _PLACEHOLDER.findall(template)
    text = textwrap.dedent(template).strip("\n")
    marked = _PLACEHOLDER.sub(rf"{_MARK}\1", text)
    try:
        tree = ast.parse(marked)
    except SyntaxError as error:
        raise TemplateError(f"the template is not Python: {error}\n{template}") from error
    words = re.findall(rf"(?<!\w){_MARK}(\w+)", _STRING.sub('""', marked))
    if sorted(words) != sorted(placeholders):
        raise TemplateError(f"a placeholder stands inside a name or a string, where nothing replaces it:\n{template}")
    tight = frozenset(word.removeprefix(_MARK) for node in ast.walk(tree) for word in _tight(node))
    statements = _statements(tree.body, text.split("\n"), 0)
    return _Template(statements, frozenset(placeholders), tight & set(placeholders))


def _tight(node: ast.AST) -> Iterator[str]:
    """Give the names that stand beside a sign which binds more strongly than `|`, or as strongly."""
    match node:
        case ast.Attribute(value=ast.Name(id=word)) | ast.Call(func=ast.Name(id=word)):
            yield word
        case ast.Subscript(value=ast.Name(id=word)) | ast.Await(value=ast.Name(id=word)):
            yield word
        case ast.BinOp() | ast.UnaryOp() | ast.BoolOp() | ast.Compare() | ast.IfExp():
            yield from (each.id for each in ast.iter_child_nodes(node) if isinstance(each, ast.Name))


def _statements(nodes: list[ast.stmt], lines: list[str], above: int) -> tuple[Statement, ...]:
    """Cut a template into its statements, each with what stands below it; `above` lines belong to the one around."""
    made: list[Statement] = []
    for node in nodes:
        start, blank = node.lineno - 1, 0
        while start - blank > above and not lines[start - blank - 1].strip():
            blank += 1
        below: list[ast.stmt] = getattr(node, "body", [])
        end = _head_end(node, below[0], lines) if below else 0
        body = _statements(below, lines, end) if end else ()
        made.append(Statement(_flat(lines[start : end or node.end_lineno]), body, blank if made or above else 0))
    return tuple(made)


def _head_end(node: ast.stmt, first: ast.stmt, lines: list[str]) -> int:
    """Give the line on which the head of a statement ends, or 0 where all of it stands on one logical line."""
    end = first.lineno - 1
    while end > node.lineno and not lines[end - 1].strip():
        end -= 1
    return end if end >= node.lineno and lines[end - 1].partition("  #")[0].endswith(":") else 0


def _flat(lines: list[str]) -> str:
    """Write what stands on several lines on one."""
    joined = " ".join(line.strip() for line in lines)
    return re.sub(r"(?<=[(\[{]) +| +(?=[)\]}])", "", joined)
