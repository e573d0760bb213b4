"""Adjust the imports and annotations of a handler's file to the generated names; every other byte stays.

Nothing inside a function is touched but its imports: what a body says is its author's. A name that a body uses is
therefore kept: `from generated import MailPayload as EmailPayload`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import libcst as cst

from memshelf_gen.editing import Editor, edited
from memshelf_gen.naming import name_job
from memshelf_gen.outdated import Expected, Outdated, is_below
from memshelf_gen.spans import Span


class ByHand(Exception):
    """The file speaks of old names in a way that only its author can change."""


def adjust(source: bytes, outdated: Outdated, expected: Expected) -> bytes:
    """Give the file's bytes with its old generated names brought up to date.

    Raises:
        ByHand: more than an import or an annotation would have to change.
        NotKept: another byte would change.
        UnicodeEncodeError: the file's encoding lacks a character of a new name.
    """
    return edited(source, lambda text: _Adjusting(text, outdated, expected))


class _Adjusting(Editor):
    def __init__(self, text: str, outdated: Outdated, expected: Expected) -> None:
        super().__init__(text)
        self._outdated = outdated
        self._expected = expected
        self._in_annotation = 0
        self._in_bodies = 0
        self._modules: set[str] = set()
        """The local names of the generated package and its modules."""
        self._imported: set[str] = set()
        """The names that came from the generated package under their own name."""

    def visit_ImportFrom(self, node: cst.ImportFrom) -> None:
        base, tail = self._base(len(node.relative)), self.code(node.module)
        path = ".".join(part for part in (base, tail) if part)
        new = self._moved(path)
        if isinstance(node.names, cst.ImportStar):
            if is_below(path, self._outdated.package) and self._outdated.renames:
                raise ByHand(f"`from {path} import *` does not say which names it brings")
        else:
            modules = [alias for alias in node.names if self._is_module(path, alias.evaluated_name)]
            self._modules.update(alias.evaluated_alias or alias.evaluated_name for alias in modules)
            for alias in modules:
                new = self._import_module(alias, path, alone=len(node.names) == 1)
            if not modules:
                self._rename_imports(path, node.names)
        if new != path:
            self._change_home(node, base, new)

    def visit_Import(self, node: cst.Import) -> None:
        for alias in node.names:
            path = self.code(alias.name)
            if not is_below(path, self._outdated.package):
                continue
            self._modules.add(alias.evaluated_alias or path)
            new = self._moved(path)
            if new == path:
                continue
            if alias.asname is None and "." in path:
                raise ByHand(f"`import {path}` is `import {new}` now, and every use of it too")
            self.change(alias.name, new if alias.asname else f"{new} as {path}")

    def visit_FunctionDef_body(self, node: cst.FunctionDef) -> None:
        self._in_bodies += 1

    def leave_FunctionDef_body(self, node: cst.FunctionDef) -> None:
        self._in_bodies -= 1

    def visit_Annotation(self, node: cst.Annotation) -> None:
        self._in_annotation += 1

    def leave_Annotation(self, original_node: cst.Annotation) -> None:
        self._in_annotation -= 1

    def visit_Subscript(self, node: cst.Subscript) -> bool:
        return not (self._changes_names and self.code(node.value).rpartition(".")[2] == "Literal")

    def visit_Attribute(self, node: cst.Attribute) -> bool:
        if self._changes_names and self.code(node.value) in self._modules:
            word = node.attr.value
            if word in self._outdated.renames:
                self.change(node.attr, self._outdated.renames[word])
        return not self._changes_names

    def visit_Name(self, node: cst.Name) -> None:
        if self._changes_names and node.value in self._imported:
            self.change(node, self._renamed(node.value))

    def visit_SimpleString(self, node: cst.SimpleString) -> None:
        if not self._changes_names:
            return
        start = self.span(node)[0]
        for found in re.finditer(r"(?<![\w.])\w+", node.value):
            if found[0] in self._imported and found.start() >= len(node.prefix):
                at = start + found.start()
                self.spans.append(Span(at, at + len(found[0]), self._renamed(found[0]), found[0]))

    @property
    def _changes_names(self) -> bool:
        return self._in_annotation > 0 and not self._in_bodies

    def _base(self, level: int) -> str:
        """Give the package that leading dots stand for."""
        parts = self._expected.home.split(".")
        return ".".join(parts[: len(parts) - (level - 1)]) if level else ""

    def _import_module(self, alias: cst.ImportAlias, path: str, *, alone: bool) -> str:
        """Change what `from acme import generated` imports; give the path that it is imported from now."""
        name = alias.evaluated_name
        home, _, leaf = self._moved(f"{path}.{name}").rpartition(".")
        if home != self._moved(path) and not alone:
            raise ByHand(f"`from {path} import {name}` is `from {home} import {leaf}` now, and brings more than that")
        if leaf != name:
            self.change(alias.name, leaf if alias.asname else f"{leaf} as {name}")
        return home

    def _change_home(self, node: cst.ImportFrom, base: str, new: str) -> None:
        """Write the path that names are imported from, relative if it was and still can be."""
        if node.module is not None and new.startswith(f"{base}."):
            self.change(node.module, new.removeprefix(f"{base}."))
            return
        self.change([*node.relative, *([node.module] if node.module else [])], new)

    def _is_module(self, path: str, name: str) -> bool:
        """Tell whether an import is of the old generated package itself, or of a module of it: in lower case."""
        below = path.removeprefix(f"{self._outdated.package}.").partition(".")[0]
        return f"{path}.{name}" == self._outdated.package or (
            is_below(path, self._outdated.package) and below in ("models", "dicts") and name == name.lower()
        )

    def _moved(self, path: str) -> str:
        """Give a path below the generated package as it is now."""
        if not is_below(path, self._outdated.package):
            return path
        below = path.removeprefix(self._outdated.package)
        found = re.fullmatch(r"\.(models|dicts)\.(.+)", below)
        if found and self._outdated.renames:
            stem = name_job(found[2].replace(".", "/")).class_stem
            below = f".{found[1]}.{self._expected.module}" if f"{stem}Payload" == self._outdated.original else below
        return f"{self._expected.package}{below}"

    def _rename_imports(self, path: str, aliases: Sequence[cst.ImportAlias]) -> None:
        if not is_below(path, self._outdated.package):
            return
        for alias in aliases:
            old = alias.evaluated_name
            new = self._renamed(old)
            if new == old:
                continue
            keeps = alias.asname is None and (old in self._outdated.kept or self._in_bodies > 0)
            self.change(alias.name, f"{new} as {old}" if keeps else new)
            if alias.asname is None and not keeps:
                self._imported.add(old)

    def _renamed(self, word: str) -> str:
        """Rename the payload, and the classes of objects inside it, which start with its name."""
        renames = self._outdated.renames
        if word in renames or not renames or word in self._expected.exported:
            return renames.get(word, word)
        rest = word.removeprefix(self._outdated.original)
        return self._expected.payload + rest if self._is_of_payload(word) else word

    def _is_of_payload(self, word: str) -> bool:
        return re.match(rf"{re.escape(self._outdated.original)}(?![a-z])", word) is not None
