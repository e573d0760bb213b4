"""The handler of webhook, against a real web server."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from generated import WebhookPayload
from jobs.services import HttpClient
from jobs.webhook import LONGEST_WAIT, handle, wait_of
from memshelf import Discard, Job, Retry
from memshelf.testing import fake_context, fake_job

NOW = datetime(2025, 3, 14, 12, tzinfo=UTC)
CONTEXT = fake_context({HttpClient: HttpClient(timeout=5)})


def webhook(url: str, **fields: Any) -> Job[WebhookPayload]:
    """Give a job that calls a URL."""
    return fake_job(WebhookPayload.model_validate({"url": url, **fields}))


def test_the_body_arrives_as_json(httpserver: HTTPServer) -> None:
    body = {"event": "order.paid", "order": 42, "note": "Grüße", "deep": [{"a": None}]}
    httpserver.expect_oneshot_request("/hook", method="POST", json=body).respond_with_response(Response(status=204))
    handle(webhook(httpserver.url_for("/hook"), body=body), CONTEXT)
    httpserver.check()


def test_an_absent_body_is_an_empty_object(httpserver: HTTPServer) -> None:
    httpserver.expect_oneshot_request("/hook", method="PUT", json={}).respond_with_data("fine")
    handle(webhook(httpserver.url_for("/hook"), method="PUT"), CONTEXT)
    httpserver.check()


def test_a_repeat_bears_the_same_key(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/hook").respond_with_data("fine")
    job = webhook(httpserver.url_for("/hook"))
    handle(job, CONTEXT)
    handle(job, CONTEXT)
    assert [request.headers["Idempotency-Key"] for request, _ in httpserver.log] == [str(job.id)] * 2


def test_headers_of_the_payload_cannot_replace_the_handlers_own(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/hook").respond_with_data("fine")
    handle(webhook(httpserver.url_for("/hook"), headers={"X-Tenant": "acme", "idempotency-KEY": "mine"}), CONTEXT)
    [(request, _)] = httpserver.log
    assert request.headers["X-Tenant"] == "acme"
    assert request.headers["Idempotency-Key"] != "mine"


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408, 425, 429])
def test_an_answer_about_the_moment_is_tried_again(httpserver: HTTPServer, status: int) -> None:
    httpserver.expect_request("/hook").respond_with_response(Response(status=status))
    with pytest.raises(Retry, match=str(status)) as raised:
        handle(webhook(httpserver.url_for("/hook")), CONTEXT)
    assert raised.value.after is None


@pytest.mark.parametrize("status", [400, 401, 404, 405, 410, 422, 301, 304])
def test_an_answer_about_the_request_ends_the_job(httpserver: HTTPServer, status: int) -> None:
    httpserver.expect_request("/hook").respond_with_response(Response(status=status))
    with pytest.raises(Discard, match=str(status)):
        handle(webhook(httpserver.url_for("/hook")), CONTEXT)


def test_the_receiver_says_when_to_try_again(httpserver: HTTPServer) -> None:
    busy = Response(status=503, headers={"Retry-After": "120"})
    httpserver.expect_request("/hook").respond_with_response(busy)
    with pytest.raises(Retry) as raised:
        handle(webhook(httpserver.url_for("/hook")), CONTEXT)
    assert raised.value.after == timedelta(minutes=2)


def test_a_receiver_that_is_away_is_tried_again(unused_tcp_port: int) -> None:
    with pytest.raises(OSError, match="refused"):
        handle(webhook(f"http://127.0.0.1:{unused_tcp_port}/hook"), CONTEXT)


def test_a_receiver_that_says_nothing_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        context = fake_context({HttpClient: HttpClient(timeout=0.2)})
        with pytest.raises(TimeoutError):
            handle(webhook(f"http://127.0.0.1:{port}/hook"), context)


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        (None, None),
        ("0", timedelta()),
        ("120", timedelta(minutes=2)),
        (" 7 ", timedelta(seconds=7)),
        ("99999999999999999999", LONGEST_WAIT),
        ("Fri, 14 Mar 2025 12:00:30 GMT", timedelta(seconds=30)),
        ("Fri, 14 Mar 2025 12:00:30 -0000", timedelta(seconds=30)),
        ("Fri, 14 Mar 2025 11:00:00 GMT", timedelta()),
        ("Sun, 14 Mar 2027 12:00:00 GMT", LONGEST_WAIT),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("²", None),
        ("", None),
    ],
)
def test_retry_after_is_read_as_rfc_9110_says(header: str | None, wait: timedelta | None) -> None:
    assert wait_of(header, now=NOW) == wait
