"""The other ends of the demo's jobs: a mail server and a web server that remember what they were sent."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

NO_SUCH_USER = "nobody@example.com"
"""The one address that the mail server will never take."""


@dataclass(slots=True)
class Receivers:
    """Both servers, with everything that reached them."""

    smtp_port: int = 0
    http_url: str = ""
    messages: list[EmailMessage] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)

    @classmethod
    @contextmanager
    def started(cls) -> Iterator[Receivers]:
        """Run both servers on free ports of the loopback device until the block ends."""
        receivers = cls()
        with _smtp(receivers.messages) as receivers.smtp_port, _http(receivers.calls) as receivers.http_url:
            yield receivers

    def bodies(self, path: str) -> list[Any]:
        """Give the JSON bodies of the calls of one path that were taken."""
        return [call.body for call in self.calls if call.path == path and call.status < 300]


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request, with the status that it was answered with."""

    path: str
    method: str
    headers: dict[str, str]
    body: Any
    status: int


class _Mailbox:
    """Takes every message but those for nobody (RFC 5321, section 4.2.3: 550 is for ever)."""

    def __init__(self, messages: list[EmailMessage]) -> None:
        self._messages = messages

    async def handle_RCPT(  # the name and the arguments are aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address == NO_SUCH_USER:
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        message = message_from_bytes(envelope.original_content or b"", EmailMessage, policy=policy.default)
        self._messages.append(message)
        return "250 Message accepted for delivery"


@contextmanager
def _smtp(messages: list[EmailMessage]) -> Iterator[int]:
    loop = asyncio.new_event_loop()
    mailbox = _Mailbox(messages)
    server = loop.run_until_complete(
        loop.create_server(lambda: SMTP(mailbox, hostname="demo", loop=loop), host="127.0.0.1", port=0)
    )
    thread = threading.Thread(target=loop.run_forever, name="mail server", daemon=True)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        loop.close()


class _Endpoint:
    """A web application: /flaky fails twice, /broken always, /gone for ever; every other path works."""

    def __init__(self, calls: list[Call]) -> None:
        self._calls = calls
        self._visits: Counter[str] = Counter()
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        with self._lock:
            self._visits[request.path] += 1
            response = self._answer(request.path, self._visits[request.path])
            body = json.loads(request.get_data() or b"null")
            call = Call(request.path, request.method, dict(request.headers), body, response.status_code)
            self._calls.append(call)
        return response(environ, start_response)

    @staticmethod
    def _answer(path: str, visit: int) -> Response:
        match path, visit:
            case "/flaky", 1:
                return Response(status=500)
            case "/flaky", 2:
                return Response(status=503, headers={"Retry-After": "1"})
            case "/broken", _:
                return Response(status=500)
            case "/gone", _:
                return Response(status=410)
            case _:
                return Response(status=204)


class _Quiet(WSGIRequestHandler):
    """Keeps the web server's own log out of the picture."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def _http(calls: list[Call]) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, _Endpoint(calls), threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, name="http endpoint", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
