"""Use what is generated as people do; a wrong use is marked, and the type checkers must agree that it is wrong."""

from __future__ import annotations

from datetime import timedelta

from simple_generated import AsyncJobQueue, EmailPayload, EmailPayloadDict, JobQueue
from simple_generated.registry import registry

import memshelf
from memshelf import MISSING


def queue_jobs(queue: JobQueue, letter: EmailPayloadDict) -> None:
    job = queue.queue_email(EmailPayload(to="a@example.com", subject="Hi"), priority=9, queue="mail")
    queue.queue_email({"to": "a@example.com", "subject": "Hi", "templateId": "t"}, id="letter-1")
    queue.queue_email_many([letter, EmailPayload(to="a", subject="b", template_id="t", priority="high")])
    queue.schedule_email("in 30 minutes", letter)
    queue.schedule_email(timedelta(hours=1), letter, meta={"trace": 1})
    template = job.payload.template_id
    if template is not MISSING:
        print(template.upper())
    print(job.payload.to.upper(), job.payload.priority, len(registry.names()))

    queue.queue_email({"to": "a@example.com"})  # type: ignore[arg-type]
    print(memshelf.Worker, memshelf.Nothing)  # type: ignore[attr-defined]
    queue.queue_email(EmailPayload(to="a"))  # type: ignore[call-arg]
    queue.queue_email(EmailPayload(to="a", subject="b", priority="urgent"))  # type: ignore[arg-type]
    queue.queue_email(letter, priorty=1)  # type: ignore[call-arg]
    queue.queue_email_many([letter], id="letter-1")  # type: ignore[call-arg]
    job.payload.template_id.upper()  # type: ignore[union-attr]


async def queue_jobs_later(queue: AsyncJobQueue, letter: EmailPayloadDict) -> None:
    job = await queue.queue_email(letter)
    jobs = await queue.queue_email_many([letter])
    later = await queue.schedule_email("tomorrow at noon", EmailPayload(to="a", subject="b"))
    await job.cancel()
    print(jobs[0].payload.subject.upper(), later.payload.body)
