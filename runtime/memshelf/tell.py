"""Tell what happened to a job: the log first, then whoever listens.

The log never holds payload values. An exception's text may quote them, so the log has its class and its place; the text
and the traceback are in the job's `errors`. A reason that a handler gives for a retry or a discard is logged as it is.
"""

from __future__ import annotations

from typing import Any

from memshelf.document import Record
from memshelf.events import Event, EventName, Listeners
from memshelf.job import Job
from memshelf.logs import get, heard
from memshelf.settle import Settlement
from memshelf.states import Action

TOLD: dict[Action, tuple[EventName, ...]] = {
    "succeed": ("succeeded",),
    "retry": ("failed", "retrying"),
    "die": ("failed", "dead"),
    "snooze": ("snoozed",),
    "hand back": ("handed back",),
    "postpone": ("postponed",),
    "quarantine": ("quarantined",),
    "stop": ("cancelled",),
}
LOUD = frozenset({"failed", "dead", "quarantined", "postponed", "lease lost"})


class Teller:
    """Speaks for one worker."""

    def __init__(self, worker: str, listeners: Listeners) -> None:
        self.log = get("memshelf.worker").bind(worker=worker)
        self._listeners = listeners

    def settled(self, job: Job[Any], settlement: Settlement) -> None:
        """Tell what became of a job, after it was recorded."""
        for name in TOLD[settlement.action]:
            self.tell(name, job, settlement)

    def tell(self, name: EventName, job: Job[Any], settlement: Settlement | None = None) -> None:
        """Tell one event."""
        loud = name in LOUD
        if not (self._listeners.hear(name) or heard("memshelf.worker", "warning" if loud else "info")):
            return
        error = settlement.error if settlement is not None else None
        wait = settlement.wait if settlement is not None else None
        fields: dict[str, object] = {"job": str(job.id), "name": job.name, "attempt": job.attempts}
        if error is not None and name not in ("retrying", "dead"):  # These follow `failed`, which has said it.
            fields["error"] = _without_values(error)
        if wait is not None:
            fields["again_in"] = f"{wait.total_seconds():g}s"
        log = self.log.warning if loud else self.log.info
        log("job." + name.replace(" ", "_"), **fields)
        said = "" if error is None else f"{error['type']}: {error['message']}"
        self._listeners.tell(Event(name, job, job.id, job.name, said, wait))


def names(record: Record) -> dict[str, object]:
    """Give the fields that name a job in the log."""
    return {"job": str(record.id), "name": record.name, "attempt": record.attempts}


def _without_values(error: dict[str, Any]) -> str:
    if error["kind"] == "error":
        return f"{error['type']} at {error['place']}"
    return f"{error['type']}: {error['message']}"
