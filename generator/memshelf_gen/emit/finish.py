"""Finish what datamodel-code-generator made: it gives the types, the schema's shapes give all the rest.

Each class is written anew around the annotations that came out: fields with aliases that type checkers read as Python
names, limits on the very type they bound, defaults, docstrings of any text, and `int | float` for numbers, so that
integers stay integers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import libcst as cst

from memshelf_gen.emit.code import Statement, TemplateError, apart, fill, module
from memshelf_gen.emit.header import header
from memshelf_gen.emit.readings import HOME, READING_CLASSES
from memshelf_gen.emit.shape import ClassShape, Relaxed

WriteClass = Callable[[ClassShape, Mapping[str, cst.BaseExpression], Mapping[frozenset[str], str]], list[Statement]]

_IMPORTS = {
    "collections.abc": ("Mapping", "Sequence"),
    "typing": ("TYPE_CHECKING", "Annotated", "Any", "Literal", "NotRequired", "TypedDict"),
    HOME: tuple(sorted(READING_CLASSES)),
    "memshelf.payload": ("MISSING", "Payload"),
    "pydantic": ("ConfigDict", "Field"),
}


def finish(made: Mapping[str, str], relaxed: Relaxed, *, schemas: str, write_class: WriteClass) -> dict[str, str]:
    """Give the finished text of every module that came out, by its path.

    Raises:
        TemplateError: a class of the schemas did not come out, or something else did.
    """
    shared = {shape.name: shape for file in relaxed.files if file.circular for shape in file.classes}
    own = {_path(file.module): {shape.name: shape for shape in file.classes} for file in relaxed.files}
    sources = {_path(file.module): f"{schemas}/{file.source}" for file in relaxed.files}
    words = _Words(relaxed)
    finished = {}
    for made_path, text in made.items():
        path = words.restore_path(made_path)
        known = own.get(path, shared)
        body = _finish_module(cst.parse_module(text).visit(words), known, relaxed.tags, write_class)
        finished[path] = module(header(sources.get(path, f"{schemas}/")), body)
    return finished


class _Words(cst.CSTTransformer):
    """Give the modules in imports and paths their own names again, which were spelled in ASCII."""

    def __init__(self, relaxed: Relaxed) -> None:
        self._own = {
            spelled: own
            for file in relaxed.files
            for spelled, own in zip(file.ascii_module.split("."), file.module.split("."), strict=True)
        }

    def restore_path(self, path: str) -> str:
        return _path(".".join(self._own.get(part, part) for part in path.removesuffix(".py").split("/")))

    def leave_ImportFrom(self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom) -> cst.ImportFrom:
        return (
            updated_node
            if updated_node.module is None
            else updated_node.with_changes(module=updated_node.module.visit(_Renamed(self._own)))
        )


class _Renamed(cst.CSTTransformer):
    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        return updated_node.with_changes(value=self._names.get(updated_node.value, updated_node.value))


def _finish_module(
    made: cst.Module, shapes: Mapping[str, ClassShape], tags: Mapping[frozenset[str], str], write_class: WriteClass
) -> list[Statement]:
    imports: list[Statement] = []
    body: list[Statement] = []
    aliases: dict[str, str] = {}
    for statement in made.body:
        match statement:
            case cst.ClassDef(name=cst.Name(value=word)) if word in shapes:
                body += write_class(shapes[word], _annotations(statement), _local(tags, aliases))
            case cst.SimpleStatementLine(body=[cst.ImportFrom() as line]):
                if line.relative:
                    imports.append(statement.with_changes(leading_lines=[]))
                    aliases |= _aliases(line)
            case cst.SimpleStatementLine(body=[cst.Expr(value=cst.Call()) | cst.Assign()]):
                body.append(statement)
            case _:
                raise TemplateError(f"datamodel-code-generator made something unknown:\n{made.code}")
    future = fill("from __future__ import annotations")
    return [*future, *_own_imports(body), *apart(imports), *body]


def _annotations(made: cst.ClassDef) -> dict[str, cst.BaseExpression]:
    """Give the annotation of each field."""
    found = {}
    for line in made.body.body:
        match line:
            case cst.SimpleStatementLine(body=[cst.AnnAssign(target=cst.Name(value=word), annotation=annotation)]):
                found[word] = annotation.annotation
    return found


def _own_imports(body: list[Statement]) -> list[Statement]:
    """Import what the finished classes use, and no more."""
    finder = _Names()
    for statement in body:
        statement.visit(finder)
    imports: dict[str, list[Statement]] = {}
    for source, words in _IMPORTS.items():
        if used := [word for word in words if word in finder.found]:
            imports[source] = fill(f"from {source} import {', '.join(used)}")
    standard = [line for source in ("collections.abc", "typing") for line in imports.pop(source, [])]
    return [*apart(standard), *apart([line for lines in imports.values() for line in lines])]


class _Names(cst.CSTVisitor):
    """Collect every name, also those in the annotations of a called TypedDict, which are written as texts."""

    def __init__(self) -> None:
        self.found: set[str] = set()

    def visit_Name(self, node: cst.Name) -> None:
        self.found.add(node.value)

    def visit_Call(self, node: cst.Call) -> None:
        match node:
            case cst.Call(func=cst.Name(value="TypedDict"), args=[_, cst.Arg(value=cst.Dict(elements=elements))]):
                for element in elements:
                    if isinstance(element.value, cst.SimpleString):
                        cst.parse_expression(str(element.value.evaluated_value)).visit(self)


def _aliases(line: cst.ImportFrom) -> dict[str, str]:
    """Give the local name of each imported class: `Address_1` for `Address` when a neighbour has that name too."""
    if isinstance(line.names, cst.ImportStar):
        return {}
    return {
        str(one.name.value): one.asname.name.value
        for one in line.names
        if one.asname is not None and isinstance(one.asname.name, cst.Name)
    }


def _local(tags: Mapping[frozenset[str], str], aliases: Mapping[str, str]) -> dict[frozenset[str], str]:
    """Give the tags under the names of this module, those of the classes' own module included."""
    local = {frozenset(aliases.get(word, word) for word in words): tag for words, tag in tags.items()}
    return {**tags, **local}


def _path(dotted_module: str) -> str:
    return f"{dotted_module.replace('.', '/')}.py"
