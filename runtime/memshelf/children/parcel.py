"""An outcome as data, for its way from a child process to the worker."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, assert_never

from memshelf.errors import Problem
from memshelf.outcome import (
    Discarded,
    Failed,
    Fault,
    HandedBack,
    Outcome,
    Postponed,
    Rejected,
    Snoozed,
    Stopped,
    Succeeded,
)
from memshelf.settle import TEXT_LIMIT, storable

_TICK = timedelta(microseconds=1)


def pack(outcome: Outcome) -> dict[str, Any]:
    """Give an outcome as a document; texts are cut to what is stored of them."""
    match outcome:
        case Succeeded():
            return {"is": "succeeded"}
        case Failed(fault, kind, after):
            said = [storable(each)[:TEXT_LIMIT] for each in (fault.type, fault.message, fault.place)]
            trace = storable(fault.traceback)[-TEXT_LIMIT:]
            return {"is": "failed", "said": said, "traceback": trace, "kind": kind, "after": _ticks(after)}
        case Discarded(reason):
            return {"is": "discarded", "reason": storable(reason)[:TEXT_LIMIT]}
        case Snoozed(wait):
            return {"is": "snoozed", "wait": _ticks(wait)}
        case HandedBack():
            return {"is": "handed back"}
        case Stopped():
            return {"is": "stopped"}
        case Rejected(problems, kind):
            listed = [[storable(each.path), storable(each.message)] for each in problems]
            return {"is": "rejected", "problems": listed, "kind": kind}
        case Postponed(reason):
            return {"is": "postponed", "reason": storable(reason)}
        case _:
            assert_never(outcome)


def unpack(document: Mapping[str, Any]) -> Outcome:
    """Read an outcome that was packed."""
    match document["is"]:
        case "succeeded":
            return Succeeded()
        case "failed":
            type_name, message, place = document["said"]
            fault = Fault(type_name, message, document["traceback"], place)
            return Failed(fault, document["kind"], _time(document["after"]))
        case "discarded":
            return Discarded(document["reason"])
        case "snoozed":
            return Snoozed(document["wait"] * _TICK)
        case "handed back":
            return HandedBack()
        case "stopped":
            return Stopped()
        case "rejected":
            return Rejected([Problem(path, message) for path, message in document["problems"]], document["kind"])
        case "postponed":
            return Postponed(document["reason"])
    raise ValueError(f"no outcome is called {document['is']!r}")


def _ticks(time: timedelta | None) -> int | None:
    return None if time is None else time // _TICK


def _time(ticks: int | None) -> timedelta | None:
    return None if ticks is None else ticks * _TICK
