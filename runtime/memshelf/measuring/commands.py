"""Count the commands that memshelf sends, by what they are for."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pymongo import monitoring

APART = frozenset({"getMore", "hello", "killCursors", "endSessions"})
"""Commands of the driver and of the change stream."""


class Commands(monitoring.CommandListener):
    """Counts commands to the jobs by their purpose; register it before a client is made."""

    def __init__(self) -> None:
        self.counted: Counter[str] = Counter()
        self.claims = 0
        self.empty_claims = 0
        self._claiming: set[int] = set()

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """Tell what a command is for by what it asks."""
        purpose = _purpose(event.command_name, event.command)
        self.counted[purpose] += 1
        if purpose == "claim":
            self._claiming.add(event.request_id)

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """See whether a claim won anything."""
        if event.request_id in self._claiming:
            self._claiming.discard(event.request_id)
            self.claims += 1
            won = event.reply.get("value") if event.command_name == "findAndModify" else event.reply.get("nModified")
            self.empty_claims += not won

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Forget a command that failed."""
        self._claiming.discard(event.request_id)

    @property
    def of_jobs(self) -> int:
        """Commands that the jobs cost, the stream's, heartbeats and the look for the next due time left out."""
        return sum(self.counted[purpose] for purpose in ("insert", "claim", "candidates", "read back", "record"))


def _purpose(name: str, command: Any) -> str:
    if name in APART:
        return "apart"
    if name == "insert":
        return "insert"
    if name == "findAndModify":
        return "claim"
    if name == "update":
        return _purpose_of_update(str(command["update"]), command["updates"][0])
    if name == "find" and "lease" in command["filter"]:
        return "read back"
    if name == "find" and command.get("hint") == "memshelf_claim":
        return "candidates"
    return "apart"


def _purpose_of_update(collection: str, statement: Any) -> str:
    if collection.endswith(".workers"):
        return "apart"
    if "$expr" in statement["q"]:
        return "claim"
    changed = statement["u"][0]["$set"] if isinstance(statement["u"], list) else {}
    return "record" if "state" in changed else "apart"
