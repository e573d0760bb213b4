"""Remove jobs that ended, or have the server remove them by other rules: in batches, each whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from memshelf.call import Flow, call
from memshelf.flows.narrow import narrowed
from memshelf.flows.record import expiry
from memshelf.garbled import one_of
from memshelf.indexes import IDS
from memshelf.retention import OF_A_TICK, TICK_KEPT, Retention, Retentions
from memshelf.states import FINAL, State, source
from memshelf.update import update

BATCH = 1_000
"""Jobs that one call removes or changes."""
Tell = Callable[[int, int], None]
"""Is told how many jobs are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What jobs of one state and name are kept by."""

    state: State
    name: str | None
    """None for all names that no other rule of the state is about."""
    kept: timedelta | None
    """None is for ever."""


def purge(chosen: Mapping[str, Any], limit: int = 0, tell: Tell | None = None) -> Flow[int]:
    """Delete the jobs of a filter that are not running; give how many there were.

    Args:
        chosen: the filter; asked again of each job when it is deleted.
        limit: at most so many, oldest first; 0 is none.
        tell: is called after every batch.
    """
    removed = 0
    ids = yield from _ids({**source("remove"), **chosen}, limit)
    for batch in _batches(ids):
        result = yield call("delete_many", {"$and": [one_of("_id", batch), dict(chosen), source("remove")]}, hint=IDS)
        removed += result.deleted_count
        if tell is not None:
            tell(removed, len(ids))
    return removed


def rules(default: Retention, own: Retentions) -> list[Rule]:
    """Give one rule for each state and name that has its own, and one for the rest of each state."""
    return [
        Rule(state, name, kept.get(state))
        for state in sorted(FINAL)
        for name, kept in ([*own.items(), (None, default)])
    ]


def misruled(rule: Rule, own: Retentions) -> dict[str, Any]:
    """Give the filter for jobs that ended under another rule."""
    named: Any = {"$nin": sorted(own)} if rule.name is None else {"$in": [rule.name]}
    if rule.kept is None:
        wrong: dict[str, Any] = {"expireAt": {"$type": "date"}}
    else:
        kept = round(rule.kept / timedelta(milliseconds=1))
        wrong = {"finishedAt": {"$type": "date"}, "$expr": {"$ne": ["$expireAt", {"$add": ["$finishedAt", kept]}]}}
    if rule.state == "succeeded" and rule.kept is not None and rule.kept < TICK_KEPT:
        wrong["_id"] = {"$not": OF_A_TICK}  # Those are kept a little longer, and then go.
    return {"state": {"$in": [rule.state]}, "name": named, **wrong}


def misruled_ids(rule: Rule, own: Retentions) -> Flow[list[Any]]:
    """Read the jobs that ended under another rule."""
    documents = yield call("find", misruled(rule, own), {"_id": 1})
    return [document["_id"] for document in documents]


def overdue(rule: Rule, own: Retentions, now: datetime) -> Flow[int]:
    """Count those of them that the server would remove at once by the rule."""
    if rule.kept is None:
        return 0
    chosen = {**misruled(rule, own), "finishedAt": {"$lte": now - rule.kept}}
    number: int = yield call("count_documents", chosen)
    return number


def apply_rule(rule: Rule, own: Retentions, ids: Sequence[Any], tell: Callable[[int], None]) -> Flow[int]:
    """Set when the server removes jobs that ended, counted from their end; give how many were changed."""
    kept: Retention = {} if rule.kept is None else {rule.state: rule.kept}
    fields = expiry(rule.state, kept, None, "$finishedAt")
    change = update(fields) if fields else [{"$unset": ["expireAt"]}]
    changed = 0
    for batch in _batches(ids):
        guard = {"$and": [one_of("_id", batch), misruled(rule, own)]}
        result = yield call("update_many", guard, change, hint=IDS)
        changed += result.modified_count
        tell(len(batch))
    return changed


def _ids(chosen: Mapping[str, Any], limit: int) -> Flow[list[Any]]:
    parts = yield from narrowed(chosen)
    found = parts[0] if len(parts) == 1 else chosen
    documents = yield call("find", dict(found), {"_id": 1}, sort=[("_id", 1)], limit=limit)
    return [document["_id"] for document in documents]


def _batches(ids: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for begin in range(0, len(ids), BATCH):
        yield ids[begin : begin + BATCH]
