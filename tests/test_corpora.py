"""The corpora are what was pinned, and a corpus that cannot be had is never passed over in silence."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from tests import corpora
from tests.corpora import SUITE, Archive, Unavailable, fetch, read


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty folder for archives, and an index that has none."""
    monkeypatch.setattr(corpora, "FOLDER", tmp_path)
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    return tmp_path


def test_the_suite_holds_the_tests_of_each_draft() -> None:
    paths = read(SUITE, "json/tests/")
    assert {"draft7", "draft2019-09", "draft2020-12"} <= {path.split("/")[2] for path in paths}
    assert b'"description"' in paths["json/tests/draft2020-12/ref.json"]


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_a_missing_archive_fails_under_ci_and_skips_elsewhere(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch, ci: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match=r"jsonschema-0\.tar\.gz cannot be fetched"):
        read(dataclasses.replace(SUITE, version="0", file="jsonschema-0.tar.gz"))
    assert list(elsewhere.iterdir()) == []


def test_an_archive_that_was_changed_is_not_read(elsewhere: Path) -> None:
    archive = Archive("thing", "1", "thing-1.tar.gz", sha256="0" * 64)
    (elsewhere / archive.file).write_bytes(b"something else")
    with pytest.raises(Unavailable, match="cannot be fetched"):
        fetch(archive)
