"""The fixtures that memshelf brings to the tests of an application."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]

SETTINGS_TESTS = """
from datetime import timedelta

import pytest
from pymongo import MongoClient

from memshelf import Settings
from memshelf.testing import MovableClock, drain_blocking
from tests.runtime.app.queues import JobQueue
from tests.runtime.app.registry import registry

used = []


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_an_empty_database(memshelf_settings: Settings, turn: int) -> None:
    assert memshelf_settings.database not in used
    used.append(memshelf_settings.database)
    with JobQueue(settings=memshelf_settings) as queue:
        queue.queue_echo({}, id="one")
    assert [job.id for job in drain_blocking(registry, settings=memshelf_settings)] == ["one"]


def test_databases_are_dropped(memshelf_server: str) -> None:
    with MongoClient(memshelf_server) as client:
        assert len(used) == 2
        assert not set(used) & set(client.list_database_names())


def test_settings_come_from_here(memshelf_settings: Settings) -> None:
    assert (memshelf_settings.queues, memshelf_settings.collection) == ((), "jobs")
    assert memshelf_settings.process_every <= timedelta(milliseconds=100)
    assert memshelf_settings.heartbeat_every <= timedelta(seconds=1)


def test_the_clock_moves(memshelf_clock: MovableClock) -> None:
    before = memshelf_clock.now()
    assert memshelf_clock.advance("1 hour") - before >= timedelta(hours=1)
"""


@pytest.fixture
def mongo_and_path(mongo_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMSHELF_TEST_MONGO_URL", mongo_url)
    monkeypatch.setenv("PYTHONPATH", f"{ROOT / 'runtime'}:{ROOT}")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def run(pytester: pytest.Pytester, text: str, *arguments: str) -> pytest.RunResult:
    pytester.makepyfile(text)
    return pytester.runpytest_subprocess("-p", "memshelf.pytest_plugin", "-p", "no:cacheprovider", *arguments)


@pytest.mark.usefixtures("mongo_and_path")
def test_a_test_gets_a_database_settings_and_a_clock(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMSHELF_QUEUES", "nobody-serves-this")
    monkeypatch.setenv("MEMSHELF_COLLECTION", "elsewhere")
    run(pytester, SETTINGS_TESTS, "-W", "error").assert_outcomes(passed=5)


@pytest.mark.usefixtures("mongo_and_path")
def test_without_a_named_server_one_is_started_for_the_session(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MEMSHELF_TEST_MONGO_URL")
    run(
        pytester,
        """
        from pymongo import MongoClient

        urls = set()

        def test_it_takes_writes(memshelf_settings):
            url = memshelf_settings.mongo_url.get_secret_value()
            urls.add(url)
            with MongoClient(url) as client:
                client[memshelf_settings.database].things.insert_one({})

        def test_it_is_one(memshelf_server):
            assert urls == {memshelf_server}
        """,
    ).assert_outcomes(passed=2)


def test_the_fixtures_explain_themselves(pytester: pytest.Pytester, mongo_and_path: None) -> None:
    shown = run(pytester, "", "--fixtures")
    shown.stdout.fnmatch_lines_random(["*memshelf_server*session*", "*memshelf_settings*", "*memshelf_clock*"])
    shown.stdout.no_fnmatch_line("*no docstring*memshelf*")


def test_the_plugin_is_an_entry_point_under_the_name_by_which_p_loads_it_too() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"memshelf.pytest_plugin": "memshelf.pytest_plugin"}
