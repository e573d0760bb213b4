"""Which stored jobs something is about: a typed filter, and the query that it means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from memshelf.errors import InputError
from memshelf.jobtype import Catalog, wire_names
from memshelf.states import STATES, State

Moment: TypeAlias = datetime | timedelta
"""An aware datetime, or a timedelta: that long ago."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFilter:
    """Chooses jobs; a job must fit everything that is given, and one of the values where several are given."""

    states: State | Sequence[State] = ()
    """The states; whoever takes a filter says what is meant where none is given."""
    names: str | Sequence[str] = ()
    """Names on the wire, previous names or schema paths."""
    queues: str | Sequence[str] = ()
    """The names of queues."""
    since: Moment | None = None
    """Only jobs that finished then or later; of those that wait, only what was due then or later."""
    until: Moment | None = None
    """Only jobs that finished, or were due, before then."""
    error: str = ""
    """The class of the last error, exactly: `SMTPServerDisconnected`."""
    text: str = ""
    """Part of the last error's message."""
    place: str = ""
    """Part of the place where the last error was raised: `jobs/email.py`, or `jobs/email.py:31 in handle`."""

    def within(self, allowed: Sequence[State], *, otherwise: State | Sequence[State]) -> JobFilter:
        """Give the filter with its states, or with others where it has none.

        Raises:
            InputError: a state is not among those that are allowed.
        """
        states = _several(self.states) or _several(otherwise)
        for state in states:
            if state not in allowed:
                raise InputError(f"state {state}: must be {', '.join(allowed[:-1])} or {allowed[-1]}")
        return replace(self, states=states)

    def query(self, now: datetime, catalog: Catalog | None = None) -> dict[str, Any]:
        """Give the query.

        Args:
            now: from which a timedelta counts back.
            catalog: lets a name be a schema's path or a previous name too.

        Raises:
            InputError: there is no such state, or a time is naive.
        """
        asked: dict[str, Any] = {}
        if states := _several(self.within(STATES, otherwise=()).states):
            asked["state"] = {"$in": states}
        if names := _several(self.names):
            asked["name"] = {"$in": [wire for name in names for wire in wire_names(name, catalog)]}
        if queues := _several(self.queues):
            asked["queue"] = {"$in": queues}
        window = {
            comparison: _instant(name, moment, now)
            for name, comparison, moment in (("since", "$gte", self.since), ("until", "$lt", self.until))
            if moment is not None
        }
        if window:
            asked["$or"] = [{"finishedAt": window}, {"finishedAt": {"$exists": False}, "runAt": window}]
        conditions = [
            *([_last("type", {"$eq": ["$$said", {"$literal": self.error}]})] if self.error else []),
            *([_last("message", _contains(self.text))] if self.text else []),
            *([_last("place", _contains(self.place))] if self.place else []),
        ]
        if conditions:
            asked["$expr"] = {"$and": conditions}
        return asked


def _several(given: Any) -> list[Any]:
    return [given] if isinstance(given, str) else list(given)


def _instant(name: str, moment: Moment, now: datetime) -> datetime:
    if isinstance(moment, timedelta):
        return now - moment
    if moment.utcoffset() is None:
        raise InputError(f"{name}: must be an aware datetime, such as datetime.now(UTC), or a timedelta")
    return moment


def _last(name: str, condition: dict[str, Any]) -> dict[str, Any]:
    """Ask something of a text in the last error, the one of which the job died."""
    entry = {"$last": {"$cond": [{"$isArray": "$errors"}, "$errors", []]}}
    said = {"$let": {"vars": {"entry": entry}, "in": f"$$entry.{name}"}}
    text = {"$cond": [{"$eq": [{"$type": "$$found"}, "string"]}, "$$found", ""]}
    return {
        "$let": {
            "vars": {"said": {"$let": {"vars": {"found": said}, "in": text}}},
            "in": condition,
        }
    }


def _contains(part: str) -> dict[str, Any]:
    return {"$gte": [{"$indexOfCP": ["$$said", {"$literal": part}]}, 0]}
