"""`python -m benchmarks.fidelity`: how much the generated types say, and how often they are right, on two corpora.

Beside memshelf stands datamodel-code-generator alone, with the options under which it does best. It gets each schema in
one piece, so that references to other files are no obstacle. Nothing is fetched but the corpora (tests/corpora.py).
"""

from __future__ import annotations

import signal
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from benchmarks import alone
from benchmarks.looseness import Fields, count
from memshelf_gen.pipeline import generate
from tests.generator import published, suite
from tests.generator.projects import importable, make
from tests.generator.test_published import NOT_READ, WIDE, judged

LIMIT = 60
"""Seconds of CPU after which datamodel-code-generator is not waited for any more."""


@dataclass(slots=True)
class Side:
    """What one generator makes of a corpus."""

    fields: Fields = field(default_factory=Fields)
    right: int = 0
    """Schemas with the right verdict on all of their tests."""
    verdicts: int = 0
    """Tests with the right verdict."""
    failed: list[str] = field(default_factory=list)
    """Schemas of which no model was made, or none that can be imported."""

    def add(self, fields: Fields, verdicts: list[bool]) -> None:
        self.fields += fields
        self.verdicts += sum(verdicts)
        self.right += all(verdicts)


@dataclass(slots=True)
class Row:
    """One corpus."""

    corpus: str
    schemas: int = 0
    tests: int = 0
    ours: Side = field(default_factory=Side)
    alone: Side = field(default_factory=Side)


def main(every: Annotated[int, typer.Option(help="Take every so manieth schema only.")] = 1) -> None:
    """Count over JSON-Schema-Test-Suite and SchemaStore; with all schemas it takes five minutes of CPU."""
    warnings.simplefilter("ignore")
    mandatory = [case for case in suite.cases("draft2020-12") if "/optional/" not in case.file]
    store = [case for case in published.cases() if case.key not in NOT_READ]
    rows = [
        measure("JSON-Schema-Test-Suite, draft 2020-12", mandatory[::every]),
        measure("SchemaStore", store[::every]),
    ]
    Console(width=160).print(_drawn(rows))


def measure(corpus: str, cases: Iterable[suite.Case]) -> Row:
    """Make both models of every schema. Fields are counted where both can be imported, verdicts everywhere."""
    row = Row(corpus)
    for case in cases:
        row.schemas += 1
        row.tests += len(case.tests)
        fields, verdicts, bundle = _ours(case)
        try:
            with _limited():
                other = _alone(case, bundle)
        except Exception as error:
            row.alone.failed.append(f"{case.key}: {type(error).__name__}: {error}")
            row.ours.add(Fields(), verdicts)
        else:
            row.ours.add(fields, verdicts)
            row.alone.add(*other)
    return row


def _ours(case: suite.Case) -> tuple[Fields, list[bool], Mapping[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        config = make(Path(folder), case.files, generated="counted", jobs="counted_jobs")
        with (config.root / "pyproject.toml").open("a", encoding="utf-8") as file:
            file.write(WIDE)
        generate(config)
        texts = [path.read_text(encoding="utf-8") for path in sorted(config.generated_folder.glob("models/**/*.py"))]
        with importable(config) as package:
            job = package.JobQueue.catalog[case.key]
            found = list(judged(case, job))
            verdicts = [one.queued == one.read == one.expected for one in found]
            return count(texts, job.payload().__name__), verdicts, job.schema.load()


def _alone(case: suite.Case, bundle: Mapping[str, Any]) -> tuple[Fields, list[bool]]:
    text = alone.write(bundle)
    with alone.model(text) as model:
        verdicts = [_accepts(model, payload) == valid for _, payload, valid in case.tests]
    return count([text], "Root"), verdicts


def _accepts(model: Any, payload: Any) -> bool:
    try:
        model.model_validate(payload)
    except ValidationError:
        return False
    return True


@contextmanager
def _limited() -> Iterator[None]:
    def end(*_: object) -> None:
        raise TimeoutError(f"more than {LIMIT} seconds")

    before = signal.signal(signal.SIGVTALRM, end)
    signal.setitimer(signal.ITIMER_VIRTUAL, LIMIT)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _drawn(rows: list[Row]) -> Table:
    table = Table(
        "corpus", "generator", "fields", "say nothing", "open inside", "verdicts right", "schemas right", "fail"
    )
    for row in rows:
        for name, side in (("memshelf", row.ours), ("alone", row.alone)):
            fields = side.fields
            table.add_row(
                row.corpus,
                name,
                f"{fields.all:,}",
                f"{fields.nothing:,} ({fields.share(fields.nothing):.1f} %)",
                f"{fields.inside:,} ({fields.share(fields.inside):.1f} %)",
                f"{side.verdicts:,} of {row.tests:,} ({100 * side.verdicts / row.tests:.1f} %)",
                f"{side.right:,} of {row.schemas:,} ({100 * side.right / row.schemas:.1f} %)",
                f"{len(side.failed)}",
            )
    return table


if __name__ == "__main__":
    typer.run(main)
