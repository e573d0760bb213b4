"""The services of the example application."""

from __future__ import annotations

from pathlib import Path

import pytest
import svcs
from bson import ObjectId
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from werkzeug import Response

from jobs.services import Answer, Documents, HttpClient, Mailer, Templates, file_name, register


def test_every_service_is_configured_by_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EXAMPLE_SMTP_HOST", "mail.example.com")
    monkeypatch.setenv("EXAMPLE_SMTP_PORT", "587")
    monkeypatch.setenv("EXAMPLE_SENDER", "shop@example.com")
    monkeypatch.setenv("EXAMPLE_HTTP_TIMEOUT", "2.5")
    monkeypatch.setenv("EXAMPLE_DOCUMENTS", str(tmp_path))
    registry = svcs.Registry()
    register(registry)
    with svcs.Container(registry) as container:
        assert container.get(Mailer) == Mailer(host="mail.example.com", port=587, sender="shop@example.com")
        assert container.get(HttpClient) == HttpClient(timeout=2.5)
        assert container.get(Documents) == Documents(tmp_path)


def test_a_mailer_does_not_show_its_password() -> None:
    assert "secret" not in repr(Mailer(host="h", port=25, sender="s@example.com", user="u", password="secret"))


def test_the_welcome_template_comes_with_the_example() -> None:
    assert "Welcome!" in (Templates.from_environment().find("welcome") or "")


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "..", "", "welcome.txt", "a/../welcome"])
def test_a_templates_name_never_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "welcome.txt").write_text("Welcome!")
    assert Templates(folder).find(name) is None


def test_an_http_answer_comes_back_whatever_its_status(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/busy").respond_with_response(Response(status=503, headers={"Retry-After": "7"}))
    answer = HttpClient().send("POST", httpserver.url_for("/busy"), headers={}, body=b"{}")
    assert answer == Answer(503, "SERVICE UNAVAILABLE", "7")


def test_a_redirect_is_not_followed(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/old").respond_with_response(Response(status=307, headers={"Location": "/new"}))
    assert HttpClient().send("POST", httpserver.url_for("/old"), headers={}, body=b"{}").status == 307
    assert [request.path for request, _ in httpserver.log] == ["/old"]


def test_a_document_replaces_an_older_one_and_leaves_no_draft(documents: Documents) -> None:
    documents.write("shelf", "a.txt", "old")
    path = documents.write("shelf", "a.txt", "new\r\n")
    assert path.read_bytes() == b"new\r\n"
    assert [entry.name for entry in path.parent.iterdir()] == ["a.txt"]


def test_a_document_that_cannot_be_written_leaves_the_older_one(documents: Documents) -> None:
    path = documents.write("shelf", "a.txt", "old")
    with pytest.raises(UnicodeEncodeError):
        documents.write("shelf", "a.txt", "\ud800")
    assert path.read_text() == "old"
    assert [entry.name for entry in path.parent.iterdir()] == ["a.txt"]


def test_documents_are_read_in_the_order_of_their_names(documents: Documents) -> None:
    for name in ("b.json", "a.json", "c.html"):
        documents.write("shelf", name, name)
    assert list(documents.read("shelf", ".json")) == ["a.json", "b.json"]
    assert list(documents.read("no such shelf", ".json")) == []


def test_an_object_id_names_its_file() -> None:
    job_id = ObjectId()
    assert file_name(job_id) == str(job_id)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_id_gives_one_plain_file_name(key: str) -> None:
    name = file_name(key)
    assert name[0].isalnum()
    assert len(name.encode()) <= 104
    assert not set(name) & set('/\\\0:*?"<>|\n')


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
def test_two_ids_never_share_a_file(one: str, other: str) -> None:
    assert (file_name(one) == file_name(other)) == (one == other)
