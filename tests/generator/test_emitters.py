"""Emitters of other distributions: their files are generated files like any other, and their faults name them."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from memshelf_gen import extending
from memshelf_gen.emitters import GROUP
from memshelf_gen.manifest import MANIFEST
from tests.generator.plugins import install
from tests.generator.projects import EMAIL, job, tree, write
from tests.generator.test_cli import answer, run

EMIT = """
def emit(project, config):
    lines = [f"{job.names.wire} {job.digest}" for job in project.jobs]
    return {"jobs.txt": "\\n".join(lines) + "\\n", "deep/schemas.txt": config.schemas + "\\n"}
"""


class Site:
    """A folder of installed distributions that this process imports from."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, body: str, *, name: str = "listing", version: str = "1.2.0", dist: str = "acme-listing") -> None:
        """Install a distribution with one emitter, over what was installed before."""
        module = dist.replace("-", "_")
        for old in self.folder.glob(f"{module}-*.dist-info/*"):
            old.unlink()
        sys.modules.pop(module, None)
        install(
            self.folder,
            dist,
            version,
            points={GROUP: {name: f"{module}:emit"}},
            modules={f"{module}.py": body.lstrip()},
        )
        for empty in [old for old in self.folder.glob(f"{module}-*.dist-info") if not list(old.iterdir())]:
            empty.rmdir()
        importlib.invalidate_caches()


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield Site(folder)
    for name in [name for name in sys.modules if name.startswith("acme_")]:
        del sys.modules[name]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    write(folder / "schemas/email.json", EMAIL)
    configure(folder, "listing")
    return folder


def configure(folder: Path, *emitters: str) -> None:
    write(folder / "pyproject.toml", f"[tool.memshelf]\nemitters = {json.dumps(emitters)}\n")


def test_an_emitters_files_go_into_a_folder_of_their_own(site: Site, project: Path) -> None:
    site.put(EMIT)
    done = answer(run(project, "--json"))
    assert {"generated/listing/jobs.txt", "generated/listing/deep/schemas.txt"} <= set(done["created"])
    manifest = json.loads((project / "generated" / MANIFEST).read_text(encoding="utf-8"))
    assert manifest["emitters"] == {"listing": "acme-listing 1.2.0"}
    assert {"listing/jobs.txt", "listing/deep/schemas.txt"} <= manifest["files"].keys()
    assert (project / "generated/listing/jobs.txt").read_text().startswith("send-email sha256:")
    assert (project / "generated/listing/deep/schemas.txt").read_text() == "schemas\n"
    assert run(project, "check").exit_code == 0


def test_an_emitters_files_are_checked_for_drift(site: Site, project: Path) -> None:
    site.put(EMIT)
    run(project)
    write(project / "generated/listing/jobs.txt", "edited\n")
    (project / "generated/listing/deep/schemas.txt").unlink()
    drifted = run(project, "check")
    assert drifted.exit_code == 1
    assert "generated/listing/jobs.txt" in drifted.output
    assert "generated/listing/deep/schemas.txt" in drifted.output
    run(project)
    assert run(project, "check").exit_code == 0


def test_an_emitters_files_go_with_it(site: Site, project: Path) -> None:
    site.put(EMIT)
    run(project)
    configure(project)
    assert run(project, "check").exit_code == 1
    assert answer(run(project, "--json"))["removed"] == [
        "generated/listing/deep/schemas.txt",
        "generated/listing/jobs.txt",
    ]
    assert not (project / "generated/listing").exists()
    assert "emitters" not in json.loads((project / "generated" / MANIFEST).read_text(encoding="utf-8"))


def test_another_version_of_an_emitter_is_drift_even_if_its_files_are_the_same(site: Site, project: Path) -> None:
    site.put(EMIT)
    run(project)
    site.put(EMIT, version="1.3.0")
    assert run(project, "check").exit_code == 1
    run(project)
    manifest = json.loads((project / "generated" / MANIFEST).read_text(encoding="utf-8"))
    assert manifest["emitters"] == {"listing": "acme-listing 1.3.0"}


def test_only_emitters_that_the_configuration_names_run(site: Site, project: Path) -> None:
    site.put("raise RuntimeError('imported')", name="other", dist="acme-other")
    site.put(EMIT)
    assert run(project).exit_code == 0
    assert not (project / "generated/other").exists()


def test_several_emitters_write_beside_each_other(site: Site, project: Path) -> None:
    site.put(EMIT)
    site.put(EMIT, name="again", dist="acme-again", version="0.1")
    configure(project, "listing", "again")
    run(project)
    both = [(project / "generated" / name / "jobs.txt").read_text() for name in ("listing", "again")]
    assert both[0] == both[1]


def test_an_emitter_refuses_a_schema_by_its_place(site: Site, project: Path) -> None:
    body = """
from memshelf_gen.extending import InvalidInput, Problem

def emit(project, config):
    raise InvalidInput(
        Problem(f"{config.schemas}/{job.source}", 0, 0, "description", "say who owns this job") for job in project.jobs
    )
"""
    site.put(body)
    ended = run(project)
    assert (ended.exit_code, ended.stderr) == (2, "schemas/email.json: description: say who owns this job\n")


FAULTS = {
    "raises": (
        "def emit(project, config):\n    raise ValueError('no colour')",
        "failed: ValueError: no colour (",
    ),
    "exits": ("def emit(project, config):\n    raise SystemExit(0)", "failed: SystemExit: 0 ("),
    "cannot be imported": ("import nothing_of_this_name", "cannot be imported from acme_listing:emit: ModuleNotFound"),
    "exits when imported": ("raise SystemExit(0)", "cannot be imported from acme_listing:emit: SystemExit"),
    "lacks its function": ("other = 1", "cannot be imported from acme_listing:emit: AttributeError"),
    "is no function": ("emit = 1", "is no function: acme_listing:emit is 1"),
    "takes other arguments": ("def emit(): return {}", "failed: TypeError: "),
    "gives a list": ("def emit(project, config): return []", "must give a mapping of paths to texts, gave list"),
    "gives bytes": (
        "def emit(project, config): return {'a': b''}",
        "'a': path and text must be texts, got str and bytes",
    ),
    "gives a number": ("def emit(project, config): return {1: ''}", "1: path and text must be texts, got int and str"),
    **{
        f"gives {path!r}": (f"def emit(project, config): return {{{path!r}: ''}}", f"cannot be written, {path!r}: ")
        for path in (
            "",
            "/a",
            "../a",
            "a/../b",
            "a//b",
            "a/",
            ".",
            "a\\b",
            "C:a",
            ".hidden",
            "a/.git/b",
            "a.pyc",
            "a\nb",
        )
    },
    "gives a cache": ("def emit(project, config): return {'__pycache__/a': ''}", "'__pycache__/a': names that begin"),
    "gives half a character": ("def emit(project, config): return {'a': '\\ud800'}", "'a': it holds characters"),
    "gives a path twice": ("def emit(project, config): return {'a': '', 'A': ''}", "'A': it differs from 'a' in upper"),
    "gives a file and a folder": (
        "def emit(project, config): return {'a/b': '', 'a': ''}",
        "'a': 'a/b' is a file, or a folder, of the same name",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_emitter_is_named_and_nothing_is_written(site: Site, project: Path, fault: str) -> None:
    body, said = FAULTS[fault]
    site.put(body)
    before = tree(project)
    for command in ([], ["check"]):
        ended = run(project, *command)
        assert ended.exit_code == 2
        assert ended.stderr.startswith("pyproject.toml: tool.memshelf.emitters: listing of acme-listing 1.2.0 ")
        assert said in ended.stderr
    assert tree(project) == before


def test_an_emitter_that_is_not_installed_is_named_with_those_that_are(site: Site, project: Path) -> None:
    site.put(EMIT)
    configure(project, "lsiting", "other")
    ended = run(project)
    assert ended.exit_code == 2
    assert (
        "'lsiting' is not installed: no distribution has it as an entry point of memshelf_gen.emitters" in ended.stderr
    )
    assert "did you mean 'listing'?" in ended.stderr
    assert "'other' is not installed" in ended.stderr
    assert sorted(path.name for path in project.iterdir()) == ["pyproject.toml", "schemas"]


def test_an_emitter_of_two_distributions_is_refused(site: Site, project: Path) -> None:
    site.put(EMIT)
    site.put(EMIT, dist="acme-other")
    ended = run(project)
    assert ended.exit_code == 2
    assert "'listing' is in more than one distribution: acme-listing 1.2.0, acme-other 1.2.0" in ended.stderr


@pytest.mark.parametrize("name", ["models", "dicts", "schemas", "catalog", "queues", "handlers", "registry"])
def test_an_emitter_cannot_take_a_name_of_the_generated_package(site: Site, project: Path, name: str) -> None:
    site.put(EMIT, name=name)
    configure(project, name)
    ended = run(project)
    assert ended.exit_code == 2
    assert f"{name} of acme-listing 1.2.0 has the name of a part of the generated package" in ended.stderr
    assert not (project / "generated").exists()


@pytest.mark.parametrize("value", ['"listing"', "[1]", '["Listing"]', '["a-b"]', '["class"]', '["a", "a"]', '["../a"]'])
def test_names_of_emitters_are_checked(project: Path, value: str) -> None:
    write(project / "pyproject.toml", f"[tool.memshelf]\nemitters = {value}\n")
    ended = run(project)
    assert ended.exit_code == 2
    assert ended.stderr.startswith("pyproject.toml:2:1: tool.memshelf.emitters: must be a list of different names")


def test_commands_that_do_not_generate_need_no_emitter(project: Path) -> None:
    configure(project, "not_here")
    assert run(project, "list").exit_code == 0
    assert run(project, "export", "schemas", "--out", "out").exit_code == 0


def test_an_emitter_sees_the_project_as_it_is_published(site: Site, project: Path) -> None:
    body = """
import memshelf_gen.extending as given

def emit(project, config):
    assert isinstance(project, given.ProjectSpec) and isinstance(config, given.ProjectConfig)
    [one, other] = project.jobs
    assert isinstance(one, given.JobSpec) and isinstance(one.names, given.Names)
    assert isinstance(one.retries, given.RetrySpec)
    return {"seen.txt": f"{one.names.wire} {other.names.wire} {one.schema['properties']['to']['format']}"}
"""
    site.put(body)
    write(project / "schemas/later.json", job({}))
    assert run(project).exit_code == 0
    assert (project / "generated/listing/seen.txt").read_text() == "send-email later email"
    assert {"Emit", "InvalidInput", "JobSpec", "Problem", "ProjectConfig", "ProjectSpec"} <= set(extending.__all__)
