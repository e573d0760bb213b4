"""Find the generated names in a handler's file that are not there any more; nothing is imported, nothing changed.

A handler leans on two generated names: the generated package, and its job's payload class. When one of them changes,
because the package moved or the schema got another name, the file names something that is no longer there. What it
means can still be read: its `handle` annotates its first parameter with `Job[…]`, and that name is the payload's.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from memshelf_gen.handlerfile import HandlerFile, absolute, handle_of

_TYPE_COMMENT = re.compile(r"#\s*type:\s*(?!ignore\b)(.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
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
    home: str
    """The dotted package that the handler's module stands in, for relative imports."""
    is_former: Callable[[str], bool]
    """Tells whether a dotted package was the generated one before."""
    may_be_former: Callable[[str], bool]
    """Tells whether a package may have been, so that a payload's name in it settles the matter."""
    former: str | None = None
    """The payload class before the schema got another name, where that is known."""

    def means_payload(self, package: str, original: str) -> bool:
        """Tell whether a name of a package is, or was, the generated payload."""
        if package == self.package or self.is_former(package):
            return True
        return original in (self.payload, self.former) and self.may_be_former(package)


@dataclass(frozen=True, slots=True)
class Outdated:
    """Which generated names of a file are old."""

    package: str
    """The generated package that the file speaks of."""
    original: str
    """The payload class that it speaks of."""
    renames: Mapping[str, str]
    """The name now of each old name; empty when only the package moved."""
    kept: frozenset[str]
    """Old names that are used in places which are not ours to change: they stay, as the names of the new imports."""


def find_outdated(file: HandlerFile, expected: Expected) -> Outdated | None:
    """Tell which generated names of a file are old; None when there is nothing to do."""
    spoken = next(_spoken(file, expected), None)
    if spoken is None:
        return None
    package, original = spoken
    moved = package != expected.package
    renamed = original != expected.payload and (moved or original not in expected.exported)
    if not moved and not renamed:
        return None
    old, new = original.removesuffix("Payload"), expected.payload.removesuffix("Payload")
    pairs = {original: expected.payload, **{f"{old}{kind}": f"{new}{kind}" for kind in ("PayloadDict", "Handler")}}
    renames = {word: pairs[word] for word in pairs if renamed and (moved or word not in expected.exported)}
    return Outdated(package, original, renames, _used_elsewhere(file) if renames else frozenset())


def is_below(path: str, package: str) -> bool:
    """Tell whether a dotted path is a package or something in it."""
    return f"{path}.".startswith(f"{package}.")


def _package_of(path: str, expected: Expected) -> str:
    """Give the generated package of one of its modules: `generated` for `generated.models.email`."""
    if is_below(path, expected.package):
        return expected.package
    return re.split(r"\.(?:models|dicts|handlers)(?:\.|$)", path)[0]


def _spoken(file: HandlerFile, expected: Expected) -> Iterator[tuple[str, str]]:
    """Give the generated package and the payload class that a file speaks of, the likeliest first."""
    imports = [node for node in ast.walk(file.tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    imported = {
        alias.asname or alias.name: (_package_of(absolute(node, expected.home), expected), alias.name)
        for node in imports
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    modules = dict(_modules(imports, expected))
    for word in _payload_words(file):
        path, _, name = word.rpartition(".")
        found = (_package_of(modules[path], expected), name) if path in modules else imported.get(word)
        if found is None and "*" in imported:
            home = imported["*"][0]
            found = (home, word) if home == expected.package or expected.is_former(home) else None
        if found and expected.means_payload(*found):
            yield found
    if expected.former is not None:
        yield from (found for found in imported.values() if found == (expected.package, expected.former))


def _modules(imports: Iterable[ast.stmt], expected: Expected) -> Iterator[tuple[str, str]]:
    """Give the local name of each module that is imported whole, with its absolute path."""
    for node in imports:
        match node:
            case ast.Import(names=names):
                yield from ((each.asname or each.name, each.name) for each in names)
            case ast.ImportFrom(names=names):
                home = absolute(node, expected.home)
                yield from ((each.asname or each.name, f"{home}.{each.name}") for each in names)


def _payload_words(file: HandlerFile) -> Iterator[str]:
    """Read `EmailPayload` off `def handle(job: Job[EmailPayload], …)`, then off any other `Job[…]` of the file."""
    handle = handle_of(file.tree)
    first = [argument.annotation for argument in _arguments(handle)[:1]] if handle else []
    others = (node.annotation for node in ast.walk(file.tree) if isinstance(node, ast.arg))
    for annotation in chain(first, others):
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            found = re.search(r"\bJob\[\s*([\w.]+)\s*\]", annotation.value)
            yield from [found[1]] if found else []
        elif isinstance(annotation, ast.Subscript) and isinstance(annotation.slice, ast.Name | ast.Attribute):
            yield ast.unparse(annotation.slice)
    for comment in _type_comments(file):
        yield from re.findall(r"\bJob\[\s*([\w.]+)\s*\]", comment)


def _arguments(handle: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.arg]:
    return [*handle.args.posonlyargs, *handle.args.args]


def _type_comments(file: HandlerFile) -> list[str]:
    return _TYPE_COMMENT.findall(file.source.decode("latin-1"))


def _used_elsewhere(file: HandlerFile) -> frozenset[str]:
    """Give the names used outside of annotations that are ours to change: in bodies, defaults, type comments."""
    words = {word for comment in _type_comments(file) for word in re.findall(r"\w+", comment)}
    return frozenset({*words, *_uses(file.tree, in_body=False)})


def _uses(node: ast.AST, *, in_body: bool) -> Iterator[str]:
    match node:
        case ast.Name(id=name):
            yield name
        case ast.Assign(targets=[ast.Name(id="__all__")], value=value):
            yield from (str(each.value) for each in ast.walk(value) if isinstance(each, ast.Constant))
        case ast.FunctionDef(body=body) | ast.AsyncFunctionDef(body=body):
            outside: list[ast.AST] = [
                *node.decorator_list,
                node.args,
                *([node.returns] if in_body and node.returns else []),
            ]
            yield from (name for each in outside for name in _uses(each, in_body=in_body))
            yield from (name for each in body for name in _uses(each, in_body=True))
        case ast.arg() if not in_body:
            return
        case ast.AnnAssign(target=target, value=value) if not in_body:
            yield from (name for each in (target, value) if each for name in _uses(each, in_body=in_body))
        case _:
            yield from (name for each in ast.iter_child_nodes(node) for name in _uses(each, in_body=in_body))
