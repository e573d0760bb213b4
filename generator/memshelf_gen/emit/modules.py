"""Arrange the classes of payloads in modules: which stands where, in which order, and what imports it by which name.

A schema file's classes have a module of their own. Files whose classes need each other in a circle could not import
each other: their classes stand together in `_internal`, and the modules of the files import them from there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter
from itertools import takewhile

from memshelf_gen.circles import circles
from memshelf_gen.emit.annotations import Union, words
from memshelf_gen.emit.distinct import Wish, distinct
from memshelf_gen.emit.fields import class_name
from memshelf_gen.emit.shape import ClassShape, RelaxedFile


@dataclass(frozen=True, slots=True)
class Import:
    """What one module imports from another."""

    home: str
    """The other, as seen from here: `..common.money`."""
    names: Mapping[str, str]
    """The name of each class there, and the one that it has here."""


@dataclass(frozen=True, slots=True)
class ModuleShape:
    """One module of payloads."""

    path: str
    """Below `models` and `dicts`: `billing/invoice.py`."""
    source: str
    """The schema file that it is made from; empty when there are several."""
    imports: tuple[Import, ...]
    names: Mapping[str, str]
    """The name that each class has here, by its key."""
    classes: tuple[ClassShape, ...] = ()
    """In the order in which they are defined: one that another needs comes first, if that can be."""
    late: tuple[str, ...] = ()
    """The names of those that need a class which is not defined before them."""
    exported: tuple[str, ...] = ()
    """What is imported to be found here."""


@dataclass(frozen=True, slots=True)
class _Classes:
    """Every class of the project, by its key."""

    shapes: Mapping[str, ClassShape]
    homes: Mapping[str, str]
    """The module of each."""
    needs: Mapping[str, Collection[str]]
    """The classes that each needs."""
    order: Mapping[str, int]


def arrange(files: Iterable[RelaxedFile], types: Mapping[str, Mapping[str, Union]]) -> list[ModuleShape]:
    """Give every module; `types` has the types of each class's fields, by the class's key."""
    files = [*files]
    needs = {
        key: [*dict.fromkeys(word for union in fields.values() for word in words(union) if word in types)]
        for key, fields in types.items()
    }
    shared = _shared(files, needs)
    homes = {shape.key: shared.get(file.module, file.module) for file in files for shape in file.classes}
    shapes = {shape.key: shape for file in files for shape in file.classes} | _together(files, shared)
    classes = _Classes(shapes, homes, needs, _order({key: needs[key] for key in shapes}))
    made = [_module(file.module, file.source, file.classes, classes) for file in files if file.module not in shared]
    for home in sorted({*shared.values()}):
        own = [shapes[shape.key] for file in files if shared.get(file.module) == home for shape in file.classes]
        made.append(_module(home, "", own, classes))
    return [*made, *(_forwarding(file, shared[file.module], shapes) for file in files if file.module in shared)]


def _module(module: str, source: str, own: Sequence[ClassShape], classes: _Classes) -> ModuleShape:
    ordered = sorted(own, key=lambda shape: classes.order[shape.key])
    names = {shape.key: shape.name for shape in own}
    foreign = {need for shape in own for need in classes.needs[shape.key]} - names.keys()
    imports: dict[str, dict[str, str]] = {}
    for key in sorted(foreign, key=lambda key: (classes.homes[key], classes.shapes[key].name)):
        there = classes.shapes[key].name
        names[key] = _free(there, names.values())
        imports.setdefault(_seen_from(module, classes.homes[key]), {})[there] = names[key]
    return ModuleShape(
        path=_path(module),
        source=source,
        imports=tuple(Import(home, found) for home, found in imports.items()),
        names=names,
        classes=tuple(ordered),
        late=tuple(_late(ordered, classes.needs)),
    )


def _together(files: Iterable[RelaxedFile], shared: Mapping[str, str]) -> dict[str, ClassShape]:
    """Give the classes of those files that have a common module, with names that are all different in it."""
    wishes: dict[str, dict[str, Wish]] = {}
    for file in files:
        if home := shared.get(file.module):
            for shape in file.classes:
                apart = f"{shape.name}Of{class_name(file.module)}"
                wishes.setdefault(home, {})[shape.key] = Wish(
                    shape.name, apart, (file.module,), f"{file.source}/{shape.name}"
                )
    names = {key: name for own in wishes.values() for key, name in distinct(own).items()}
    shapes = {shape.key: shape for file in files for shape in file.classes}
    return {key: replace(shapes[key], name=name) for key, name in names.items()}


def _forwarding(file: RelaxedFile, home: str, shapes: Mapping[str, ClassShape]) -> ModuleShape:
    """Give the module of a file whose classes stand with others, where some may have another name."""
    exported = {shapes[shape.key].name: shape.name for shape in sorted(file.classes, key=lambda shape: shape.name)}
    imports = (Import(_seen_from(file.module, home), exported),)
    return ModuleShape(_path(file.module), file.source, imports, {}, exported=tuple(exported.values()))


def _shared(files: Iterable[RelaxedFile], needs: Mapping[str, Collection[str]]) -> dict[str, str]:
    """Give the common module of those files whose classes need each other in a circle, by the files' modules."""
    owners = {shape.key: file.module for file in files for shape in file.classes}
    near = {file.module: {owners[need] for shape in file.classes for need in needs[shape.key]} for file in files}
    shared: dict[str, str] = {}
    for circle in sorted(sorted(each) for each in circles(near) if len(each) > 1):
        folder = _common(*(module.split(".")[:-1] for module in circle))
        home = _free(".".join([*folder, "_internal"]), shared.values())
        shared |= dict.fromkeys(circle, home)
    return shared


def _order(needs: Mapping[str, Collection[str]]) -> dict[str, int]:
    """Give each class its number: those that need none come first, and every other behind those that it needs.

    In a circle the one that was met first does not wait for the others.
    """
    met = {key: number for number, key in enumerate(needs)}
    circle = {key: number for number, each in enumerate(circles(needs)) for key in each}
    before = {
        key: [need for need in own if need not in circle or circle[need] != circle.get(key) or met[need] < met[key]]
        for key, own in needs.items()
    }
    heights: dict[str, int] = {}
    for key in TopologicalSorter(before).static_order():
        heights[key] = max((heights[need] + 1 for need in before[key]), default=0)
    return {key: number for number, key in enumerate(sorted(needs, key=lambda key: (heights[key], met[key])))}


def _late(ordered: Iterable[ClassShape], needs: Mapping[str, Collection[str]]) -> Iterator[str]:
    """Give the classes that need a class which is not defined before them, perhaps themselves."""
    waiting = {shape.key for shape in ordered}
    for shape in ordered:
        if any(need in waiting for need in needs[shape.key]):
            yield shape.name
        waiting.discard(shape.key)


def _seen_from(module: str, other: str) -> str:
    """Give the path for a relative import: `..common.money` for `common.money` in `billing.invoice`."""
    folder, target = module.split(".")[:-1], other.split(".")
    common = len(_common(folder, target[:-1]))
    return "." * (len(folder) - common + 1) + ".".join(target[common:])


def _common(*folders: list[str]) -> list[str]:
    return [names[0] for names in takewhile(lambda names: len({*names}) == 1, zip(*folders, strict=False))]


def _free(wish: str, taken: Collection[str]) -> str:
    number, free = 1, wish
    while free in taken:
        free, number = f"{wish}_{number}", number + 1
    return free


def _path(module: str) -> str:
    return f"{module.replace('.', '/')}.py"
