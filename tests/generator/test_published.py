"""On the schemas of SchemaStore a payload is accepted, queued and before it is run, if and only if it is valid.

Every schema is generated, imported and tried. Of the generated packages mypy checks every fourth batch, about a hundred
and fifty schemas, because all would take too long; `MEMSHELF_TYPES=all` checks all. Batches are small, so that no test
takes long on a busy machine.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import bson
import pytest

from memshelf.errors import ModelDisagrees, PayloadError
from memshelf.order import order
from memshelf.payload import Payload, wire
from memshelf.reading import read_payload
from memshelf.settings import Settings
from memshelf.unpack import unpack
from memshelf_gen.parse import read_project
from memshelf_gen.pipeline import generate
from memshelf_gen.problem import InvalidInput
from memshelf_gen.settings import ProjectConfig
from tests.generator.projects import importable, make
from tests.generator.published import cases
from tests.generator.suite import Case, SuiteProject, projects
from tests.generator.test_agreement import same

NOT_READ = {
    "cloudify": "leads back to itself without reaching a value",
    **dict.fromkeys(
        (
            *("block", "gitversion", "golangci-lint", "haxelib", "ksp-avc", "ksp-ckan", "lazygit", "markdownlint"),
            *("neoload", "renovate", "taskfile", "theme-v1", "toolinfo.1.1.0", "xunit-2.2", "xunit-2.3"),
            "xunit.runner.schema",
        ),
        "is outside of the schema folder",
    ),
}
"""Schemas that cannot be used, and why: one is defined as itself, the others need a document that SchemaStore has not
(fifteen of them are nothing else than a reference to it)."""
_SIBLINGS = "draft-07 ignores what stands beside a $ref, and the publisher's validator does not"
OTHERWISE = {
    "codecov: negative_test/codecov/missing-default.json": _SIBLINGS,
    "codecov: negative_test/codecov/wrong-patch.json": _SIBLINGS,
    "pre-commit-config: negative_test/pre-commit-config/local-missing-entry.json": _SIBLINGS,
    "webjob-publish-settings: test/webjob-publish-settings/scheduled.json": (
        "formats are asserted, and 2018-12-14T10:00:00 is no date-time: RFC 3339 asks for an offset"
    ),
}
"""Instances that are judged otherwise than SchemaStore says, each with the reason."""
BATCHES = 36
TYPED = range(0, BATCHES, 1 if os.environ.get("MEMSHELF_TYPES") == "all" else 4)
"""The batches whose packages mypy checks."""
WIDE = "[tool.black]\nline-length = 1000\n"
"""Breaking long lines would take a third of the time; other tests look at how code is laid out."""
RUNTIME = Path(__file__).parents[2] / "runtime"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Verdict:
    name: str
    expected: bool
    queued: bool
    """Whether a queue took the payload."""
    read: bool
    """Whether a worker reads what is stored as its model, and this is written as the same payload."""


@pytest.fixture(scope="module")
def published() -> list[Case]:
    return list(cases())


Generated = list[tuple[ProjectConfig, SuiteProject]]


@pytest.fixture(scope="module")
def generated(published: list[Case], tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Generated]:
    """Generate the packages of a batch, once."""
    folder = tmp_path_factory.mktemp("published")

    @cache
    def packages(batch: int) -> Generated:
        made = []
        read = [case for case in published if case.key not in NOT_READ]
        for number, project in enumerate(projects(read[batch::BATCHES])):
            name = f"published_{batch}_{number}"
            config = make(folder / name, project.files, generated=name, jobs=f"{name}_jobs")
            with (config.root / "pyproject.toml").open("a", encoding="utf-8") as file:
                file.write(WIDE)
            generate(config)
            made.append((config, project))
        return made

    return packages


@pytest.mark.parametrize("batch", range(BATCHES))
def test_a_payload_is_taken_and_read_if_and_only_if_it_is_valid(
    generated: Callable[[int], Generated], batch: int
) -> None:
    found = list(verdicts(generated(batch)))
    otherwise = {one.name: one for one in found if (one.queued, one.read) != (one.expected, one.expected)}
    tried = {one.name for one in found}
    assert [str(one) for name, one in otherwise.items() if name not in OTHERWISE] == []
    assert [name for name in OTHERWISE if name in tried and name not in otherwise] == []
    assert [name for name, one in otherwise.items() if one.queued != one.read] == []


@pytest.mark.parametrize("batch", TYPED)
def test_the_generated_packages_pass_mypy(
    generated: Callable[[int], Generated], batch: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    roots = [config.root for config, _ in generated(batch)]
    cached = tmp_path_factory.getbasetemp() / "mypy_cache"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--strict", "--explicit-package-bases", f"--cache-dir={cached}"),
            *(str(config.generated_folder) for config, _ in generated(batch)),
        ],
        cwd=roots[0],
        env={**os.environ, "MYPYPATH": os.pathsep.join(map(str, [RUNTIME, *roots]))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr


def test_the_schemas_that_cannot_be_read_are_refused_with_the_reason(published: list[Case], tmp_path: Path) -> None:
    unread = [case for case in published if case.key in NOT_READ]
    assert len(unread) == len(NOT_READ)
    for case in unread:
        with pytest.raises(InvalidInput, match=NOT_READ[case.key]):
            read_project(make(tmp_path / case.key, case.files))


def test_hundreds_of_schemas_have_instances_of_their_own(published: list[Case]) -> None:
    tried = [case for case in published if case.key not in NOT_READ]
    counts = (len(tried), sum(bool(case.tests) for case in tried), sum(len(case.tests) for case in tried))
    assert counts == (587, 430, 1800)


def verdicts(packages: Generated) -> Iterator[Verdict]:
    for config, project in packages:
        with importable(config) as package:
            for case in project.cases:
                yield from judged(case, package.JobQueue.catalog[case.key])


def judged(case: Case, job: Any) -> Iterator[Verdict]:
    job.payload().model_rebuild()
    for name, payload, valid in case.tests:
        try:
            stored = order(job, payload, {}, NOW, Settings())
        except PayloadError:
            queued, read = False, job.schema.judge.is_valid(payload)
        else:
            queued, read = True, reads(job, unpack(bson.encode({"data": stored["data"]}))["data"], payload)
        yield Verdict(f"{case.key}: {name}", valid, queued, read)


def reads(job: Any, data: Any, payload: Any) -> bool:
    try:
        model = read_payload(job, data)
    except ModelDisagrees:
        return False
    return isinstance(model, Payload) and same(wire(model), payload)
