"""Write what became of jobs, fenced by the lease under which they ran."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pymongo import UpdateOne

from memshelf.call import Flow, call
from memshelf.garbled import one_of
from memshelf.indexes import IDS
from memshelf.options import JobId
from memshelf.retention import TICK_KEPT, Retention, Retentions, of_a_tick
from memshelf.settle import Settlement
from memshelf.states import State, source, target
from memshelf.update import NOW, Expression, after, appended, operand, plus, update

ERRORS_KEPT = 20
SUCCESS = Settlement("succeed")
LAST_LEASE = "lastLease"
"""The field with the token under which a job became ready again, for a worker that did not hear that it wrote that."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One settlement to be written."""

    id: JobId
    token: str
    settlement: Settlement


@dataclass(frozen=True, slots=True)
class RuledEntry(Entry):
    """One settlement of a job that has a `keep`: a kind of its own, so that others carry no field for it."""

    keep: Retention


Held = tuple[JobId, str]
"""A job, and the lease token under which a worker holds it."""
AT_ONCE = timedelta(0)
"""The retention of a job that is deleted when it succeeds."""


def record(entries: Sequence[Entry], retention: Retention) -> Flow[frozenset[Held]]:
    """Write settlements and give the jobs, with their tokens, that were not ours to write any more.

    Plain successes of one token share one write; every other settlement is a statement of its own in one bulk.
    Repeating the flow after a lost reply is safe: the second time, what is recorded already is recognised by its token.
    """
    lost: set[Held] = set()
    plain, apart, others = _split(entries)
    for token, ids in plain.items():
        lost |= yield from _succeed(ids, token, retention)
    for token, keep, ids in apart:
        lost |= yield from _succeed(ids, token, keep)
    if others:
        statements = [
            UpdateOne(
                _mine([each.id], each.token),
                _finish(each.settlement, each.keep if isinstance(each, RuledEntry) else retention),
                hint=IDS,
            )
            for each in others
        ]
        result = yield call("bulk_write", statements, ordered=False)
        if result.modified_count < len(others):
            lost |= yield from _taken([(each.id, each.token) for each in others])
    return frozenset(lost)


def _succeed(ids: Sequence[JobId], token: str, retention: Retention) -> Flow[set[Held]]:
    """Write plain successes of one token, and give the jobs that were not ours to write any more."""
    kept = retention.get("succeeded")
    if kept is not None and kept < TICK_KEPT and any(map(of_a_tick, ids)):
        lost = yield from _succeed(
            [each for each in ids if of_a_tick(each)], token, {**retention, "succeeded": TICK_KEPT}
        )
        others = [each for each in ids if not of_a_tick(each)]
        return lost | (yield from _succeed(others, token, retention)) if others else lost
    if kept == AT_ONCE:
        done = (yield call("delete_many", _mine(ids, token), hint=IDS)).deleted_count
    else:
        change = _finish(SUCCESS, retention)
        done = (yield call("update_many", _mine(ids, token), change, hint=IDS)).modified_count
    if done == len(ids):
        return set()
    # A job that is gone was deleted by an earlier try, or by whoever took it and succeeded too.
    return (yield from _taken([(job_id, token) for job_id in ids], gone_is_well=kept == AT_ONCE))


def extend(held: Iterable[Held], lease: timedelta, *, capped: bool) -> Flow[None]:
    """Prolong leases, those that ended but that nobody took included.

    Args:
        held: jobs and the tokens under which they are held.
        lease: from now.
        capped: never past the job's deadline by more than one lease.
    """
    until: Any = after(lease).value
    if capped:
        milliseconds = round(lease / timedelta(milliseconds=1))
        last = {"$cond": [{"$eq": [{"$type": "$deadline"}, "date"]}, {"$add": ["$deadline", milliseconds]}, until]}
        until = {"$min": [until, last]}
    yield call(
        "update_many",
        _held(held),
        update({"leaseUntil": Expression(until)}),
        hint=IDS,
        target="quick",
    )


def look(held: Iterable[Held]) -> Flow[dict[Held, bool]]:
    """Read which jobs are still held, and whether their cancellation was requested."""
    documents = yield call("find", _held(held), {"lease": 1, "cancelRequested": 1}, hint=IDS)
    return {(each["_id"], each["lease"]): each.get("cancelRequested") is True for each in documents}


def restart(job_id: JobId, token: str, timeout: timedelta | None) -> Flow[None]:
    """Count an attempt's time from now, since the job had to wait for its turn after the claim."""
    deadline = None if timeout is None else after(timeout)
    fields = {"startedAt": NOW, "deadline": deadline}
    yield call("update_one", _mine([job_id], token), update(fields), hint=IDS, target="quick")


def _held(held: Iterable[Held]) -> dict[str, Any]:
    ids, tokens = zip(*held, strict=True)
    return {**one_of("_id", ids), **source("succeed"), "lease": {"$in": sorted(set(tokens))}}


def _split(
    entries: Iterable[Entry],
) -> tuple[dict[str, list[JobId]], list[tuple[str, Retention, list[JobId]]], list[Entry]]:
    """Give the plain successes by their tokens, those with a retention of their own apart, and all else."""
    plain: dict[str, list[JobId]] = {}
    apart: dict[tuple[str, int], tuple[str, Retention, list[JobId]]] = {}  # By the identity of the retention.
    others: list[Entry] = []
    for each in entries:
        if each.settlement == SUCCESS:
            if type(each) is not Entry and isinstance(each, RuledEntry):
                apart.setdefault((each.token, id(each.keep)), (each.token, each.keep, []))[2].append(each.id)
            else:
                plain.setdefault(each.token, []).append(each.id)
        else:
            others.append(each)
    return plain, [*apart.values()], others


def _mine(ids: Sequence[JobId], token: str) -> dict[str, Any]:
    """Give the fence: the job still runs under this token."""
    return {**one_of("_id", ids), **source("succeed"), "lease": token}


def _finish(settlement: Settlement, retention: Retention) -> list[dict[str, Any]]:
    state = target(settlement.action)
    fields: dict[str, object] = {}
    unset = ["leaseUntil", "deadline"]
    if not settlement.charged:
        fields["attempts"] = plus("attempts", -1)
    if settlement.error is not None:
        fields["errors"] = appended("errors", settlement.error, keep=ERRORS_KEPT)
    if settlement.wait is not None:
        fields["runAt"] = after(settlement.wait)
    if settlement.interrupted:
        fields["interrupted"] = plus("interrupted", 1)
    if state == "ready":
        fields |= {LAST_LEASE: Expression("$lease"), **ready_unless_cancelled(retention)}
    else:
        fields |= final(state, retention)
    return update(fields, unset=unset)


def final(state: State, retention: Retention, own: Retentions | None = None) -> dict[str, object]:
    """Give the fields of a final state.

    Args:
        state: the state.
        retention: how long the job is kept.
        own: where it is not known of which name the job is: other retentions, by name.
    """
    return {"state": state, "finishedAt": NOW, **expiry(state, retention, own, "$$NOW")}


def expiry(state: State, retention: Retention, own: Retentions | None, since: str) -> dict[str, object]:
    """Give the field by which the server removes the job, so long since a time; none if it is kept for ever."""
    others = {name: kept.get(state) for name, kept in (own or {}).items() if kept.get(state) != retention.get(state)}
    if not others:
        return {"expireAt": _later(since, retention.get(state))} if state in retention else {}
    branches = [
        {"case": {"$eq": ["$name", {"$literal": name}]}, "then": _later(since, kept).value}
        for name, kept in others.items()
    ]
    switch = {"$switch": {"branches": branches, "default": _later(since, retention.get(state)).value}}
    return {"expireAt": Expression(switch)}


def _later(since: str, kept: timedelta | None) -> Expression:
    return Expression("$$REMOVE" if kept is None else {"$add": [since, round(kept / timedelta(milliseconds=1))]})


def ready_unless_cancelled(retention: Retention) -> dict[str, object]:
    """Give the fields of a job that goes back into the line, or ends here, since its cancellation was requested."""
    cancelled = {name: operand(value) for name, value in final(target("stop"), retention).items()}
    back = {name: operand(target("retry")) if name == "state" else "$$REMOVE" for name in cancelled}
    return {
        name: Expression({"$cond": [{"$eq": ["$cancelRequested", True]}, cancelled[name], back[name]]})
        for name in cancelled
    }


def _taken(ours: Sequence[Held], *, gone_is_well: bool = False) -> Flow[set[Held]]:
    """Tell which jobs were taken from us: those that neither carry our token nor hold an outcome under it.

    A job that we recorded as ready may run under another token by the time we look.
    """
    documents = yield call(
        "find",
        one_of("_id", [job_id for job_id, _ in ours]),
        {"lease": 1, LAST_LEASE: 1, "errors.lease": 1, "errors.kind": 1},
    )
    recorded = {held for document in documents for held in _recorded_under(document)}
    there = {document["_id"] for document in documents} if gone_is_well else None
    return {held for held in ours if held not in recorded and (there is None or held[0] in there)}


def _recorded_under(document: Mapping[str, Any]) -> Iterator[Held]:
    errors = document.get("errors")
    entries = [entry for entry in errors if isinstance(entry, Mapping)] if isinstance(errors, list) else []
    outcomes = [entry.get("lease") for entry in entries if entry.get("kind") != "lost"]
    for token in (document.get("lease"), document.get(LAST_LEASE), *outcomes):
        if isinstance(token, str):
            yield document["_id"], token
