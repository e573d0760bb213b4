"""Give emitted code its final shape: lines and empty lines as black has them, at the line length of the project."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from symtable import symtable
from typing import Any

from memshelf_gen.emit.code import Module, Statement, TemplateError
from memshelf_gen.emit.layout import lay_out

DEFAULT_LINE_LENGTH = 88
_COMMENTED = re.compile(r"""((?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^"'])*?)(  # .*)""")
"""Code with a comment behind it; a text may hold what looks like one."""
_QUOTE = '"'


def shape(module: Module, *, line_length: int = DEFAULT_LINE_LENGTH) -> str:
    """Give a module's text, formatted as black does.

    Raises:
        TemplateError: what came out is not Python: a value broke the code around it.
    """
    spacing = _Spacing()
    lines = [*_lines(module.statements, 0, line_length, spacing)]
    text = "\n".join([*([module.header, ""] if module.header else []), *lines, ""])
    _must_be_python(text)
    return text


@lru_cache(maxsize=1 << 12)
def _must_be_python(text: str) -> None:
    try:
        symtable(text, "<generated>", "exec")  # parses, and makes no tree of Python objects
    except (SyntaxError, ValueError) as error:
        raise TemplateError(f"the generated module is not Python: {error}") from error


def _lines(statements: Iterable[Statement], depth: int, limit: int, spacing: _Spacing) -> Iterator[str]:
    for index, statement in enumerate(statements):
        is_docstring = index == 0 and statement.text.startswith('"""')
        yield from [""] * spacing.before(statement, depth, is_docstring=is_docstring)
        if statement.text.startswith('"""'):
            yield "    " * depth + (_padded(statement.text) if is_docstring else statement.text)
        else:
            commented = _COMMENTED.fullmatch(statement.text) if "  # " in statement.text else None
            code, comment = commented.groups() if commented else (statement.text, "")
            *above, last = lay_out(code, depth=depth, limit=limit)
            yield from above
            yield f"{last}{comment}"
        yield from _lines(statement.body, depth + 1, limit, spacing)


@dataclass(slots=True)
class _Spacing:
    """Counts empty lines as black does, one statement after the other."""

    previous: str = ""
    depth: int = 0
    wants_space: bool = False
    """Whether the line before is the docstring of a module or a class."""
    definitions: list[int] = field(default_factory=list)
    """The levels of the functions and classes that are open."""

    def before(self, statement: Statement, depth: int, *, is_docstring: bool) -> int:
        """Give the number of empty lines before a statement."""
        found = self._before(statement, depth, is_docstring=is_docstring) if self.previous else 0
        if not self.previous and _defines(statement.text):
            self.definitions.append(depth)
        self.wants_space = is_docstring and (not depth or self.previous.startswith("class "))
        self.previous, self.depth = statement.text, depth
        return found

    def _before(self, statement: Statement, depth: int, *, is_docstring: bool) -> int:
        wish = min(statement.blank, 1 if depth else 2)
        closes = False
        while self.definitions and self.definitions[-1] >= depth:
            self.definitions.pop()
            closes = True
        if _defines(statement.text):
            self.definitions.append(depth)
        if is_docstring:
            return 0
        if closes:
            wish = 1 if depth else 2
        if self.wants_space and self.depth == depth:
            return 2 if _defines(statement.text) and not depth else 1
        if _defines(statement.text):
            if self.depth < depth and _defines(self.previous):
                return min(statement.blank, 1)
            return 1 if depth else 2
        if _imports(self.previous) and not _imports(statement.text) and self.depth == depth:
            return (wish or 1) if depth else 1
        return wish


def _padded(text: str) -> str:
    """Keep a quotation mark of a docstring apart from those around it."""
    inner = text[3:-3]
    return f'"""{" " if inner.startswith(_QUOTE) else ""}{inner}{" " if inner.endswith(_QUOTE) else ""}"""'


def _defines(text: str) -> bool:
    return text.startswith(("def ", "async def ", "class "))


def _imports(text: str) -> bool:
    return text.startswith(("import ", "from "))


def line_length(pyproject: Mapping[str, Any]) -> int:
    """Give the line length that a project's own black uses, so that black leaves generated files as they are."""
    table = pyproject.get("tool", {}).get("black", {})
    length = (
        table.get("line-length", table.get("line_length", DEFAULT_LINE_LENGTH)) if isinstance(table, dict) else None
    )
    return length if isinstance(length, int) and length > 0 else DEFAULT_LINE_LENGTH
