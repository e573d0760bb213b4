"""The services that the example's handlers ask for, configured by EXAMPLE_ environment variables."""

from __future__ import annotations

import os
import smtplib
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from hashlib import sha256
from http.client import HTTPMessage
from pathlib import Path
from typing import IO
from urllib.parse import quote

import svcs


def register(registry: svcs.Registry) -> None:
    """Tell memshelf how each service is made; a factory runs when a handler first asks for its service."""
    registry.register_factory(Mailer, Mailer.from_environment)
    registry.register_factory(Templates, Templates.from_environment)
    registry.register_factory(HttpClient, HttpClient.from_environment)
    registry.register_factory(Documents, Documents.from_environment)


@dataclass(frozen=True, slots=True)
class Mailer:
    """Hands messages to one SMTP server."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 10.0
    """Seconds that one answer may take; less than the job's own timeout, since a thread cannot be stopped."""

    @classmethod
    def from_environment(cls) -> Mailer:
        """Read EXAMPLE_SMTP_HOST, _PORT, _USER, _PASSWORD and EXAMPLE_SENDER."""
        return cls(
            host=os.environ.get("EXAMPLE_SMTP_HOST", "127.0.0.1"),
            port=int(os.environ.get("EXAMPLE_SMTP_PORT", "1025")),
            sender=os.environ.get("EXAMPLE_SENDER", "memshelf@example.com"),
            user=os.environ.get("EXAMPLE_SMTP_USER", ""),
            password=os.environ.get("EXAMPLE_SMTP_PASSWORD", ""),
        )

    def send(self, message: EmailMessage) -> None:
        """Send one message, from the sender of the configuration.

        Raises:
            smtplib.SMTPException: the server refused something.
            OSError: the server cannot be reached.
        """
        message["From"] = self.sender
        with smtplib.SMTP(self.host, self.port, timeout=self.timeout) as smtp:
            if self.user:
                smtp.starttls()
                smtp.login(self.user, self.password)
            smtp.send_message(message)


@dataclass(frozen=True, slots=True)
class Templates:
    """Texts of messages, one file each, found by their names."""

    folder: Path

    @classmethod
    def from_environment(cls) -> Templates:
        """Read EXAMPLE_TEMPLATES, a folder; default `templates` beside this file."""
        return cls(Path(os.environ.get("EXAMPLE_TEMPLATES", Path(__file__).parent / "templates")))

    def find(self, name: str) -> str | None:
        """Give the text of that name, or None; a name never leads out of the folder."""
        known = {path.stem: path for path in self.folder.glob("*.txt")}
        return known[name].read_text(encoding="utf-8") if name in known else None


@dataclass(frozen=True, slots=True)
class Answer:
    """What an HTTP server said."""

    status: int
    reason: str
    retry_after: str | None
    """The header of that name, as it came."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Gives a redirect back as an answer: following one would turn a POST into a GET."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


@dataclass(frozen=True, slots=True)
class HttpClient:
    """Makes single HTTP requests, through the proxy of the environment if there is one."""

    timeout: float = 10.0
    """Seconds that connecting, and every wait for bytes, may take."""

    @classmethod
    def from_environment(cls) -> HttpClient:
        """Read EXAMPLE_HTTP_TIMEOUT, in seconds."""
        return cls(timeout=float(os.environ.get("EXAMPLE_HTTP_TIMEOUT", "10")))

    def send(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send one request and give the answer, whatever its status is.

        Raises:
            OSError: there was no answer; a timeout is one of these.
        """
        request = urllib.request.Request(url, data=body, method=method, headers=dict(headers))
        try:
            with urllib.request.build_opener(_NoRedirects).open(request, timeout=self.timeout) as reply:
                return Answer(reply.status, reply.reason, reply.headers.get("Retry-After"))
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, str(error.reason), error.headers.get("Retry-After"))


@dataclass(frozen=True, slots=True)
class Documents:
    """Keeps documents in one folder; a document is there whole or not at all."""

    folder: Path

    @classmethod
    def from_environment(cls) -> Documents:
        """Read EXAMPLE_DOCUMENTS, a folder; default `var/documents`."""
        return cls(Path(os.environ.get("EXAMPLE_DOCUMENTS", "var/documents")))

    def write(self, shelf: str, name: str, text: str) -> Path:
        """Write a document, over an older one of the same name; readers see the old one or the new one."""
        folder = self.folder / shelf
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / name
        handle, draft = tempfile.mkstemp(dir=folder, prefix=".draft-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, target)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
        return target

    def read(self, shelf: str, suffix: str) -> Iterator[str]:
        """Give the text of every document with that suffix, in the order of their names."""
        for path in sorted((self.folder / shelf).glob(f"[!.]*{suffix}")):
            yield path.read_text(encoding="utf-8")


def file_name(key: object) -> str:
    """Spell a job's id as a file's name: ids may hold any character, and no two texts share a name."""
    name = quote(str(key), safe="")
    return name if name[:1].isalnum() and len(name) <= 100 else f"id%-{sha256(name.encode()).hexdigest()}"
