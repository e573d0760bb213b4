"""Replay many jobs: look at every edit first, then write in batches, and tell what became of each job."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeAlias, TypeVar

from pymongo.errors import PyMongoError
from typing_extensions import TypedDict

from memshelf.call import Flow
from memshelf.durations import parse_duration
from memshelf.errors import InputError, MemshelfError, Problem
from memshelf.flows.replay import Ended, Revision, Step, ended, replay_batch, whole
from memshelf.jobtype import Catalog, JobType
from memshelf.options import JobId
from memshelf.order import judged
from memshelf.payload import Payload
from memshelf.reasons import reason
from memshelf.selection import JobFilter
from memshelf.states import MOVES
from memshelf.unpack import unpacked

T = TypeVar("T")
Edit: TypeAlias = Callable[[dict[str, Any]], Payload | Mapping[str, Any]]
"""Gives a payload for the stored one, which is the schema's to judge; called twice for a job, so it only computes."""
BATCH = 100
"""Jobs that are read, and written, at once."""
NAMED = 20
"""Refused jobs that the text of an error names; the error itself has all of them."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A job that was not replayed, since its payload cannot be what the edit made of it."""

    id: JobId
    name: str
    problems: tuple[Problem, ...]

    def __str__(self) -> str:
        return f"job {self.id}, {self.name}: " + "; ".join(map(str, self.problems))


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of the jobs of a filter, or would become of them; so far, when it is told on the way."""

    found: int
    """How many the filter chose."""
    checked: int = 0
    """How many edited payloads were judged."""
    replayed: int = 0
    """How many are ready again."""
    skipped: tuple[JobId, ...] = ()
    """Those that changed since they were chosen: removed, or replayed by somebody else."""
    refused: tuple[Refused, ...] = ()
    """Those that were not replayed for their payload's sake."""
    uncertain: int = 0
    """How many the server did not speak of any more before it went away; each of them is replayed, or as it was."""

    @property
    def untouched(self) -> int:
        """How many are as they were."""
        return self.found - self.replayed - len(self.skipped) - len(self.refused) - self.uncertain


class EditsRefused(InputError):
    """Edited payloads are not valid under their jobs' schemas; no job was replayed."""

    def __init__(self, refused: Sequence[Refused], found: int) -> None:
        self.refused = tuple(refused)
        told = "".join(f"\n  {each}" for each in self.refused[:NAMED])
        more = f"\n  and {len(refused) - NAMED:,} more" if len(refused) > NAMED else ""
        super().__init__(
            f"{len(refused):,} of {found:,} edited payloads are not valid, and no job was replayed{told}{more}"
        )


class ReplayInterrupted(MemshelfError):
    """The server went away while many jobs were replayed; what was replayed stays so."""

    def __init__(self, report: Replayed, cause: str) -> None:
        self.report = report
        unknown = f", {report.uncertain:,} are one or the other" if report.uncertain else ""
        super().__init__(
            f"interrupted ({cause}): {report.replayed:,} of {report.found:,} jobs are ready again, "
            f"{report.untouched:,} are as they were{unknown}; the same call goes on with the rest"
        )


class ReplayOptions(TypedDict, total=False):
    """Options of a replay of many."""

    edit: Edit
    """Gives each job another payload; every payload is judged before any job is replayed."""
    over: timedelta | str
    """Spread the jobs evenly over so long a time, so that they do not all start at once; default: all are due now."""
    limit: int
    """At most so many, oldest first; default: all."""
    dry_run: bool
    """Only find the jobs and judge the edits."""
    progress: Callable[[Replayed], None]
    """Called after every batch with what is done so far."""


def replaying(
    chosen: JobFilter, options: ReplayOptions, *, catalog: Catalog, now: datetime, token: str
) -> Flow[Replayed]:
    """Replay the jobs of a filter: the dead ones, where it names no state.

    The jobs are those that had ended when this began; each is replayed once for that end, whoever else tries the same.

    Args:
        chosen: which jobs.
        options: those of the caller.
        catalog: knows the schemas by which edits are judged.
        now: the server's time, from which the jobs are spread.
        token: of this call alone.

    Raises:
        EditsRefused: at least one edited payload is not valid; nothing was written.
        InputError: the filter or an option cannot be used.
        ReplayInterrupted: the server did not answer; has the report.
    """
    over = _duration(options.get("over", timedelta(0)))
    edit, tell = options.get("edit"), options.get("progress", _nobody)
    query = chosen.within(MOVES["replay"].sources, otherwise="dead").query(now, catalog)
    jobs = yield from ended(query, options.get("limit", 0))
    report = Replayed(len(jobs))
    try:
        if edit is not None:
            report = yield from _checked(jobs, edit, catalog, report, tell)
            if report.refused and not options.get("dry_run"):
                raise EditsRefused(report.refused, report.found)
        if options.get("dry_run"):
            return report
        for begin, batch in _batches(jobs):
            steps = [Step(each, _spread(now, over, begin + index, len(jobs))) for index, each in enumerate(batch)]
            report = yield from _written(steps, edit, catalog, token, report)
            tell(report)
    except PyMongoError as error:
        raise ReplayInterrupted(report, reason(error)) from error
    return report


def revision(edit: Edit, document: Mapping[str, Any], job: JobType[Any] | None) -> Revision | Refused:
    """Edit a stored job's payload and judge what comes of it."""
    name = str(document.get("name"))
    if job is None:
        return Refused(document["_id"], name, (Problem("$", "no schema of that name is known to judge the edit by"),))
    data, problems = judged(job, edit(_data(document)))
    if problems:
        return Refused(document["_id"], name, tuple(problems))
    return Revision(data, job.version, job.schema.digest)


def _data(document: Mapping[str, Any]) -> Any:
    return unpacked(document).get("data")


def _checked(
    jobs: Sequence[Ended], edit: Edit, catalog: Catalog, report: Replayed, tell: Callable[[Replayed], None]
) -> Flow[Replayed]:
    """Judge every edit before anything is written."""
    for _, batch in _batches(jobs):
        found = yield from whole(batch)
        edited = [_revised(edit, document, catalog) for document in found.values()]
        refused = [each for each in edited if isinstance(each, Refused)]
        report = replace(report, checked=report.checked + len(batch), refused=(*report.refused, *refused))
        tell(report)
    return report


def _written(
    steps: Sequence[Step], edit: Edit | None, catalog: Catalog, token: str, report: Replayed
) -> Flow[Replayed]:
    """Write a batch; an edit that is refused only now, since the job has changed meanwhile, holds up no other."""
    refused: list[Refused] = []
    names: dict[JobId, str] = {}
    if edit is not None:
        found = yield from whole([step.ended for step in steps])
        names = {job_id: str(document.get("name")) for job_id, document in found.items()}
        revised = {job_id: _revised(edit, document, catalog) for job_id, document in found.items()}
        refused = [each for each in revised.values() if isinstance(each, Refused)]
        ours = [
            replace(step, revision=made) for step in steps if isinstance(made := revised.get(step.ended.id), Revision)
        ]
    else:
        ours = list(steps)
    try:
        written = (yield from replay_batch(ours, token)) if ours else None
    except PyMongoError as error:
        raise ReplayInterrupted(replace(report, uncertain=len(ours)), reason(error)) from error
    ready = written.ready if written else frozenset()
    denied = written.refused if written else {}
    refused += [Refused(job_id, names.get(job_id, ""), (Problem("$", text),)) for job_id, text in denied.items()]
    gone = ready | {each.id for each in refused}
    return replace(
        report,
        replayed=report.replayed + len(ready),
        skipped=(*report.skipped, *(step.ended.id for step in steps if step.ended.id not in gone)),
        refused=(*report.refused, *refused),
    )


def _revised(edit: Edit, document: Mapping[str, Any], catalog: Catalog) -> Revision | Refused:
    return revision(edit, document, catalog.find(str(document.get("name"))))


def _batches(jobs: Sequence[T]) -> Iterator[tuple[int, Sequence[T]]]:
    for begin in range(0, len(jobs), BATCH):
        yield begin, jobs[begin : begin + BATCH]


def _spread(now: datetime, over: timedelta, index: int, number: int) -> datetime | None:
    """Give the time of one of so many jobs; the first is due at once."""
    return now + over * index / number if over else None


def _duration(over: timedelta | str) -> timedelta:
    read = parse_duration(over) if isinstance(over, str) else over
    if read < timedelta(0):
        raise InputError("over: must be a duration of zero or more")
    return read


def _nobody(report: Replayed) -> None: ...
