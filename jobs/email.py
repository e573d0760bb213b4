"""Handle send-email: Send one transactional email."""

import smtplib
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage

from generated import EmailPayload
from jobs.services import Mailer, Templates
from memshelf import MISSING, Context, Discard, Job

IMPORTANCE = {"low": ("low", "5"), "normal": ("normal", "3"), "high": ("high", "1")}
"""The headers Importance (RFC 4021) and X-Priority, which mail programs of different ages read."""


def handle(job: Job[EmailPayload], context: Context) -> None:
    """Send one transactional email."""
    message = compose(job, context.get(Templates))
    try:
        context.get(Mailer).send(message)
    except smtplib.SMTPRecipientsRefused as error:
        [(code, text)] = error.recipients.values()
        if code < 500:
            raise
        raise Discard(f"the server will never take mail for this address: {code} {text!r}") from error
    context.log.info("email.sent", message_id=message["Message-ID"])


def compose(job: Job[EmailPayload], templates: Templates) -> EmailMessage:
    """Make the message; EmailMessage refuses line breaks in headers, so that nobody can slip in a header."""
    payload = job.payload
    message = EmailMessage()
    try:
        message["To"] = Address(addr_spec=payload.to)
        message["Subject"] = payload.subject
    except (ValueError, IndexError, MessageError) as error:
        raise Discard(f"the address or the subject cannot stand in a header: {error}") from error
    # A job runs at least once. A repeat bears the same Message-ID, by which mail servers know it as one.
    message["Message-ID"] = f"<{job.id}@memshelf.example.com>"
    message["Importance"], message["X-Priority"] = IMPORTANCE[payload.priority]
    message.set_content(text_of(payload, templates))
    return message


def text_of(payload: EmailPayload, templates: Templates) -> str:
    """Give the body: the payload's own, or else its template's."""
    if payload.body is not MISSING:
        return payload.body
    if payload.template_id is MISSING:
        return ""
    text = templates.find(payload.template_id)
    if text is None:
        raise Discard("there is no template of that name in the templates folder")
    return text
