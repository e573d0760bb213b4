"""The handler of send-email, against a real mail server."""

from __future__ import annotations

import smtplib
from pathlib import Path

import pytest

from generated import EmailPayload
from jobs.email import handle
from jobs.services import Mailer, Templates
from memshelf import Context, Discard
from memshelf.testing import fake_context, fake_job
from tests.jobs.conftest import MailServer


@pytest.fixture
def context(mail_server: MailServer, tmp_path: Path) -> Context:
    (tmp_path / "receipt.txt").write_text("Thank you for your money.\n", encoding="utf-8")
    return fake_context({Mailer: mail_server.mailer, Templates: Templates(tmp_path)})


def test_a_message_arrives_as_it_was_queued(mail_server: MailServer, context: Context) -> None:
    payload = EmailPayload(to="ada@example.com", subject="Grüße aus Köln ✉", body="Zeile eins\n\nZeile drei\n")
    handle(fake_job(payload), context)
    [message] = mail_server.messages
    assert (message["To"], message["From"], message["Subject"]) == (
        "ada@example.com",
        "shop@example.com",
        "Grüße aus Köln ✉",
    )
    assert message.get_content().replace("\r\n", "\n") == "Zeile eins\n\nZeile drei\n"


def test_a_repeat_bears_the_same_message_id(mail_server: MailServer, context: Context) -> None:
    job = fake_job(EmailPayload(to="ada@example.com", subject="Once"))
    handle(job, context)
    handle(job, context)
    first, second = mail_server.messages
    assert first["Message-ID"] == second["Message-ID"]
    assert str(job.id) in first["Message-ID"]


@pytest.mark.parametrize(("priority", "importance"), [("low", "low"), ("normal", "normal"), ("high", "high")])
def test_the_priority_is_the_importance(
    mail_server: MailServer, context: Context, priority: str, importance: str
) -> None:
    payload = EmailPayload.model_validate({"to": "ada@example.com", "subject": "Now", "priority": priority})
    handle(fake_job(payload), context)
    assert mail_server.messages[0]["Importance"] == importance


def test_an_absent_priority_is_normal(mail_server: MailServer, context: Context) -> None:
    handle(fake_job(EmailPayload(to="ada@example.com", subject="Hi")), context)
    assert mail_server.messages[0]["Importance"] == "normal"


def test_the_template_is_the_body(mail_server: MailServer, context: Context) -> None:
    handle(fake_job(EmailPayload(to="ada@example.com", subject="Hi", template_id="receipt")), context)
    assert "Thank you for your money." in mail_server.messages[0].get_content()


def test_a_template_that_is_not_there_ends_the_job(mail_server: MailServer, context: Context) -> None:
    with pytest.raises(Discard, match="no template"):
        handle(fake_job(EmailPayload(to="ada@example.com", subject="Hi", template_id="../receipt")), context)
    assert mail_server.messages == []


@pytest.mark.parametrize("subject", ["Hi\nBcc: all@example.com", "Hi\r\n\r\nAnother body", "Hi\rX: y"])
def test_a_subject_cannot_bring_headers_along(mail_server: MailServer, context: Context, subject: str) -> None:
    with pytest.raises(Discard, match="header"):
        handle(fake_job(EmailPayload(to="ada@example.com", subject=subject)), context)
    assert mail_server.messages == []


@pytest.mark.parametrize(
    "address", ["a@example.com, b@example.com", "a@example.com\nBcc: b@example.com", "", "@", '"\r\nX: y"@example.com']
)
def test_an_address_is_one_address(mail_server: MailServer, context: Context, address: str) -> None:
    with pytest.raises(Discard, match="header"):
        handle(fake_job(EmailPayload(to=address, subject="Hi")), context)
    assert mail_server.messages == []


def test_an_address_that_is_refused_for_ever_ends_the_job(mail_server: MailServer, context: Context) -> None:
    mail_server.refusals["nobody@example.com"] = "550 no such user"
    with pytest.raises(Discard, match="550"):
        handle(fake_job(EmailPayload(to="nobody@example.com", subject="Hi")), context)


def test_an_address_that_is_refused_for_now_is_tried_again(mail_server: MailServer, context: Context) -> None:
    mail_server.refusals["full@example.com"] = "452 mailbox full"
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        handle(fake_job(EmailPayload(to="full@example.com", subject="Hi")), context)


def test_a_server_that_is_away_is_tried_again(tmp_path: Path, unused_tcp_port: int) -> None:
    mailer = Mailer(host="127.0.0.1", port=unused_tcp_port, sender="shop@example.com")
    with pytest.raises(OSError, match="refused"):
        handle(
            fake_job(EmailPayload(to="ada@example.com", subject="Hi")),
            fake_context({Mailer: mailer, Templates: Templates(tmp_path)}),
        )
