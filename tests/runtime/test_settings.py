"""The settings of a process: where they come from, what is refused, and that no credential is shown."""

from __future__ import annotations

import os
import pickle
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from memshelf.errors import InputError, SettingsError
from memshelf.settings import OTHERS, Settings, variable
from memshelf.variables import mask

SECRET = "hunter2"
DOCS = Path(__file__).parents[2] / "docs" / "settings.md"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*map(variable, Settings.model_fields), *OTHERS]:
        monkeypatch.delenv(name, raising=False)


def refused(**overrides: Any) -> str:
    with pytest.raises(SettingsError) as caught:
        Settings.load(**overrides)
    return str(caught.value)


def test_the_defaults_serve_a_laptop() -> None:
    settings = Settings.load()
    assert settings.shown() == {
        "MEMSHELF_MONGO_URL": "mongodb://127.0.0.1:27017",
        "MEMSHELF_DATABASE": "memshelf",
        "MEMSHELF_COLLECTION": "jobs",
        "MEMSHELF_QUEUES": "",
        "MEMSHELF_MAX_CONCURRENCY": "20",
        "MEMSHELF_MAX_PROCESSES": str(len(os.sched_getaffinity(0))),
        "MEMSHELF_CHILD_JOBS": "1000",
        "MEMSHELF_CHILD_MEMORY_MB": "0",
        "MEMSHELF_PROCESS_EVERY": "5s",
        "MEMSHELF_CHANGE_STREAMS": "true",
        "MEMSHELF_LEASE": "30s",
        "MEMSHELF_HEARTBEAT_EVERY": "10s",
        "MEMSHELF_GRACE_PERIOD": "30s",
        "MEMSHELF_KEEP_SUCCEEDED": "7d",
        "MEMSHELF_KEEP_CANCELLED": "7d",
        "MEMSHELF_KEEP_DEAD": "forever",
        "MEMSHELF_KEEP_QUARANTINED": "forever",
        "MEMSHELF_SCHEMA_DRIFT": "warn",
        "MEMSHELF_TIMEZONE": "UTC",
        "MEMSHELF_MAX_POOL_SIZE": "100",
        "MEMSHELF_MIN_POOL_SIZE": "0",
        "MEMSHELF_SOCKET_TIMEOUT_MS": "30000",
        "MEMSHELF_SERVER_SELECTION_TIMEOUT_MS": "5000",
        "MEMSHELF_WRITE_TIMEOUT_MS": "10000",
        "MEMSHELF_LOG_FORMAT": "auto",
        "MEMSHELF_LOG_LEVEL": "info",
    }


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        (
            "mongo_url",
            "mongodb://db.example:27018/?replicaSet=rs0",
            SecretStr("mongodb://db.example:27018/?replicaSet=rs0"),
        ),
        ("mongo_url", "mongodb+srv://cluster.example", SecretStr("mongodb+srv://cluster.example")),
        ("database", "acme", "acme"),
        ("database", " acme ", "acme"),
        ("collection", "jobs.acme", "jobs.acme"),
        ("queues", "mail", ("mail",)),
        ("queues", "default, mail,mail,", ("default", "mail")),
        ("queues", '["default", "mail.bulk"]', ("default", "mail.bulk")),
        ("queues", "[]", ()),
        ("max_concurrency", "1", 1),
        ("max_concurrency", " 7 ", 7),
        ("process_every", "5 seconds", timedelta(seconds=5)),
        ("process_every", " 250ms ", timedelta(milliseconds=250)),
        ("change_streams", "false", False),
        ("change_streams", "OFF", False),
        ("change_streams", "1", True),
        ("lease", "1 minute", timedelta(minutes=1)),
        ("heartbeat_every", "3s", timedelta(seconds=3)),
        ("grace_period", "0s", timedelta(0)),
        ("keep_succeeded", "30 days", timedelta(days=30)),
        ("keep_succeeded", "forever", None),
        ("keep_cancelled", "0s", timedelta(0)),
        ("timezone", "Europe/Paris", "Europe/Paris"),
        ("max_pool_size", "10", 10),
        ("min_pool_size", "10", 10),
        ("socket_timeout_ms", "1000", 1000),
        ("server_selection_timeout_ms", "1000", 1000),
        ("write_timeout_ms", "1000", 1000),
        ("log_format", "JSON", "json"),
        ("log_level", "Warning", "warning"),
    ],
)
def test_a_variable_sets_its_setting(monkeypatch: pytest.MonkeyPatch, name: str, text: str, value: object) -> None:
    monkeypatch.setenv(variable(name), text)
    assert getattr(Settings.load(), name) == value
    assert getattr(Settings(), name) == value


def test_an_argument_wins_over_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMSHELF_MAX_CONCURRENCY", "7")
    assert Settings.load(max_concurrency=3).max_concurrency == 3


def test_an_argument_may_be_the_value_or_its_text() -> None:
    assert Settings.load(lease="9s") == Settings.load(lease=timedelta(seconds=9))
    assert Settings.load(queues=["a", "b"]) == Settings.load(queues="a,b") == Settings.load(queues=("a", "b"))


def test_an_empty_variable_counts_as_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.setenv(variable(name), "")
    assert Settings.load() == Settings()


def test_a_heartbeat_is_a_third_of_the_lease_unless_given() -> None:
    assert Settings.load(lease="12s").heartbeat_every == timedelta(seconds=4)
    assert Settings.load(lease="10s").heartbeat_every == timedelta(milliseconds=3333)


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("mongo_url", "localhost:27017", "must be a connection string such as mongodb://host:27017/?replicaSet=rs0"),
        ("mongo_url", "http://localhost", "must be a connection string"),
        ("mongo_url", "mongodb://", "is not a connection string that the driver takes (Must provide"),
        ("mongo_url", "mongodb://h:99999", "(Port must be an integer between 0 and 65535)"),
        ("mongo_url", "mongodb+srv://", "must be a connection string"),
        ("database", "a b", "must be a MongoDB database name: 1 to 63 bytes"),
        ("database", "a.b", "must be a MongoDB database name"),
        ("database", "é" * 32, "must be a MongoDB database name"),
        ("collection", "system.jobs", "must be a MongoDB collection name"),
        ("collection", "jobs$", "must be a MongoDB collection name"),
        ("queues", "Mail", "'Mail': a queue's name has lower-case letters and digits, joined by single - or ."),
        ("queues", "mail bulk", "'mail bulk': a queue's name"),
        ("queues", '["mail"', 'is not JSON; write default,mail or ["default", "mail"]'),
        ("queues", "[1]", "1: a queue's name"),
        ("queues", "[" * 100_000, "is not JSON"),
        ("max_concurrency", "many", "must be an integer from 1 to 10000, got 'many'"),
        ("max_concurrency", "0", "must be an integer from 1 to 10000, got '0'"),
        ("max_concurrency", "-1", "must be an integer from 1 to 10000, got '-1'"),
        ("max_concurrency", "1.5", "got '1.5'"),
        ("max_concurrency", "1_0", "got '1_0'"),
        ("max_concurrency", "1" * 5000, "must be an integer from 1 to 10000"),
        ("process_every", "5", "'5' has no unit; write 5s for seconds"),
        ("process_every", "5 secnds", "'secnds' is not a unit"),
        ("process_every", "1ms", "must be a duration from 10ms to 1d, got 1ms"),
        ("process_every", "2 months", "count them in days"),
        ("change_streams", "maybe", "must be true or false, got 'maybe'"),
        ("lease", "0s", "must be a duration from 100ms to 1d, got 0s"),
        ("heartbeat_every", "15s", "must be below half of MEMSHELF_LEASE (30s)"),
        ("grace_period", "-1s", "must not be negative"),
        ("grace_period", "2d", "must be a duration from 0s to 1d, got 2d"),
        ("keep_succeeded", "never", "or write `forever`"),
        ("keep_cancelled", "9999w", "must be a duration from 0s to 36500d"),
        ("timezone", "Europe/Pariss", "did you mean `Europe/Paris`?"),
        ("max_pool_size", "0", "must be an integer from 1 to 10000"),
        ("min_pool_size", "101", "must be at most MEMSHELF_MAX_POOL_SIZE (100), got 101"),
        ("socket_timeout_ms", "30s", "must be an integer from 1 to 2147483647, got '30s'"),
        ("server_selection_timeout_ms", "0", "must be an integer from 1"),
        ("write_timeout_ms", "9999999999", "must be an integer from 1 to 2147483647"),
        ("log_format", "xml", "must be auto, json or console, got 'xml'"),
        ("log_level", "loud", "must be debug, info, warning, error or critical, got 'loud'"),
    ],
)
def test_a_bad_value_names_the_variable_and_what_would_be_right(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, fault: str
) -> None:
    monkeypatch.setenv(variable(name), text)
    said = refused()
    assert said.startswith(f"1 setting cannot be used\n  {variable(name)}: ")
    assert fault in said


def test_a_bad_argument_is_named_as_it_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMSHELF_LEASE", "30")
    said = refused(max_concurrency=True)
    assert "\n  max_concurrency: must be an integer from 1 to 10000, got True" in said
    assert "\n  MEMSHELF_LEASE: '30' is not a duration" in said


def test_all_bad_values_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.setenv(variable(name), "?")
    said = refused()
    # Whatever its text, `?` is a database that MongoDB refuses and a collection that it takes.
    assert said.startswith(f"{len(Settings.model_fields) - 1} settings cannot be used\n")
    assert [name for name in Settings.model_fields if f"\n  {variable(name)}: " not in said] == ["collection"]


def test_an_unknown_argument_is_refused_with_the_nearest() -> None:
    assert "max_concurency: no such setting; did you mean max_concurrency?" in refused(max_concurency=3)
    assert refused(colour="red").endswith("colour: no such setting")


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("MEMSHELF_MONGO_URI", "MEMSHELF_MONGO_URL"),
        ("MEMSHELF_MONGODB_URL", "MEMSHELF_MONGO_URL"),
        ("MEMSHELF_PROCES_EVERY", "MEMSHELF_PROCESS_EVERY"),
        ("MEMSHELF_QUEUE", "MEMSHELF_QUEUES"),
        ("MEMSHELF_MAX_CONCURENCY", "MEMSHELF_MAX_CONCURRENCY"),
        ("MEMSHELF_CONCURRENCY", "MEMSHELF_MAX_CONCURRENCY"),
        ("MEMSHELF_LOGLEVEL", "MEMSHELF_LOG_LEVEL"),
        ("MEMSHELF_TIME_ZONE", "MEMSHELF_TIMEZONE"),
        ("MEMSHELF_SOCKET_TIMEOUT", "MEMSHELF_SOCKET_TIMEOUT_MS"),
    ],
)
def test_a_misspelt_variable_is_refused_with_the_right_one(
    monkeypatch: pytest.MonkeyPatch, name: str, right: str
) -> None:
    monkeypatch.setenv(name, "1")
    assert f"\n  {name}: no such variable; did you mean {right}?" in refused()


@pytest.mark.parametrize(
    "name",
    [
        *OTHERS,
        # What Kubernetes sets for a service called memshelf, or memshelf-mongo.
        "MEMSHELF_PORT",
        "MEMSHELF_SERVICE_HOST",
        "MEMSHELF_PORT_27017_TCP_ADDR",
        "MEMSHELF_MONGO_PORT",
        "MEMSHELF_MONGO_SERVICE_PORT",
        "MEMSHELF",
        "MEMSHELFX_LEAS",
        "LEAS",
    ],
)
def test_variables_of_others_are_left_alone(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "anything")
    Settings.load()


@pytest.mark.parametrize(
    "url",
    [
        f"mongodb://ann:{SECRET}@db.example/?replicaSet=rs0",
        f"mongodb+srv://ann:{SECRET}@db.example",
        f"mongodb://{SECRET}@db.example",
        f"mongodb://db.example/?tls=true&tlsCertificateKeyFilePassword={SECRET}",
        f"mongodb://db.example/?authMechanism=MONGODB-AWS&authMechanismProperties=AWS_SESSION_TOKEN:{SECRET}",
    ],
)
def test_credentials_are_never_shown(url: str) -> None:
    settings = Settings.load(mongo_url=url)
    assert settings.mongo_url.get_secret_value() == url
    for text in (repr(settings), str(settings), settings.model_dump_json(), *settings.shown().values()):
        assert SECRET not in text
    assert "db.example" in settings.shown()["MEMSHELF_MONGO_URL"]


@pytest.mark.parametrize(
    "url",
    [
        f"mongodb://ann:{SECRET}@{SECRET}@db.example",
        f"mongodb://ann:{SECRET}:{SECRET}@db.example",
        f"mongodb://ann:{SECRET}/{SECRET}@db.example",
        f"mongodb://ann:{SECRET}?{SECRET}=1@db.example",
        f"mongodb://ann:%zz{SECRET}@db.example:port",
        f"mongodb://db.example/?authMechanismProperties={SECRET}",
        f"http://ann:{SECRET}@db.example",
        f"{SECRET}",
    ],
)
@pytest.mark.parametrize("by_argument", [True, False])
def test_an_error_never_shows_credentials(monkeypatch: pytest.MonkeyPatch, url: str, by_argument: bool) -> None:
    if not by_argument:
        monkeypatch.setenv("MEMSHELF_MONGO_URL", url)
    with pytest.raises(SettingsError) as caught:
        Settings.load(**({"mongo_url": url} if by_argument else {}))
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_a_connection_string_in_the_wrong_variable_is_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.setenv(variable(name), f"mongodb://ann:{SECRET}@db.example:port/")
    assert SECRET not in refused()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("mongodb://h:1,i:2/d?x=y", "mongodb://h:1,i:2/d?x=y"),
        ("mongodb://u:p@h/", "mongodb://***@h/"),
        ("mongodb://u:p@q/r@h/", "mongodb://***@h/"),
        ("mongodb://h/?proxyPassword=p&x=y", "mongodb://h/?proxyPassword=***&x=y"),
    ],
)
def test_a_masked_connection_string_keeps_what_is_no_secret(url: str, shown: str) -> None:
    assert mask(url) == shown


def test_what_is_shown_can_be_set_again(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings.load(
        queues="a,b", keep_succeeded=None, lease="10s", change_streams=False, timezone="Asia/Tokyo", log_level="error"
    )
    for name, text in settings.shown().items():
        monkeypatch.setenv(name, text)
    assert Settings.load() == settings


def test_settings_travel_to_other_processes_and_functions() -> None:
    settings = Settings.load(lease="9s", mongo_url=f"mongodb://ann:{SECRET}@db.example")
    assert pickle.loads(pickle.dumps(settings)) == settings
    assert Settings.load(**settings.model_dump()) == settings
    assert hash(settings) == hash(Settings.load(**settings.model_dump()))


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings.load().database = "other"


def test_the_error_is_an_input_error() -> None:
    with pytest.raises(InputError):
        Settings(lease="x")


def test_the_docs_have_every_setting_with_its_default() -> None:
    rows = re.findall(r"^\| `(MEMSHELF_\w+)` \| (.*?) \|", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    documented = {name: default for name, default in rows if name not in OTHERS}
    shown = {name: f"`{text}`" if text else "all" for name, text in Settings.load().shown().items()}
    by_machine = {"MEMSHELF_HEARTBEAT_EVERY": "a third of the lease", "MEMSHELF_MAX_PROCESSES": "the cores"}
    assert documented == {**shown, **by_machine}
    assert set(OTHERS) <= {name for name, _ in rows}


def test_the_docs_show_the_error_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMSHELF_PROCESS_EVERY", "5")
    monkeypatch.setenv("MEMSHELF_HEARTBEAT_EVERY", "20s")
    monkeypatch.setenv("MEMSHELF_MONGO_URI", "mongodb://db.example")
    assert f"```\n{refused()}\n```" in DOCS.read_text(encoding="utf-8")
