"""The life of a job as one table: which action may move it from which state to which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

State: TypeAlias = Literal["ready", "running", "succeeded", "dead", "cancelled", "quarantined"]
Action: TypeAlias = Literal[
    "claim",
    "succeed",
    "retry",
    "die",
    "snooze",
    "hand back",
    "postpone",
    "quarantine",
    "set aside",
    "rescue",
    "lose",
    "stop",
    "cancel",
    "request cancellation of",
    "reschedule",
    "replay",
    "remove",
]

STATES: tuple[State, ...] = get_args(State)
FINAL: frozenset[State] = frozenset({"succeeded", "dead", "cancelled", "quarantined"})
"""The states that a job leaves only by a replay."""


@dataclass(frozen=True, slots=True)
class Move:
    """One legal move: from any of `sources` to `target`; a target of None removes the job."""

    sources: tuple[State, ...]
    target: State | None
    why: str


MOVES: dict[Action, Move] = {
    "claim": Move(("ready",), "running", "a worker takes the job under a fresh lease; the attempt is counted"),
    "succeed": Move(("running",), "succeeded", "the handler returned"),
    "retry": Move(("running",), "ready", "the handler failed and has retries left; runAt moves by the backoff"),
    "die": Move(("running",), "dead", "the handler failed for the last time, or discarded the job"),
    "snooze": Move(("running",), "ready", "the handler asked for later; the attempt is given back"),
    "hand back": Move(("running",), "ready", "the worker stops; the attempt is given back, first in line again"),
    "postpone": Move(("running",), "ready", "another version's payload; the attempt is given back"),
    "quarantine": Move(
        ("running",), "quarantined", "the payload is invalid or cannot be decoded; no attempt is charged"
    ),
    "set aside": Move(
        ("ready", "running"), "quarantined", "a malformed field keeps it out of reach; found by the slow sweep"
    ),
    "rescue": Move(("running",), "ready", "the lease ended without an outcome; the loss is counted"),
    "lose": Move(("running",), "dead", "the lease ended without an outcome once too often"),
    "stop": Move(("running",), "cancelled", "the cancellation that was requested took effect"),
    "cancel": Move(("ready",), "cancelled", "nobody wants it any more"),
    "request cancellation of": Move(("running",), "running", "the worker is asked to stop the handler"),
    "reschedule": Move(("ready",), "ready", "runAt moves"),
    "replay": Move(("dead", "cancelled", "quarantined"), "ready", "counters start again, the history stays"),
    "remove": Move(("ready", "succeeded", "dead", "cancelled", "quarantined"), None, "the document is deleted"),
}


def source(action: Action) -> dict[str, object]:
    """Give the filter on `state` that an action's write must carry."""
    sources = MOVES[action].sources
    return {"state": sources[0] if len(sources) == 1 else {"$in": list(sources)}}


def target(action: Action) -> State:
    """Give the state that an action leads to.

    Raises:
        ValueError: the action removes the job.
    """
    state = MOVES[action].target
    if state is None:
        raise ValueError(f"{action} leaves no job behind")
    return state
