"""Handle webhook: Call one HTTP endpoint and tell it what happened."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from generated import WebhookPayload
from jobs.services import Answer, HttpClient
from memshelf import MISSING, Context, Discard, Job, Retry

TRY_AGAIN_STATUSES = {408, 425, 429}
"""The 4xx answers that are about the moment, not about the request (RFC 9110, RFC 6585, RFC 8470)."""

LONGEST_WAIT = timedelta(hours=1)
"""No server gets to park a job for longer, whatever its Retry-After says."""


def handle(job: Job[WebhookPayload], context: Context) -> None:
    """Call one HTTP endpoint and tell it what happened."""
    payload = job.payload
    body = {} if payload.body is MISSING else payload.body
    answer = context.get(HttpClient).send(
        payload.method,
        payload.url,
        headers=headers_of(job),
        body=json.dumps(body, ensure_ascii=False).encode(),
    )
    judge(answer, now=datetime.now(UTC))
    context.log.info("webhook.delivered", status=answer.status)


def headers_of(job: Job[WebhookPayload]) -> dict[str, str]:
    """Give the request's headers; the handler's own win over the payload's."""
    given = {} if job.payload.headers is MISSING else job.payload.headers
    # A job runs at least once. A receiver that remembers this key does its work only once.
    own = {"Content-Type": "application/json", "User-Agent": "memshelf-example", "Idempotency-Key": str(job.id)}
    taken = {name.lower() for name in own}
    return {**{name: value for name, value in given.items() if name.lower() not in taken}, **own}


def judge(answer: Answer, *, now: datetime) -> None:
    """Return if the receiver took the call.

    Raises:
        Retry: it may take it later.
        Discard: it never will, so trying again would only annoy it.
    """
    if 200 <= answer.status < 300:
        return
    reason = f"HTTP {answer.status} {answer.reason}".rstrip()
    if answer.status >= 500 or answer.status in TRY_AGAIN_STATUSES:
        wait = wait_of(answer.retry_after, now=now)
        raise Retry(reason=reason) if wait is None else Retry(after=wait, reason=reason)
    raise Discard(reason)


def wait_of(header: str | None, *, now: datetime) -> timedelta | None:
    """Read a Retry-After header: seconds or a date (RFC 9110, section 10.2.3); None if it says nothing usable."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    if until.tzinfo is None:  # RFC 5322 writes "-0000" for UTC of an unknown place
        until = until.replace(tzinfo=UTC)
    return min(max(until - now, timedelta()), LONGEST_WAIT)
