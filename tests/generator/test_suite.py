"""On JSON-Schema-Test-Suite a payload is accepted, queued and before it is run, if and only if it is valid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import bson
import pytest

from memshelf.errors import MemshelfError, ModelDisagrees, PayloadError
from memshelf.judge import Judge, python_compiler
from memshelf.order import order
from memshelf.payload import Payload
from memshelf.reading import read_payload
from memshelf.settings import Settings
from memshelf.unpack import unpack
from memshelf_gen import render
from memshelf_gen.pipeline import generate
from tests.generator.projects import importable, make
from tests.generator.suite import DIALECTS, Case, cases, projects

OTHERWISE = {
    "draft2020-12/format.json": "formats are asserted; the suite's optional tests of formats ask for that",
    "draft7/optional/content.json": "an encoding or a media type is an annotation, as it is since draft 2019-09",
    "draft4/optional/zeroTerminatedFloats.json": "a whole number is an integer however it is written",
    "optional/bignum.json": "integers outside of 64 bits are no payload, since MongoDB has none",
}
"""Files of the suite in which some tests expect what the design decides otherwise, each with the reason."""
BOTH_VALIDATORS_DIFFER = {("w201909n282", "$recursiveRef with nesting")}
"""Where jsonschema-rs and jsonschema agree with each other and not with the suite: both look for the outermost schema
with the anchor only as long as every schema on the way has it, and a job around the suite's schema has none."""
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

    def __str__(self) -> str:
        return f"{self.case.file}: {self.case.title}: {self.about} ({self.case.key}): {self.payload!r}"


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> list[Verdict]:
    """Give every verdict on the suite; each project is generated and imported once."""
    # Black's part is not tried here, and would take most of the time.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(render, "shape", lambda text, **_: text, raising=False)
        return list(all_verdicts(tmp_path_factory))


def all_verdicts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Verdict]:
    every = [case for draft in DIALECTS for case in cases(draft)]
    for number, project in enumerate(projects(every)):
        folder = tmp_path_factory.mktemp(f"suite{number}")
        config = make(folder, project.files, generated=f"suite{number}", jobs=f"suite{number}_jobs")
        generate(config)
        with importable(config) as package:
            catalog = package.JobQueue.catalog
            for case in project.cases:
                yield from judged(case, catalog[case.key])


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


def excused(verdict: Verdict) -> str:
    """Give the reason why the design decides otherwise than the suite expects; empty for nearly all."""
    if (verdict.case.key, verdict.case.title) in BOTH_VALIDATORS_DIFFER:
        return "both validators take a job around a recursive schema for the end of the search"
    known = (reason for file, reason in OTHERWISE.items() if verdict.case.file.endswith(file))
    return next(known, "")


def test_a_queue_takes_what_the_suite_calls_valid(verdicts: list[Verdict]) -> None:
    assert [str(one) for one in verdicts if one.queued != one.expected and not excused(one)] == []


def test_a_worker_reads_what_the_suite_calls_valid(verdicts: list[Verdict]) -> None:
    assert [str(one) for one in verdicts if one.read != one.expected and not excused(one)] == []


def test_the_exceptions_are_few_and_all_needed(verdicts: list[Verdict]) -> None:
    files = Counter(one.case.file.removeprefix("draft2019-09/").removeprefix("draft2020-12/")
                    for one in verdicts if excused(one) and one.queued != one.expected)  # fmt: skip
    assert sum(files.values()) < len(verdicts) / 100


def test_the_fallback_differs_only_where_it_is_known_to(verdicts: list[Verdict]) -> None:
    found = Counter(one.case.file for one in verdicts if one.fallback != one.queued)
    assert {
        file: count for file, count in found.items() if count > FALLBACK_DIFFERS.get(file.partition("/")[2], 0)
    } == {}
