"""Adjust the imports and annotations of a handler's file to the generated names; every other byte stays.

A handler leans on two generated names: the generated package, and its job's payload class. When one of them changes,
because the package moved or the schema got another name, the file names something that is no longer there. What it
means can still be read: its `handle` annotates its first parameter with `Job[…]`, and that name is the payload's.
Nothing inside a function is touched: what a body says is its author's, and the type checker tells what no longer fits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import libcst as cst

from memshelf_gen.emit.code import dotted, name


@dataclass(frozen=True, slots=True)
class Expected:
    """The generated names as they are now, for one handler's file."""

    package: str
    """The dotted generated package."""
    module: str
    """The job's module below `models` and `dicts`: `billing.invoice`."""
    payload: str
    """The job's payload class."""
    exported: frozenset[str]
    """Every name of the generated package: one of these is never taken for an old one."""
    is_former: Callable[[str], bool]
    """Tells whether a dotted package was the generated one before: it is gone, or memshelf-gen's list lies in it."""


class Unreadable(Exception):
    """A file is not Python; the text says where."""


def adjust(source: bytes, expected: Expected) -> bytes:
    """Give the file's bytes with its generated names brought up to date; the same bytes when nothing is to do.

    Raises:
        Unreadable: the file does not parse.
    """
    tree = parse(source)
    handle = handle_of(tree)
    word = _payload_word(handle) if handle is not None else None
    found = _import_of(tree, word) if word is not None else None
    if word is None or found is None:
        return source
    package, original = found
    moved = package != expected.package
    if moved and not expected.is_former(package):
        return source
    renamed = original != expected.payload and (moved or original not in expected.exported)
    if not moved and not renamed:
        return source
    renames = {
        old: new for old, new in _pairs(original, expected) if renamed and (moved or old not in expected.exported)
    }
    changed = tree.visit(_Imports(package, expected, original if renamed else expected.payload, renames))
    return changed.visit(_Annotations({} if word != original else renames)).bytes


def parse(source: bytes) -> cst.Module:
    """Parse a file.

    Raises:
        Unreadable: it is not Python.
    """
    try:
        return cst.parse_module(source)
    except cst.ParserSyntaxError as error:
        raise Unreadable(f"line {error.raw_line}: not Python: {error.message}") from error
    except (UnicodeDecodeError, LookupError) as error:
        raise Unreadable(f"not readable as text: {error}") from error


def handle_of(tree: cst.Module) -> cst.FunctionDef | None:
    """Give the file's `handle`, or None when it has none at its top level."""
    functions = [node for node in tree.body if isinstance(node, cst.FunctionDef) and node.name.value == "handle"]
    return functions[-1] if functions else None


def _payload_word(handle: cst.FunctionDef) -> str | None:
    """Read `EmailPayload` off `def handle(job: Job[EmailPayload], …)`."""
    parameters = [*handle.params.posonly_params, *handle.params.params]
    annotation = parameters[0].annotation if parameters else None
    node = annotation.annotation if annotation is not None else None
    if isinstance(node, cst.SimpleString):
        try:
            node = cst.parse_expression(str(node.evaluated_value))
        except cst.ParserSyntaxError:
            return None
    match node:
        case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Index(value=cst.Name(value=word)))]):
            return word
        case _:
            return None


def _import_of(tree: cst.Module, word: str) -> tuple[str, str] | None:
    """Give the generated package that a local name comes from, and the name that it has there."""
    finder = _Finder(word)
    tree.visit(finder)
    return finder.found


def _pairs(original: str, expected: Expected) -> list[tuple[str, str]]:
    return [(original, expected.payload), (f"{original}Dict", f"{expected.payload}Dict")]


class _Finder(cst.CSTVisitor):
    def __init__(self, word: str) -> None:
        self._word = word
        self.found: tuple[str, str] | None = None

    def visit_ImportFrom(self, node: cst.ImportFrom) -> None:
        if node.relative or node.module is None or isinstance(node.names, cst.ImportStar):
            return
        for alias in node.names:
            if alias.evaluated_alias == self._word or (alias.asname is None and alias.evaluated_name == self._word):
                self.found = (_base(_path(node.module)), alias.evaluated_name)


class _Imports(cst.CSTTransformer):
    """Import from the package as it is called now, under the names that are there now."""

    def __init__(self, package: str, expected: Expected, original: str, renames: dict[str, str]) -> None:
        self._package = package
        self._expected = expected
        self._original = original
        self._renames = renames

    def leave_ImportFrom(self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom) -> cst.ImportFrom:
        module = updated_node.module
        if updated_node.relative or module is None or isinstance(updated_node.names, cst.ImportStar):
            return updated_node
        path = _path(module)
        if path != self._package and not path.startswith(f"{self._package}."):
            return updated_node
        below = path.removeprefix(self._package)
        own = any(self._is_of_payload(alias.evaluated_name) for alias in updated_node.names)
        for folder in (".models", ".dicts"):
            if below.startswith(f"{folder}.") and own and self._renames:
                below = f"{folder}.{self._expected.module}"
        new = f"{self._expected.package}{below}"
        return updated_node.with_changes(
            module=module if new == path else dotted(new), names=self._named(updated_node.names)
        )

    def _named(self, aliases: Sequence[cst.ImportAlias]) -> list[cst.ImportAlias]:
        return [
            (
                alias.with_changes(name=name(self._renamed(alias.evaluated_name)))
                if self._renamed(alias.evaluated_name) != alias.evaluated_name
                else alias
            )
            for alias in aliases
        ]

    def _renamed(self, word: str) -> str:
        """Rename the payload, and the classes of objects inside it, which start with its name."""
        if word in self._renames or not self._renames or word in self._expected.exported:
            return self._renames.get(word, word)
        return self._expected.payload + word.removeprefix(self._original) if self._is_of_payload(word) else word

    def _is_of_payload(self, word: str) -> bool:
        return re.match(rf"{re.escape(self._original)}(?![a-z])", word) is not None


class _Annotations(cst.CSTTransformer):
    """Rename in annotations of functions, classes and modules, not inside functions."""

    def __init__(self, renames: dict[str, str]) -> None:
        self._rename = _Rename(renames)
        self._in_function: list[bool] = []

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self._in_function.append(True)

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> cst.FunctionDef:
        self._in_function.pop()
        return updated_node

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self._in_function.append(False)

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> cst.ClassDef:
        self._in_function.pop()
        return updated_node

    def visit_IndentedBlock(self, node: cst.IndentedBlock) -> bool:
        return not (self._in_function and self._in_function[-1])

    def visit_SimpleStatementSuite(self, node: cst.SimpleStatementSuite) -> bool:
        return not (self._in_function and self._in_function[-1])

    def leave_Annotation(self, original_node: cst.Annotation, updated_node: cst.Annotation) -> cst.Annotation:
        changed = updated_node.visit(self._rename)
        return changed if isinstance(changed, cst.Annotation) else updated_node


class _Rename(cst.CSTTransformer):
    def __init__(self, renames: dict[str, str]) -> None:
        self._renames = renames

    def visit_Subscript(self, node: cst.Subscript) -> bool:
        return not (isinstance(node.value, cst.Name) and node.value.value == "Literal")

    def visit_Attribute(self, node: cst.Attribute) -> bool:
        return False

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        return updated_node.with_changes(value=self._renames.get(updated_node.value, updated_node.value))

    def leave_SimpleString(self, original_node: cst.SimpleString, updated_node: cst.SimpleString) -> cst.SimpleString:
        text = updated_node.value
        for old, new in self._renames.items():
            text = re.sub(rf"(?<![\w.]){re.escape(old)}\b", new, text)
        return updated_node.with_changes(value=text)


def _path(node: cst.Name | cst.Attribute) -> str:
    return cst.Module(body=[]).code_for_node(node).replace(" ", "")


def _base(path: str) -> str:
    """Give the generated package of one of its modules: `generated` for `generated.models.email`."""
    return re.split(r"\.(?:models|dicts)\.", path)[0]
