"""Append the stub of `handle` to a file of people's that has none; every byte that is there stays."""

from __future__ import annotations

import ast
import re
from itertools import takewhile

from memshelf_gen.handlerfile import HandlerFile, bindings, handle_of, imports_of
from memshelf_gen.spans import LINE_END, Span, Text, decoded, replaced


class NamesTaken(Exception):
    """The file uses a name that the stub needs for something else."""


def append_stub(file: HandlerFile, stub: str, *, home: str) -> bytes:
    """Give the file with the stub behind what is there, and the imports that it lacks behind its imports.

    Args:
        file: a file that binds no `handle`.
        stub: the whole text of a file that is a stub.
        home: the dotted package that the file stands in.

    Raises:
        NamesTaken: an import would change what a name of the file means.
        NotKept: another byte would change.
        UnicodeEncodeError: the file's encoding lacks a character of the stub.
    """
    text = decoded(file.source)
    content = text.content
    if not file.tree.body and not content.strip("\r\n\t\f "):
        return replaced(file.source, [_insertion(len(content), stub, text)])
    imports, function = _parts(file, stub, home)
    head, lines = _find_head(file.tree, content)
    imports = f"{_separation(content[:head], lines=lines)}{imports}" if imports else ""
    function = f"{_separation(content[:head] + imports + content[head:], lines=2)}{function}"
    if head == len(content):
        return replaced(file.source, [_insertion(head, imports + function, text)])
    return replaced(file.source, [_insertion(head, imports, text), _insertion(len(content), function, text)])


def _parts(file: HandlerFile, stub: str, home: str) -> tuple[str, str]:
    """Give the imports that the file lacks, and the function."""
    tree = ast.parse(stub)
    handle = handle_of(tree)
    assert handle is not None
    known, taken = imports_of(file.tree, home), bindings(file.tree.body)
    lacking: dict[str, list[str]] = {}
    for name, (path, original) in imports_of(tree, home).items():
        if name not in taken:
            lacking.setdefault(path, []).append(name)
        elif not _is_same(known.get(name), (path, original)):
            raise NamesTaken(name)
    imports = "".join(f"from {path} import {', '.join(names)}\n" for path, names in lacking.items())
    return imports, "".join(stub.splitlines(keepends=True)[handle.lineno - 1 :])


def _is_same(found: tuple[str, str] | None, wanted: tuple[str, str]) -> bool:
    """Tell whether two imports give the same: `memshelf.job` has what `memshelf` has."""
    return found is not None and found[1] == wanted[1] and f"{found[0]}.".startswith(f"{wanted[0]}.")


def _find_head(tree: ast.Module, content: str) -> tuple[int, int]:
    """Give the place for imports, and how many empty lines they need there.

    It is behind the docstring and the first imports, or at the file's end if it begins with neither.
    """
    head = list(takewhile(lambda node: _is_import(node) or _is_docstring(tree, node), tree.body))
    following = tree.body[len(head)].lineno if len(head) < len(tree.body) else None
    last = head[-1].end_lineno if head else None
    if last is None or following == last:  # Another statement shares the line and may end anywhere.
        return len(content), 1
    ends = [end.end() for end in LINE_END.finditer(content)]
    return ends[last - 1] if last <= len(ends) else len(content), 0 if _is_import(head[-1]) else 1


def _is_import(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)


def _is_docstring(tree: ast.Module, node: ast.stmt) -> bool:
    return node is tree.body[0] and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _separation(content: str, *, lines: int) -> str:
    """Give the line ends that put so many empty lines behind a text, not counting those that are there."""
    there = len(LINE_END.findall(content[len(content.rstrip("\r\n")) :]))
    return "\n" * max(0, lines + 1 - there)


def _insertion(at: int, new: str, text: Text) -> Span:
    """Insert a text with the file's own line ends, and with tabs where the file indents with tabs."""
    if re.search(r"(?m)^\t+\S", text.content) and not re.search(r"(?m)^ {4}", text.content):
        new = re.sub(r"(?m)^(?: {4})+", lambda found: "\t" * (len(found[0]) // 4), new)
    return Span(at, at, new.replace("\n", text.newline), "")
