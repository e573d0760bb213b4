"""What the tests of the example's handlers share: a mail server that remembers, and a folder for documents."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from jobs.services import Documents, Mailer


@dataclass
class MailServer:
    """A real SMTP server; addresses in `refusals` are refused with that answer."""

    port: int = 0
    messages: list[EmailMessage] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.original_content or b""
        self.messages.append(message_from_bytes(content, EmailMessage, policy=policy.default))
        return "250 OK"

    @property
    def mailer(self) -> Mailer:
        return Mailer(host="127.0.0.1", port=self.port, sender="shop@example.com")


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """Give a mail server on a free port."""
    mailbox, loop = MailServer(), asyncio.new_event_loop()
    server = loop.run_until_complete(
        loop.create_server(lambda: SMTP(mailbox, hostname="test", loop=loop), host="127.0.0.1", port=0)
    )
    mailbox.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield mailbox
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    server.close()
    loop.close()


@pytest.fixture
def documents(tmp_path: Path) -> Documents:
    """Give an empty folder of documents."""
    return Documents(tmp_path / "documents")
