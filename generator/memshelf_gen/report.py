"""Tell people and programs what a command did, and end with the exit code that says it: 0, 1 or 2."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from math import ceil
from typing import Any, NoReturn

import typer

from memshelf_gen.problem import InvalidInput, Problem, problem_of
from memshelf_gen.results import BY_HAND, NOTES, Checked, Difference, Generated, Listed, Round, Started, Written
from memshelf_gen.spec import ProjectSpec

DRIFT, INVALID = 1, 2

_EXTRA = {"datamodel_code_generator", "jsonschema", "libcst", "referencing", "watchfiles", "yaml"}
_MISSING_EXTRA = 'memshelf-gen needs its extra: pip install "memshelf[gen]"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How to tell: as text or as one JSON object, and whether good news is told at all."""

    as_json: bool
    quiet: bool
    indent: int | None = 2
    """How far JSON is indented; None puts each object on a line of its own."""

    @contextmanager
    def faults(self) -> Iterator[None]:
        """Turn what people did wrong, and a disk that does not take files, into messages and exit code 2."""
        try:
            yield
        except InvalidInput as error:
            self.refuse(error.problems)
        except OSError as error:
            self.refuse([problem_of(error)])
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] not in _EXTRA:
                raise
            self.refuse([Problem("", 0, 0, "", _MISSING_EXTRA)])

    def generated(self, result: Generated) -> None:
        """Tell what a generation did."""
        changes = _labelled(result)
        done = f"{len(changes)} file{'s' if len(changes) != 1 else ''} changed" if changes else "up to date"
        self.tell({"ok": True, **_as_json(result)}, [*changes, *_notes(result), f"{_jobs(result.project)}: {done}"])

    def round(self, round: Round, *, at: datetime, before: Generated | None) -> None:
        """Tell what one round of watching did, in one line; and notes, unless the last generation had the same."""
        milliseconds, made = round.seconds * 1000, round.generated
        if self.as_json:
            done = {"problems": [asdict(each) for each in round.problems]} if made is None else _as_json(made)
            told = {"at": at.isoformat(timespec="milliseconds"), "because": round.because}
            answer = {"ok": made is not None, **told, "milliseconds": ceil(milliseconds), **done}
            typer.echo(json.dumps(answer, ensure_ascii=False, indent=self.indent))
            return
        start = f"{at:%H:%M:%S} {_because(round)} →"
        if made is None:
            faults = [str(each) for each in round.problems]
            lines = faults if len(faults) == 1 else [f"{len(faults)} faults in {milliseconds:.0f} ms", *faults]
            typer.echo("\n".join([f"{start} {lines[0]}", *lines[1:]]), err=True)
        elif not self.quiet:
            count = len(made.changed)
            files = f"{count} file{'s' if count != 1 else ''}" if count else "up to date"
            notes = [] if before is not None and _notes(before) == _notes(made) else _notes(made)
            typer.echo("\n".join([f"{start} {files} in {milliseconds:.0f} ms", *notes]))

    def checked(self, result: Checked, *, stat: bool = False, strict: bool = False) -> None:
        """Tell how the disk differs from the schemas; exit 1 when it does, or when `strict` and a stub is left."""
        found = result.differences
        clean = result.clean and not (strict and found)
        lines = [*_differences(found, stat=stat), *(f"hint: {hint}" for hint in result.hints)]
        answer = {"ok": clean, **_found(found), "hints": result.hints}
        if clean:
            self.tell(answer, [*lines, f"{_jobs(result.project)}: no drift"])
            return
        # What only people can put right is named by its own line; memshelf-gen would leave it as it is.
        faults = [each for each in found if strict or each.kind not in NOTES]
        advice = "; run memshelf-gen" if any(each.kind not in BY_HAND for each in faults) else ""
        self.tell(answer, [*lines, f"drift: {_counted(faults)}{advice}"], always=True)
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

    def compared(self, found: Sequence[Difference]) -> None:
        """Tell how the files of an export differ from what would be written; exit 1 when they do."""
        answer = {"ok": not found, **_found(found)}
        if not found:
            self.tell(answer, ["no drift"])
            return
        again = f"drift: {_counted(found)}; run this export again without --check"
        self.tell(answer, [*_differences(found, stat=False), again], always=True)
        raise typer.Exit(DRIFT)

    def printed(self, text: str, **known: str) -> None:
        """Print a document that was asked for, as it is, or as `text` of an answer."""
        self.tell({"ok": True, **known, "text": text}, [text.removesuffix("\n")], always=True)

    def tell(self, answer: dict[str, Any], lines: list[str], *, always: bool = False) -> None:
        """Print the answer as JSON, or else the lines; lines of good news are left out when `quiet`."""
        if self.as_json:
            typer.echo(json.dumps(answer, ensure_ascii=False, indent=self.indent))
        elif always or not self.quiet:
            typer.echo("\n".join(lines))

    def refuse(self, problems: Iterable[Problem]) -> NoReturn:
        """Print faults, on standard error unless they are JSON, and end with exit code 2."""
        if self.as_json:
            answer = {"ok": False, "problems": [asdict(each) for each in problems]}
            typer.echo(json.dumps(answer, ensure_ascii=False, indent=self.indent))
        else:
            typer.echo("\n".join(map(str, problems)), err=True)
        raise typer.Exit(INVALID)


def _found(found: Sequence[Difference]) -> dict[str, Any]:
    return {"differences": [asdict(each) for each in found], "counts": Counter(each.kind for each in found)}


def _counted(found: Sequence[Difference]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in Counter(each.kind for each in found).items())


def _differences(found: Sequence[Difference], *, stat: bool) -> Iterator[str]:
    """Give a line for each file, and its diff below it, or how many lines differ below them all."""
    width = max((len(each.kind) for each in found), default=0)
    for each in found:
        yield f"{each.kind:<{width}}  {each.path}: {each.text}"
        if each.diff and not stat:
            yield each.diff.rstrip("\n")
    if stat:
        yield from _stat([each for each in found if each.insertions or each.deletions])


def _stat(found: Sequence[Difference], *, width: int = 40) -> Iterator[str]:
    """Say how many lines of each file differ, as `git diff --stat` does."""
    if not found:
        return
    most = max(each.insertions + each.deletions for each in found)
    longest = max(len(each.path) for each in found)
    scale = min(1.0, width / most)
    yield ""
    for each in found:
        signs = "+" * ceil(each.insertions * scale) + "-" * ceil(each.deletions * scale)
        yield f" {each.path:<{longest}} | {each.insertions + each.deletions:>{len(str(most))}} {signs}"
    files = "1 file differs" if len(found) == 1 else f"{len(found)} files differ"
    inserted, deleted = sum(each.insertions for each in found), sum(each.deletions for each in found)
    yield f" {files}, {_lines(inserted)} to insert, {_lines(deleted)} to delete"


def _lines(count: int) -> str:
    return f"{count} line{'s' if count != 1 else ''}"


def _labelled(result: Generated) -> list[str]:
    written = result.written
    groups = {
        "created": (*written.created, *result.stubs),
        "updated": written.updated,
        "removed": written.removed,
        "appended": result.appended,
        "adjusted": result.adjusted,
        "moved": tuple(f"{old} → {new}" for old, new in result.moved.items()),
    }
    return [f"{label:<10}  {path}" for label, paths in groups.items() for path in paths]


def _notes(result: Generated) -> list[str]:
    lines = [
        f"foreign     {path}: memshelf-gen did not write it; move it out of the generated package"
        for path in result.written.foreign
    ]
    lines += [
        f"orphan      {path}: no schema leads to this handler; move its body, or delete it" for path in result.orphans
    ]
    lines += [f"unfit       {reason}" for reason in result.unfit]
    return [*lines, *(f"hint        {hint}" for hint in result.hints)]


def _because(round: Round) -> str:
    """Name the files that changed, the first three of them, as the schema folder knows them."""
    names = [path.removeprefix(f"{round.schemas}/") for path in round.because]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{', '.join(names[:3])}{more}" if names else "start"


def _as_json(result: Generated) -> dict[str, Any]:
    listed = {
        key: getattr(result, key) for key in ("stubs", "appended", "adjusted", "moved", "orphans", "unfit", "hints")
    }
    return {"jobs": [job.names.wire for job in result.project.jobs], **asdict(result.written), **listed}


def _jobs(project: ProjectSpec) -> str:
    return f"{len(project.jobs)} job{'s' if len(project.jobs) != 1 else ''}"


def _indented(text: str) -> str:
    return "".join(f"    {line}" if line.strip() else line for line in text.splitlines(keepends=True)).rstrip()
