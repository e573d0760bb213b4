"""What happens in the demo: each scene queues one job and says how it has to end."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bson import ObjectId
from pymongo import MongoClient

from generated import BillingInvoicePayloadDict, EmailPayload, JobQueue
from memshelf import Job, JobHandle, PayloadError, Settings
from memshelf.states import State
from receivers import Receivers

INVOICE: BillingInvoicePayloadDict = {
    "number": "INV-2025-0042",
    "issuedOn": "2025-03-14",
    "customer": {"name": "Ada Lovelace", "lines": ["12 St James's Square"], "city": "London", "country": "GB"},
    "sections": [
        {
            "title": "Order 1042",
            "lines": [
                {
                    "text": "Punched cards, 500 pieces",
                    "quantity": 3,
                    "unitPrice": {"amount": "19.90", "currency": "GBP"},
                },
                {
                    "text": "Brass gears",
                    "quantity": 1.5,
                    "unitPrice": {"amount": "240", "currency": "GBP"},
                    "discounts": [{"reason": "Early payment", "percent": 2.5}],
                },
            ],
        }
    ],
    "vatPercent": 20,
    "payment": {"kind": "card", "brand": "visa", "last4": "4242"},
}
GROSS = "492.84"
"""What both lines come to: (3 × 19.90 + 1.5 × 240 × 0.975) × 1.2."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What the scenes play with, and where they leave their traces."""

    queue: JobQueue
    receivers: Receivers
    folder: Path
    settings: Settings

    @property
    def documents(self) -> Path:
        """Where the handlers write documents."""
        return self.folder / "documents"

    def subjects(self) -> list[str]:
        """Give the subjects of the messages that arrived."""
        return [str(message["Subject"]) for message in self.receivers.messages]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One job: how it is queued, how it has to end, and what else must then be true."""

    title: str
    begin: Callable[[Stage], JobHandle[Any]]
    state: State
    attempts: int
    proof: Callable[[Stage, Job[Any]], bool]

    def holds(self, stage: Stage, job: Job[Any]) -> bool:
        """Tell whether the job ended as it had to."""
        return (job.state, job.attempts) == (self.state, self.attempts) and self.proof(stage, job)


def scenes() -> Sequence[Scene]:
    """Give the scenes, in the order in which their jobs are queued."""
    return (
        Scene(
            title="e-mail, from a model",
            begin=lambda stage: stage.queue.queue_email(EmailPayload(to="ada@example.com", subject="Hello, Ada")),
            state="succeeded",
            attempts=1,
            proof=lambda stage, job: "Hello, Ada" in stage.subjects(),
        ),
        Scene(
            title="e-mail, in 2 seconds",
            begin=lambda stage: stage.queue.schedule_email(
                "in 2 seconds", {"to": "ada@example.com", "subject": "Two seconds later", "templateId": "welcome"}
            ),
            state="succeeded",
            attempts=1,
            proof=lambda stage, job: job.started_at is not None and "Two seconds later" in stage.subjects(),
        ),
        Scene(
            title="web hook, fails twice",
            begin=lambda stage: stage.queue.queue_webhook(
                {"url": f"{stage.receivers.http_url}/flaky", "body": {"event": "order.paid", "order": 42}}
            ),
            state="succeeded",
            attempts=3,
            proof=lambda stage, job: stage.receivers.bodies("/flaky") == [{"event": "order.paid", "order": 42}],
        ),
        Scene(
            title="web hook, always fails",
            begin=lambda stage: stage.queue.queue_webhook({"url": f"{stage.receivers.http_url}/broken"}),
            state="dead",
            attempts=4,
            proof=lambda stage, job: len(job.errors) == 4,
        ),
        Scene(
            title="web hook, address is gone",
            begin=lambda stage: stage.queue.queue_webhook({"url": f"{stage.receivers.http_url}/gone"}),
            state="dead",
            attempts=1,
            proof=lambda stage, job: "410" in job.errors[-1].message,
        ),
        Scene(
            title="notification",
            begin=lambda stage: stage.queue.queue_notification({"userId": "ada", "message": "Your invoice is ready."}),
            state="succeeded",
            attempts=1,
            proof=lambda stage, job: "ready" in (stage.documents / f"inboxes/ada/{job.id}.json").read_text(),
        ),
        Scene(
            title="invoice",
            begin=lambda stage: stage.queue.queue_billing_invoice(INVOICE, id=f"invoice/{INVOICE['number']}"),
            state="succeeded",
            attempts=1,
            proof=lambda stage, job: invoiced(stage.documents) == [GROSS],
        ),
        Scene(
            title="report, in 3 seconds",
            begin=lambda stage: stage.queue.schedule_report("in 3 seconds", {"from": "2025-01-01", "to": "2025-12-31"}),
            state="succeeded",
            attempts=1,
            proof=lambda stage, job: reported(stage.documents) == [("2025-03", "GBP", GROSS)],
        ),
        Scene(
            title="e-mail, cancelled",
            begin=cancelled_email,
            state="cancelled",
            attempts=0,
            proof=lambda stage, job: "Never sent" not in stage.subjects(),
        ),
        Scene(
            title="e-mail past the queue",
            begin=foreign_email,
            state="quarantined",
            attempts=0,
            proof=lambda stage, job: "subject" in job.errors[-1].message,
        ),
    )


def refused(stage: Stage) -> tuple[str, str]:
    """Queue an e-mail that is not valid; give the call and what it said.

    Raises:
        AssertionError: it was taken.
    """
    payload: Any = {"to": "ada at example.com", "priority": "urgent", "color": "red"}
    try:
        stage.queue.queue_email(payload)
    except PayloadError as error:
        return f"queue.queue_email({json.dumps(payload)})", str(error)
    raise AssertionError("a payload that is not valid was queued")


def cancelled_email(stage: Stage) -> JobHandle[EmailPayload]:
    """Schedule an e-mail and think better of it."""
    job = stage.queue.schedule_email("tomorrow at noon", {"to": "ada@example.com", "subject": "Never sent"})
    job.cancel()
    return job


def foreign_email(stage: Stage) -> JobHandle[Any]:
    """Insert a job past the queue, as a program in another language would that never looked at the schema."""
    settings, job_id = stage.settings, ObjectId()
    document = {
        "_id": job_id,
        "name": "send-email",
        "data": {"to": "ada@example.com"},
        "state": "ready",
        "queue": "default",
        "priority": 5,
        "runAt": datetime.now(UTC),
    }
    with MongoClient[dict[str, Any]](settings.mongo_url.get_secret_value()) as client:
        client[settings.database][settings.collection].insert_one(document)
    return stage.queue.get(job_id)


def invoiced(documents: Path) -> list[str]:
    """Give the totals of the invoices that have both a page and a record."""
    pages = {path.stem: path.read_text(encoding="utf-8") for path in (documents / "invoices").glob("*.html")}
    records = [json.loads((documents / f"invoices/{name}.json").read_text(encoding="utf-8")) for name in pages]
    return [record["gross"] for record in records if any(record["gross"] in page for page in pages.values())]


def reported(documents: Path) -> list[tuple[str, str, str]]:
    """Give group, currency and total of the rows of every report."""
    return [
        (row["group"], row["currency"], row["gross"])
        for path in (documents / "reports").glob("*.csv")
        for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    ]
