"""One stored job as a command shows it; its payload only when that was asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from memshelf.cli.figures import json_safe, moment, printable, since
from memshelf.cli.tables import state_text

Document = Mapping[str, Any]
PRIVATE = frozenset({"data", "lease", "_id"})
"""What is left out of a view: the payload, the token by which a worker owns the job, and the id, which is `id`."""
FIRST = ("name", "state", "queue", "priority", "runAt", "attempts", "lost", "maxAttempts", "maxLost", "version")
TIMES = ("runAt", "startedAt", "finishedAt", "deadline", "leaseUntil", "expireAt")
ABSENT: dict[str, Any] = {"attempts": 0, "lost": 0, "version": 1, "startedAt": None, "finishedAt": None}


def job_value(document: Document, *, payload: bool = False, errors: bool = True) -> dict[str, Any]:
    """Give a job for JSON, under the names of the stored document."""
    value: dict[str, Any] = {"id": str(document.get("_id"))}
    value.update({key: json_safe(document.get(key)) for key in FIRST if key in document})
    value.update({key: absent for key, absent in ABSENT.items() if key not in document})
    value.update({key: json_safe(item) for key, item in document.items() if key not in PRIVATE and key not in value})
    value["errors"] = [
        {key: json_safe(item) for key, item in entry.items() if key != "lease" and (errors or key not in LONG)}
        for entry in _entries(document)
    ]
    if payload:
        value["data"] = json_safe(document.get("data"))
    return value


LONG = frozenset({"message", "traceback"})
"""What of an error is left out of a list."""


def job_picture(document: Document, now: datetime, *, payload: bool) -> Group:
    """Give a job for people."""
    drawn = Table.grid(padding=(0, 2))
    drawn.add_row("id", Text(printable(document.get("_id"))))
    shown = [key for key in (*FIRST, *sorted(document)) if key in document and key not in (*PRIVATE, "errors")]
    for key in dict.fromkeys(shown):
        drawn.add_row(key, _cell(key, document[key], now))
    parts: list[Any] = [drawn]
    for entry in _entries(document):
        parts.append(Text(f"\n{_heading(entry)}", style="bold red"))
        parts.append(Text(printable(entry.get("traceback") or entry.get("message") or "").rstrip()))
    if payload:
        parts.append(Text("\npayload", style="bold"))
        parts.append(Text(printable(json.dumps(json_safe(document.get("data")), ensure_ascii=False, indent=2))))
    return Group(*parts)


def _cell(key: str, value: Any, now: datetime) -> Text:
    if key == "state":
        return state_text(value)
    if key in TIMES:
        return Text(f"{moment(value)}  ({since(value, now)})" if isinstance(value, datetime) else printable(value))
    plain = isinstance(value, str)
    return Text(printable(value if plain else json.dumps(json_safe(value), ensure_ascii=False)))


def _heading(entry: Document) -> str:
    what = ": ".join(str(part) for part in (entry.get("type"), entry.get("message")) if part)
    return printable(
        f"attempt {entry.get('attempt', '?')}, {entry.get('kind', 'error')}, {moment(entry.get('at'))}: {what}"
    )


def _entries(document: Document) -> list[Document]:
    errors = document.get("errors")
    return [entry for entry in errors if isinstance(entry, Mapping)] if isinstance(errors, list) else []
