"""Every module stands on a numbered floor and imports only from the floors below it.

The floors are listed here and nowhere else. A new module is put on the list by hand, on the lowest floor on which it
can stand or on a higher one; the failing test names the lowest. A module whose names are imported late has a stub,
and imports what its stub imports.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

FLOORS = {
    "memshelf": (
        "children children.frames arrivals background call cli.child cli.filewatch cli.properties cli.stopping "
        "clocks context crontext errors flows foreign formats garbled indexes lazy lowwater measuring "
        "measuring.commands measuring.findings measuring.proxy memory paths pulse reasons states threads "
        "unpack update watchdog categories",
        "cli.consent cli.exits cli.literals drive durations ecma envelope faults isolation logs mongod payload "
        "plain retry zones project",
        "cli.devloop cli.editing cli.figures cli.output cli.progress cli.supervisor devserver flows.prepare "
        "judge_python judge_rs outcome rhythm testing.clock variables when",
        "judge options settings sources",
        "cli.jobids jobtype document flows.claim flows.enqueue mongo",
        "cli.opening retention flows.look flows.narrow measuring.distance measuring.place job settle wake",
        "children.parcel due events executor flows.record flows.survey measuring.sample order registry testing.fakes",
        "children.child flows.replay flows.purge selection timetable",
        "children.pool claimer cli.choice flows.aside flows.rescue flows.schedules flows.shelf flows.ticks "
        "lookout reading recorder running tell",
        "attempt interrupter measuring.plan cli.changes cli.keep cli.purge flows.deploy handle health "
        "heartbeat replaying rescuer schedules sweeper",
        "children.runner children.work cli.replay cli.tables parts scheduler testing.bench",
        "scheduling",
        "children.boot runners cli.application cli.benchview queues",
        "crew cli.config cli.db cli.health cli.jobview cli.queueing measuring.queueing testing.recording",
        "worker cli.jobs cli.queue cli.schedules testing.inline",
        ". cli.worker measuring.draining measuring.latency testing.draining",
        "cli.dev measuring.run testing",
        "cli.bench pytest_plugin",
        "cli.root",
        "cli",
        "__main__",
    ),
    "memshelf_gen": (
        ". cache circles cli.lean commit crontext emit emit.code emit.header emit.readings finding fingerprint "
        "matching problem release sizes spec exports exports.published exports.entries handlerfile pointers spans "
        "emit.leaves effort emit.width emit.distinct turns",
        "breakingrules document emit.annotations emit.jobnames emit.kinds emit.places emit.schemas emit.shape "
        "gather jobchanges keywordgroups lint.regex manifest naming outputs rendered results settings exports.markdown "
        "exports.words append outdated editing emit.lines emit.templates",
        "disk published emit.admitted emit.catalog emit.defaults emit.fields emit.handlers emit.package "
        "emit.parts emit.queues emit.registry emit.stub emit.tags emit.variants jobkeys keywords nodes report "
        "exports.fields exports.webpage extending extensions adjust moving renames emit.parentheses edits "
        "emit.asked pieces",
        "judging older ways exports.catalogue emitters emit.breaks emit.modules lint.slips schedulekeys",
        "canonical dialects emit.layout scheduled",
        "clashes cli.options drift emit.classes emit.style emit.classnames facts jsontext modern references unknown "
        "values whole yaml11 yamltext",
        "emit.relax excuses exports.contracts exports.folder links load metaschema pairing scaffold scalars scopes "
        "emit.finish",
        "bundle check gap instances located past spots retouch",
        "asking parse proof witness",
        "emit.models lint.subject",
        "render lint.rule lint.together",
        "exports.steps inside making outside lint lint.jobs lint.keywording lint.kinds lint.levels lint.names "
        "lint.numbers lint.objects lint.patterns lint.sense lint.stopping lint.suppressions lint.texts lint.traps "
        "lint.values lint.words",
        "cli.export gaps pipeline lint.inspection lint.rules",
        "change lint.answer lint.fixing lint.plugins starter watch",
        "breaking cli.watch lint.commands",
        "cli.breaking cli.lint",
        "cli",
        "__main__",
    ),
}
"""The floors of each package from the ground up, each a list of modules; `.` is the package itself."""


def names_on(floor: str) -> list[str]:
    return ["" if name == "." else name for name in floor.split()]


LONGEST = 300
"""Lines of a file."""

VAGUE = {"base", "common", "core", "helper", "helpers", "lib", "misc", "shared", "tools", "util", "utils"}

HOMES = {"datamodel_code_generator": 1, "yaml": 1}
"""Foreign packages with one home, and in how many modules of the two packages they may be imported."""


@dataclass(frozen=True)
class Module:
    """One file of the two packages, read and not imported."""

    name: str
    path: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def imports(self) -> frozenset[str]:
        """Everything that an import names, wherever it stands: `a.b` for `import a.b` and `from a import b`."""
        return frozenset(
            name for tree in (self.tree, self.stub) for node in ast.walk(tree) for name in self.named_by(node)
        )

    @cached_property
    def stub(self) -> ast.Module:
        """What type checkers read in place of the module, if that is another file."""
        stub = self.path.with_suffix(".pyi")
        return ast.parse(stub.read_text(encoding="utf-8") if stub.exists() else "")

    def named_by(self, node: ast.AST) -> Iterator[str]:
        match node:
            case ast.Import(names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module, names, level):
                home = self.resolve(module, level or 0)
                yield from (f"{home}.{alias.name}" for alias in names)
            case ast.Call(
                func=ast.Name("import_module" | "__import__") | ast.Attribute(attr="import_module"),
                args=[ast.Constant(str(named)), *_],
            ):
                yield named

    def resolve(self, module: str | None, level: int) -> str:
        if level == 0:
            return module or ""
        package = self.name.split(".")
        if self.path.name != "__init__.py":
            package.pop()
        kept = package[: len(package) - (level - 1)]
        return ".".join([*kept, *([module] if module else [])])


def read_modules() -> dict[str, Module]:
    found = {}
    for folder in ("runtime", "generator"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT / folder).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = Module(name, path)
    return found


MODULES = read_modules()
STANDS = {
    f"{package}.{name}".rstrip("."): number
    for package in FLOORS
    for number, floor in enumerate(FLOORS[package])
    for name in names_on(floor)
}


def inner(module: Module) -> set[str]:
    """Give the modules of ours that a module imports; `from a import b` means the module `a.b`, if there is one."""
    found = set()
    for named in module.imports:
        while named and named not in MODULES:
            named = named.rpartition(".")[0]
        if named:
            found.add(named)
    return found - {module.name}


def lowest_floors() -> dict[str, int]:
    """Give the lowest floor on which each module can stand; a cycle of imports raises CycleError."""
    below = {name: inner(module) for name, module in MODULES.items()}
    floors: dict[str, int] = {}
    for name in TopologicalSorter(below).static_order():
        floors[name] = max((floors[other] + 1 for other in below[name]), default=0)
    return floors


def test_every_module_stands_on_one_floor() -> None:
    listed = [
        f"{package}.{name}".rstrip(".") for package in FLOORS for floor in FLOORS[package] for name in names_on(floor)
    ]
    assert [name for name in listed if listed.count(name) > 1] == []
    lowest = lowest_floors()
    missing = [f"put {name} on floor {lowest[name]} or higher" for name in MODULES if name not in STANDS]
    gone = [f"take {name} off the list, it has no file" for name in STANDS if name not in MODULES]
    assert not missing + gone, "\n".join(missing + gone)


def test_imports_point_down() -> None:
    assert [
        f"{name} (floor {STANDS[name]}) imports {other} (floor {STANDS[other]})"
        for name, module in MODULES.items()
        for other in sorted(inner(module))
        if name in STANDS and other in STANDS and STANDS[other] >= STANDS[name]
    ] == []


def test_imports_make_no_cycle() -> None:
    try:
        lowest_floors()
    except CycleError as error:
        pytest.fail(" is imported by ".join(error.args[1]))


def test_the_two_packages_and_the_application_do_not_know_each_other() -> None:
    strangers = {"memshelf": {"memshelf_gen", "generated", "jobs"}, "memshelf_gen": {"memshelf", "generated", "jobs"}}
    assert [
        f"{name} imports {named}"
        for name, module in MODULES.items()
        for named in sorted(module.imports)
        if named.split(".")[0] in strangers[name.split(".")[0]]
    ] == []


@pytest.mark.parametrize("foreign", HOMES)
def test_a_foreign_package_has_one_home(foreign: str) -> None:
    homes = [name for name, module in MODULES.items() if foreign in {named.split(".")[0] for named in module.imports}]
    assert len(homes) <= HOMES[foreign], homes


@pytest.mark.parametrize("name", MODULES)
def test_a_file_is_one_sentence(name: str) -> None:
    module = MODULES[name]
    if not module.text.strip() and module.path.name == "__init__.py":
        return
    sentence = (ast.get_docstring(module.tree) or "").partition("\n\n")[0]
    assert sentence.endswith("."), f"{module.path.relative_to(ROOT)}: its docstring begins with one whole sentence"
    assert len(module.text.splitlines()) <= LONGEST, f"{module.path.relative_to(ROOT)}: split it by verb"
    assert module.path.stem not in VAGUE, f"{module.path.relative_to(ROOT)}: a name that says nothing"


@pytest.mark.parametrize("name", MODULES)
def test_nothing_is_imported_for_types_only(name: str) -> None:
    names = {node.id for node in ast.walk(MODULES[name].tree) if isinstance(node, ast.Name)}
    attributes = {node.attr for node in ast.walk(MODULES[name].tree) if isinstance(node, ast.Attribute)}
    assert "TYPE_CHECKING" not in names | attributes | {named.rpartition(".")[2] for named in MODULES[name].imports}
