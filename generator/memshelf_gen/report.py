"""Tell people and programs what a command did, and end with the exit code that says it: 0, 1 or 2."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, NoReturn

import typer

from memshelf_gen.problem import InvalidInput, Problem
from memshelf_gen.results import Checked, Drift, Generated, Listed, Started, Written
from memshelf_gen.spec import ProjectSpec

DRIFT, INVALID = 1, 2

_EXTRA = {"black", "datamodel_code_generator", "jsonschema", "libcst", "referencing", "yaml"}
_MISSING_EXTRA = 'memshelf-gen needs its extra: pip install "memshelf[gen]"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How to tell: as text or as one JSON object, and whether good news is told at all."""

    as_json: bool
    quiet: bool

    @contextmanager
    def faults(self) -> Iterator[None]:
        """Turn what people did wrong, and a disk that does not take files, into messages and exit code 2."""
        try:
            yield
        except InvalidInput as error:
            self.refuse(error.problems)
        except OSError as error:
            self.refuse([Problem(str(error.filename or "the disk"), 0, 0, "", error.strerror or str(error))])
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] not in _EXTRA:
                raise
            self.refuse([Problem("", 0, 0, "", _MISSING_EXTRA)])

    def generated(self, result: Generated) -> None:
        """Tell what a generation did."""
        changes = _labelled(result)
        done = f"{len(changes)} file{'s' if len(changes) != 1 else ''} changed" if changes else "up to date"
        notes = _notes(result.written.foreign, result.orphans, result.unfit)
        self.tell({"ok": True, **_as_json(result)}, [*changes, *notes, f"{_jobs(result.project)}: {done}"])

    def checked(self, result: Checked) -> None:
        """Tell how the disk differs from the schemas; exit 1 when it does."""
        drift = result.drift
        lines = [f"missing     {path}" for path in drift.missing]
        lines += [f"changed     {each.path}\n{each.diff.rstrip()}" for each in drift.changed]
        lines += [f"unexpected  {path}" for path in drift.unexpected]
        lines += _notes((), result.orphans, result.unfit)
        found = len(result.orphans) + len(result.unfit)
        by_hand = f", {found} handler{'s' if found != 1 else ''} to look at" if found else ""
        summary = ", ".join(
            (
                f"{len(drift.missing)} missing",
                f"{len(drift.changed)} changed",
                f"{len(drift.unexpected)} unexpected",
            )
        )
        answer = {
            "ok": result.clean,
            "missing": drift.missing,
            "changed": [asdict(each) for each in drift.changed],
            "unexpected": drift.unexpected,
            "orphans": result.orphans,
            "unfit": result.unfit,
        }
        if result.clean:
            self.tell(answer, [f"{_jobs(result.project)}: no drift"])
            return
        # What only people can put right is named by its own line; memshelf-gen would leave it as it is.
        advice = "; run memshelf-gen" if drift.missing or drift.changed or drift.unexpected else ""
        self.tell(answer, [*lines, f"drift: {summary}{by_hand}{advice}"], always=True)
        raise typer.Exit(DRIFT)

    def started(self, result: Started, *, hint: str) -> None:
        """Tell what was made for a beginning."""
        lines = [f"created     {path}" for path in result.created]
        for path, text in result.left.items():
            lines.append(f"left        {path} is here already; it could have had:\n{_indented(text)}")
        made = _as_json(result.generated)
        self.tell(
            {"ok": True, "files": result.created, "left": sorted(result.left), **made},
            [*lines, *_labelled(result.generated), hint],
        )

    def listed(self, jobs: Iterable[Listed]) -> None:
        """Tell which jobs there are, as a table."""
        rows = [(each.name, each.schema, each.method, each.queue, each.handler, each.state) for each in jobs]
        table = [("name", "schema", "method", "queue", "handler", "state"), *rows]
        widths = [max(len(row[column]) for row in table) for column in range(6)]
        lines = [
            "  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip() for row in table
        ]
        self.tell({"ok": True, "jobs": [asdict(each) for each in jobs]}, lines)

    def exported(self, written: Written) -> None:
        """Tell what an export wrote."""
        done = asdict(written)
        groups = ("created", "updated", "removed")
        lines = [f"{label:<10}  {path}" for label in groups for path in done[label]]
        self.tell({"ok": True, **{label: done[label] for label in groups}}, lines or ["up to date"])

    def compared(self, drift: Drift) -> None:
        """Tell how the files of an export differ from what would be written; exit 1 when they do."""
        answer = {"ok": not drift, **asdict(drift)}
        if not drift:
            self.tell(answer, ["no drift"])
            return
        lines = [f"missing     {path}" for path in drift.missing]
        lines += [f"changed     {each.path}\n{each.diff.rstrip()}" for each in drift.changed]
        lines += [f"unexpected  {path}" for path in drift.unexpected]
        self.tell(answer, [*lines, "drift: run this export again without --check"], always=True)
        raise typer.Exit(DRIFT)

    def printed(self, text: str, **known: str) -> None:
        """Print a document that was asked for, as it is, or as `text` of an answer."""
        self.tell({"ok": True, **known, "text": text}, [text.removesuffix("\n")], always=True)

    def tell(self, answer: dict[str, Any], lines: list[str], *, always: bool = False) -> None:
        """Print the answer as JSON, or else the lines; lines of good news are left out when `quiet`."""
        if self.as_json:
            typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
        elif always or not self.quiet:
            typer.echo("\n".join(lines))

    def refuse(self, problems: Iterable[Problem]) -> NoReturn:
        """Print faults, on standard error unless they are JSON, and end with exit code 2."""
        if self.as_json:
            answer = {"ok": False, "problems": [asdict(each) for each in problems]}
            typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
        else:
            typer.echo("\n".join(map(str, problems)), err=True)
        raise typer.Exit(INVALID)


def _labelled(result: Generated) -> list[str]:
    written = result.written
    groups = {
        "created": (*written.created, *result.stubs),
        "updated": written.updated,
        "removed": written.removed,
        "adjusted": result.adjusted,
    }
    return [f"{label:<10}  {path}" for label, paths in groups.items() for path in paths]


def _notes(foreign: Iterable[str], orphans: Iterable[str], unfit: Iterable[str]) -> list[str]:
    lines = [
        f"foreign     {path}: memshelf-gen did not write it; move it out of the generated package" for path in foreign
    ]
    lines += [f"orphan      {path}: no schema leads to this handler; move its body, or delete it" for path in orphans]
    return [*lines, *(f"unfit       {reason}" for reason in unfit)]


def _as_json(result: Generated) -> dict[str, Any]:
    listed = {key: getattr(result, key) for key in ("stubs", "adjusted", "orphans", "unfit")}
    return {"jobs": [job.names.wire for job in result.project.jobs], **asdict(result.written), **listed}


def _jobs(project: ProjectSpec) -> str:
    return f"{len(project.jobs)} job{'s' if len(project.jobs) != 1 else ''}"


def _indented(text: str) -> str:
    return "".join(f"    {line}" if line.strip() else line for line in text.splitlines(keepends=True)).rstrip()
