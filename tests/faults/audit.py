"""What must hold after a trial, whatever happened in it: the promises, read from the documents and from the journal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from memshelf.flows.record import ERRORS_KEPT
from memshelf.states import FINAL
from tests.faults.journal import Line

CLOCK_GRAIN = 0.002
"""Seconds by which a stored date may be earlier than what was written down, since it is cut to milliseconds."""
UNCHARGED = frozenset({"invalid", "undecodable", "model-disagrees", "postponed"})
"""Kinds of entries in a job's errors that cost no attempt."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What was done to the queue, and so what may have come of it."""

    queued: Mapping[str, Any]
    """Payloads of the jobs that anybody tried to queue, by id."""
    acknowledged: Collection[str]
    """Ids of those that the queue said it has."""
    harmed: Collection[int] = ()
    """Processes that were killed, frozen, cut off or crashed: only they may lose a lease."""
    server_harmed: bool = False
    """Whether the server was away, so that a claim may have been made whose reply nobody got."""
    expected: Mapping[str, str] = field(default_factory=dict)
    """States in which jobs must be, by id; `succeeded` for those that are not named."""


def audit(documents: Iterable[Mapping[str, Any]], journal: Iterable[Line], given: Circumstances) -> list[str]:
    """Give everything that breaks a promise; an empty list is a passed trial."""
    stored = {str(document["_id"]): document for document in documents}
    lines: dict[str, list[Line]] = defaultdict(list)
    for line in journal:
        lines[line.job].append(line)
    return [
        *(f"{job}: acknowledged and lost" for job in given.acknowledged if job not in stored),
        *(f"{job}: nobody queued it" for job in stored if job not in given.queued),
        *(f"{job}: {fault}" for job, document in stored.items() for fault in faults(document, lines[job], given)),
    ]


def faults(document: Mapping[str, Any], lines: list[Line], given: Circumstances) -> Iterator[str]:
    """Give what is wrong with one job."""
    job, state = str(document["_id"]), document["state"]
    if state not in FINAL:
        yield f"ended nowhere: {state}"
        return
    if state != given.expected.get(job, "succeeded"):
        yield f"is {state}, not {given.expected.get(job, 'succeeded')}: {document.get('errors')}"
    if document["data"] != given.queued.get(job):
        yield f"was changed: {document['data']}"
    for name in {"leaseUntil", "deadline"} & document.keys():
        yield f"{name} was left behind"
    yield from uncounted(document)
    yield from unexplained(document, lines, given)
    if state == "succeeded":
        yield from after_the_end(document, lines)


def uncounted(document: Mapping[str, Any]) -> Iterator[str]:
    """Every run is counted, once, and within the limits."""
    errors = document.get("errors", [])
    attempts, lost = document["attempts"], document["lost"]
    charged = sum(entry["kind"] not in UNCHARGED for entry in errors) + (document["state"] == "succeeded")
    losses = sum(entry["kind"] == "lost" for entry in errors)
    if len(errors) < ERRORS_KEPT and (attempts, lost) != (charged, losses):
        yield f"{attempts} attempts and {lost} losses were counted, {charged} and {losses} are told"
    if attempts - lost > document["maxAttempts"]:
        yield f"failed {attempts - lost} times, {document['maxAttempts']} are allowed"
    if lost > document["maxLost"] + 1:
        yield f"was lost {lost} times, {document['maxLost'] + 1} are allowed"


def unexplained(document: Mapping[str, Any], lines: list[Line], given: Circumstances) -> Iterator[str]:
    """A run beyond the first has a reason: a failure, a loss by a process that was harmed, or an end that was asked."""
    begun = [line.token for line in lines if line.what == "begin"]
    for token in {token for token in begun if begun.count(token) > 1}:
        yield f"ran twice under the lease {token}"
    told = {entry.get("lease") for entry in document.get("errors", [])} | {document.get("lease")}
    given_back = document.get("interrupted", 0) + sum(line.what == "snooze" for line in lines)
    open_runs = set(begun) - told
    if len(open_runs) > given_back:
        yield f"{len(open_runs)} runs have no outcome, {given_back} were given back: {sorted(open_runs)}"
    for entry in document.get("errors", []):
        if entry["kind"] != "lost" or pid_of(entry["worker"]) in given.harmed:
            continue
        if not (given.server_harmed and entry["lease"] not in begun):
            yield f"was taken from {entry['worker']}, which nobody harmed: {entry['lease']}"


def after_the_end(document: Mapping[str, Any], lines: list[Line]) -> Iterator[str]:
    """A job that succeeded has a run that returned, and none that began later, unless that one had lost its lease."""
    lost = {entry.get("lease") for entry in document.get("errors", []) if entry["kind"] == "lost"}
    if not any(line.what == "end" and line.token == document["lease"] for line in lines):
        yield f"succeeded, but no handler returned under the lease {document['lease']}"
    finished = document["finishedAt"].timestamp()
    for line in lines:
        if line.what == "begin" and line.at > finished + CLOCK_GRAIN and line.token not in lost:
            yield f"ran again {line.at - finished:.3f}s after it had succeeded"


def pid_of(worker: str) -> int:
    """Give the process of a worker's name, `host:pid:noise`."""
    return int(worker.split(":")[1])
