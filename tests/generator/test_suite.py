"""On JSON-Schema-Test-Suite a payload is accepted, queued and before it is run, if and only if it is valid."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import black
import bson
import pytest

from memshelf.errors import MemshelfError, ModelDisagrees, PayloadError
from memshelf.judge import Judge, python_compiler
from memshelf.order import order
from memshelf.payload import Payload
from memshelf.reading import read_payload
from memshelf.settings import Settings
from memshelf.unpack import unpack
from memshelf_gen import proof as proving
from memshelf_gen.canonical import Answer
from memshelf_gen.pipeline import generate
from memshelf_gen.proof import Proof
from memshelf_gen.settings import ProjectConfig
from tests.corpora import SUITE, read
from tests.generator.exceptions import EXCEPTIONS, Named
from tests.generator.projects import Json, importable, make
from tests.generator.suite import DIALECTS, Case, SuiteProject, cases, projects

FALLBACK_DIFFERS = {
    "optional/bignum.json": 6,
    "optional/ecmascript-regex.json": 23,
    "optional/format/date-time.json": 2,
    "optional/format/ecmascript-regex.json": 1,
    "optional/format/email.json": 5,
    "optional/format/time.json": 6,
}
"""The most verdicts of one draft that jsonschema gives otherwise than jsonschema-rs, with reasons: integers that the
domain refuses before any judge, patterns that Python has not (nearly all of them told as such), and grammars of formats
that are checked less strictly."""
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Verdict:
    case: Case
    about: str
    payload: Any
    expected: bool
    queued: bool
    """Whether a queue took the payload."""
    read: bool
    """Whether a worker reads what is stored as its model."""
    fallback: bool | None
    """Whether jsonschema accepts it; None where it says that it cannot tell."""

    @property
    def name(self) -> Named:
        return self.case.file, self.case.title, self.about

    def __str__(self) -> str:
        return f"{self.case.file}: {self.case.title}: {self.about} ({self.case.key}): {self.payload!r}"


@dataclass(frozen=True)
class Suite:
    projects: list[tuple[ProjectConfig, SuiteProject]]
    answers: Counter[Answer]
    """How often the canonical forms said what of a job's classes."""


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Suite:
    """Generate every project of the suite, once."""
    every = [case for draft in DIALECTS for case in cases(draft)]
    made = Suite([], Counter())
    prove = proving.proof

    def noted(schema: Json, admitted: Json) -> Proof:
        found = prove(schema, admitted)
        made.answers[found.answer] += 1
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(proving, "proof", noted)
        for number, project in enumerate(projects(every)):
            folder = tmp_path_factory.mktemp(f"suite{number}")
            config = make(folder, project.files, generated=f"suite{number}", jobs=f"suite{number}_jobs")
            generate(config)
            made.projects.append((config, project))
    return made


@pytest.fixture(scope="module")
def verdicts(suite: Suite) -> list[Verdict]:
    """Give every verdict on the suite."""
    found = []
    for config, project in suite.projects:
        with importable(config) as package:
            catalog = package.JobQueue.catalog
            found += [verdict for case in project.cases for verdict in judged(case, catalog[case.key])]
    return found


def judged(case: Case, job: Any) -> Iterator[Verdict]:
    fallback = Judge(job.schema.load(), compiler=python_compiler())
    settings = Settings()
    for about, payload, valid in case.tests:
        try:
            stored = order(job, payload, {}, NOW, settings)
        except PayloadError:
            queued, read = False, job.schema.judge.is_valid(payload)
        else:
            queued = True
            data = unpack(bson.encode({"data": stored["data"]}))["data"]
            read = _reads(job, data)
        yield Verdict(case, about, payload, valid, queued, read, _judged_by(fallback, payload))


def _reads(job: Any, data: Any) -> bool:
    try:
        return isinstance(read_payload(job, data), Payload)
    except ModelDisagrees:
        return False


def _judged_by(judge: Judge, payload: Any) -> bool | None:
    try:
        return judge.is_valid(payload)
    except MemshelfError:  # a pattern that Python has not: said, and not guessed
        return None


def test_black_leaves_the_payloads_of_the_suite_as_they_are(suite: Suite) -> None:
    for config, _ in suite.projects:
        # Every tenth: black would need a minute for all.
        for path in sorted(config.generated_folder.glob("*/*.py"))[::10]:
            text = path.read_text(encoding="utf-8")
            assert black.format_str(text, mode=black.Mode()) == text, path


def test_a_queue_takes_what_the_suite_calls_valid(verdicts: list[Verdict]) -> None:
    otherwise = [one for one in verdicts if one.queued != one.expected]
    assert [str(one) for one in otherwise if one.name not in EXCEPTIONS] == []
    assert sorted(one.name for one in otherwise) == sorted(EXCEPTIONS)


def test_a_worker_reads_what_the_suite_calls_valid(verdicts: list[Verdict]) -> None:
    assert [str(one) for one in verdicts if one.read != one.expected and one.name not in EXCEPTIONS] == []


def test_what_is_queued_is_read(verdicts: list[Verdict]) -> None:
    assert [str(one) for one in verdicts if one.queued and not one.read] == []


def test_the_classes_are_proven_by_the_canonical_forms_but_for_a_few(suite: Suite) -> None:
    jobs = sum(len(project.cases) for _, project in suite.projects)
    assert suite.answers.total() == jobs
    assert suite.answers["no"] == 0
    assert suite.answers["unknown"] < jobs / 30


def test_no_reading_of_format_is_right_for_all_of_the_suite() -> None:
    """What formats are excepted for is asked the other way round, of the same schema, by the optional tests."""
    groups = [
        (file, group) for file, text in read(SUITE, "json/tests/draft2020-12/").items() for group in json.loads(text)
    ]
    refused = [
        (group["schema"], one["data"])
        for file, group in groups
        for one in group["tests"]
        if "/optional/format/" in file and not one["valid"]
    ]
    excepted = [
        (group["schema"], one["data"])
        for file, group in groups
        for one in group["tests"]
        if (file.removeprefix("json/tests/"), group["description"], one["description"]) in EXCEPTIONS
        and file.endswith("/draft2020-12/format.json")
    ]
    assert len(excepted) == 19
    # There is a 31st of February in both, and a second less in one of them.
    assert [value for schema, value in excepted if (schema, value) not in refused] == ["1990-02-31T15:59:60.123-08:00"]
    assert [value for schema, value in excepted if schema not in [other for other, _ in refused]] == []


def test_the_fallback_differs_only_where_it_is_known_to(verdicts: list[Verdict]) -> None:
    found = Counter(one.case.file for one in verdicts if one.fallback != one.queued)
    assert {
        file: count for file, count in found.items() if count > FALLBACK_DIFFERS.get(file.partition("/")[2], 0)
    } == {}
