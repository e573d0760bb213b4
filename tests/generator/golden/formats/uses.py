"""Use what is generated as people do; a wrong use is marked, and the type checkers must agree that it is wrong."""

from __future__ import annotations

import datetime
import ipaddress
import uuid

from formats_generated import OlderPayload, VisitPayload, VisitPayloadDict
from formats_generated.models.visit import DateTextModel

from memshelf import MISSING
from memshelf.formats import DateTimeText, Duration, UuidText

WINDOW = DateTextModel(opens="2026-01-01")
TEXTS = VisitPayload(
    at="2026-03-29T01:30:00+01:00",
    by="2eb8aa08-aa98-11ea-b4aa-73b441d16380",
    self="#top",
    length=None,
    alarms=["08:30:00Z"],
    hosts={"a": "192.0.2.1"},
    gateway="::1",
    until="open",
    links=[["https://example.com/", 1], [2]],
    window=WINDOW,
)
EMPTY = VisitPayload(at="", by="", window=WINDOW, alarms=[], hosts={}, links=[])
AGAIN = VisitPayload(at=TEXTS.at, by=UuidText(TEXTS.by), alarms=TEXTS.alarms, until=TEXTS.at, window=TEXTS.window, links=TEXTS.links)
DICT: VisitPayloadDict = {"at": "2026-03-29T01:30:00Z", "by": "", "window": {"opens": "2026-01-01"}}
NUMBER = VisitPayload(at=1, by="", window=WINDOW)  # type: ignore[arg-type]
NOTHING = VisitPayload(by="", window=WINDOW)  # type: ignore[call-arg]
UNKNOWN = VisitPayload(at="", by="", window=WINDOW, more=1)  # type: ignore[call-arg]
OPEN = DateTextModel(opens="2026-01-01", more=1)  # type: ignore[call-arg]


def read(payload: VisitPayload, older: OlderPayload) -> None:
    moment: datetime.datetime = payload.at.value
    identifier: uuid.UUID = payload.by.value
    day: datetime.date = payload.day.value
    opens: datetime.date = payload.window.opens.value
    alarms: list[datetime.time] = [alarm.value for alarm in payload.alarms]
    text: str = payload.at
    print(moment, identifier, day, opens, alarms, text)
    if payload.length is not None:
        length: Duration = payload.length.value
        print(length.timedelta())
    if payload.hosts is not MISSING:
        host: ipaddress.IPv4Address = payload.hosts["a"].value
        print(host)
    if payload.gateway is not MISSING and payload.gateway is not None:
        gateway: ipaddress.IPv6Address = payload.gateway.value
        print(gateway)
    if isinstance(payload.until, DateTimeText):
        until: datetime.datetime = payload.until.value
        print(until)
    if payload.either is not MISSING:
        print(payload.either.value)  # type: ignore[attr-defined]
    if older.by is not MISSING:
        print(older.by.value)  # type: ignore[attr-defined]
    wrong: datetime.date = payload.alarms[0].value  # type: ignore[assignment]
    print(wrong)
