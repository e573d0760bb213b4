"""The handler of notification, on a real folder."""

from __future__ import annotations

import asyncio
import json

from generated import NotificationPayload
from jobs.notification import handle
from jobs.services import Documents
from memshelf.testing import fake_context, fake_job


def test_a_message_lies_in_its_users_inbox(documents: Documents) -> None:
    job = fake_job(NotificationPayload(user_id="ada", message="Grüße", link="https://example.com/1"))
    asyncio.run(handle(job, fake_context({Documents: documents})))
    text = (documents.folder / f"inboxes/ada/{job.id}.json").read_text(encoding="utf-8")
    assert json.loads(text) == {
        "id": str(job.id),
        "level": "info",
        "message": "Grüße",
        "link": "https://example.com/1",
    }


def test_a_repeat_leaves_one_message(documents: Documents) -> None:
    job = fake_job(NotificationPayload(user_id="ada", message="Once", level="urgent"))
    for _ in range(2):
        asyncio.run(handle(job, fake_context({Documents: documents})))
    assert len(list((documents.folder / "inboxes/ada").iterdir())) == 1


def test_two_jobs_leave_two_messages(documents: Documents) -> None:
    for text in ("one", "two"):
        job = fake_job(NotificationPayload(user_id="ada", message=text))
        asyncio.run(handle(job, fake_context({Documents: documents})))
    assert len(list((documents.folder / "inboxes/ada").iterdir())) == 2
