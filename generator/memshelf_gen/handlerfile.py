"""Read a handler's file without running it: what it binds, and whether it is still the stub that was written once."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

State = Literal["written", "stub", "none"]

_MISSING = re.compile(r"(?P<wire>\S+) has no handler body yet: write it in \S+")


@dataclass(frozen=True, slots=True)
class HandlerFile:
    """One file in the handler package, parsed."""

    source: bytes
    tree: ast.Module

    @property
    def state(self) -> State:
        """Tell whether it binds `handle`, and to more than a stub."""
        handle = handle_of(self.tree)
        if handle is not None:
            return "stub" if _is_unimplemented(handle) else "written"
        return "written" if "handle" in bindings(self.tree.body) else "none"

    @property
    def untouched(self) -> bool:
        """Tell whether this is a stub as memshelf-gen wrote it, whatever a formatter made of it since."""
        return _has_no_comment(self.source) and _is_whole_stub(self.tree.body)

    @property
    def leans_on_its_package(self) -> bool:
        """Tell whether it has relative imports."""
        return any(isinstance(node, ast.ImportFrom) and node.level for node in ast.walk(self.tree))


class Unreadable(Exception):
    """A file is not Python."""

    def __init__(self, line: int, column: int, text: str) -> None:
        self.line, self.column, self.text = line, column, text
        super().__init__(f"{line}:{column}: {text}")


def read_handler(source: bytes) -> HandlerFile:
    """Parse a handler's file.

    Raises:
        Unreadable: it is not Python; the error has the position.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # What a text of people's deserves to hear, it hears when it is run.
            return HandlerFile(source, ast.parse(source))
    except SyntaxError as error:
        raise Unreadable(error.lineno or 1, max(error.offset or 1, 1), f"not Python: {error.msg}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise Unreadable(1, 1, f"not Python: {str(error) or 'nested too deeply'}") from None


def handle_of(tree: ast.Module) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """Give the function `handle` at the top of a file; the last one counts, as it does for Python."""
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return next((node for node in reversed(functions) if node.name == "handle"), None)


def bindings(body: Sequence[ast.stmt]) -> set[str]:
    """Give the names that statements bind in their module; an import of everything is taken to bind `handle` too."""
    return {name for statement in body for name in _bound(statement)}


def imports_of(tree: ast.Module, package: str) -> dict[str, tuple[str, str]]:
    """Give each name imported at the top of a module with its absolute home and its name there.

    `package` is the dotted package that the module stands in, for relative imports.
    """
    return {
        alias.asname or alias.name: (absolute(node, package), alias.name)
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def absolute(node: ast.ImportFrom, package: str) -> str:
    """Give the absolute dotted path that `from …` names in a module of a package; empty when it leads out of it."""
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    kept = parts[: len(parts) - (node.level - 1)]
    return ".".join([*kept, *([node.module] if node.module else [])]) if kept else ""


def _bound(statement: ast.stmt) -> Iterator[str]:
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.ImportFrom(names=names):
            yield from ("handle" if each.name == "*" else each.asname or each.name for each in names)
        case ast.Import(names=names):
            yield from (each.asname or each.name.partition(".")[0] for each in names)
        case _:
            for node in ast.iter_child_nodes(statement):
                yield from _bound_in(node)


def _bound_in(node: ast.AST) -> Iterator[str]:
    """Look into targets, and into the branches of `if`, `try`, `with` and loops; not into functions and classes."""
    match node:
        case ast.stmt():
            yield from _bound(node)
        case ast.Name(id=name, ctx=ast.Store()):
            yield name
        case ast.Lambda():
            return
        case _:
            for child in ast.iter_child_nodes(node):
                yield from _bound_in(child)


def _is_unimplemented(handle: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Tell whether the body is, behind its docstring, nothing but `raise NotImplementedError`."""
    match handle.body:
        case [ast.Expr(ast.Constant(str())), ast.Raise(exc=raised)] | [ast.Raise(exc=raised)]:
            return isinstance(raised, ast.AST) and ast.unparse(raised).startswith("NotImplementedError")
        case _:
            return False


def _is_whole_stub(body: Sequence[ast.stmt]) -> bool:
    """Compare by structure with what `emit.stub` writes: two docstrings that agree, two imports and one `raise`."""
    match body:
        case [
            ast.Expr(ast.Constant(str(head))),
            ast.ImportFrom(level=0) as first,
            ast.ImportFrom(level=0) as second,
            ast.AsyncFunctionDef(
                name="handle",
                decorator_list=[],
                returns=ast.Constant(value=None),
                body=[
                    ast.Expr(ast.Constant(str(doc))),
                    ast.Raise(
                        exc=ast.Call(func=ast.Name(id="NotImplementedError"), args=[ast.Constant(str(text))]),
                        cause=None,
                    ),
                ],
            ) as handle,
        ]:
            missing = _MISSING.fullmatch(text)
            signature = re.fullmatch(r"job: Job\[(\w+)\], context: Context", ast.unparse(handle.args))
            return (
                missing is not None
                and signature is not None
                and {_plainly_imported(first), _plainly_imported(second)} == {("Context", "Job"), (signature[1],)}
                and _agree(missing["wire"], " ".join(head.split()), " ".join(doc.split()))
            )
        case _:
            return False


def _plainly_imported(node: ast.ImportFrom) -> tuple[str, ...]:
    return tuple(sorted(each.name if each.asname is None else "" for each in node.names))


def _agree(wire: str, head: str, doc: str) -> bool:
    return head == f"Handle {wire}: {doc}" or (head == f"Handle {wire}." and doc == f"Run one {wire} job.")


def _has_no_comment(source: bytes) -> bool:
    try:
        return all(token.type != tokenize.COMMENT for token in tokenize.tokenize(io.BytesIO(source).readline))
    except (tokenize.TokenError, SyntaxError):
        return False
