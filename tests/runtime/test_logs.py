"""The log: where it goes, what it hides, and whose configuration wins."""

from __future__ import annotations

import ast
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import structlog

from memshelf import logs
from memshelf.errors import InputError
from memshelf.events import EventName

RUNTIME = Path(logs.__file__).parent
METHODS = {"debug", "info", "warning", "error", "exception", "critical"}


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Give each test a structlog without a configuration, and put back what it changes."""
    root, driver = logging.getLogger(), logging.getLogger("pymongo")
    level, driver_level = root.level, driver.level
    before = structlog.get_config() if structlog.is_configured() else None
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    driver.setLevel(logging.NOTSET)
    yield
    root.setLevel(level)
    driver.setLevel(driver_level)
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()
    if before is not None:
        structlog.configure(**before)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def errors(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO | None = None) -> io.StringIO:
    """Catch what goes to standard error; pytest's own handlers are taken off the root logger for this test."""
    stream = stream or io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    return stream


def fail() -> None:
    payload = {"card": "4111-1111"}
    raise KeyError(len(payload))


def test_json_is_one_object_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = errors(monkeypatch)
    logs.configure("json")
    logs.get("memshelf.worker").info("worker.started", concurrency=3, text="ä\n")
    logs.get("memshelf.worker").warning("claim.failed")
    first, second = [json.loads(line) for line in stream.getvalue().splitlines()]
    timestamp = first.pop("timestamp")
    assert timestamp.endswith("Z")
    assert first == {
        "event": "worker.started",
        "level": "info",
        "logger": "memshelf.worker",
        "concurrency": 3,
        "text": "ä\n",
    }
    assert second["level"] == "warning"


def test_auto_is_console_on_a_terminal_and_json_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = errors(monkeypatch, Terminal())
    logs.configure("auto")
    logs.get("memshelf.worker").info("worker.started")
    assert "worker.started" in terminal.getvalue()
    assert not terminal.getvalue().startswith("{")
    structlog.reset_defaults()
    file = errors(monkeypatch)
    logs.configure("auto")
    logs.get("memshelf.worker").info("worker.started")
    assert json.loads(file.getvalue())["event"] == "worker.started"


def test_console_can_be_asked_for_in_a_file_and_has_no_colours_there(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = errors(monkeypatch)
    logs.configure("console")
    logs.get("memshelf.worker").info("worker.started", concurrency=3)
    assert "concurrency=3" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


def test_what_is_below_the_level_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = errors(monkeypatch)
    logs.configure("json", "warning")
    logs.get("memshelf.worker").info("worker.started")
    logging.getLogger("acme").info("no")
    assert stream.getvalue() == ""


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(InputError, match="log level: must be one of debug, info, warning, error, critical, got 'loud'"):
        logs.configure("json", "loud")


def test_context_variables_are_in_every_event_of_both_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = errors(monkeypatch)
    logs.configure("json")
    with structlog.contextvars.bound_contextvars(job="65f0", name="send-email", attempt=2, worker="w1"):
        logs.get("memshelf.handler").info("email.sent")
        logging.getLogger("acme").warning("slow %s", "answer")
    logs.get("memshelf.handler").info("email.sent")
    mine, theirs, outside = [json.loads(line) for line in stream.getvalue().splitlines()]
    bound = {"job": "65f0", "name": "send-email", "attempt": 2, "worker": "w1"}
    assert bound.items() <= mine.items()
    assert {**bound, "event": "slow answer", "logger": "acme", "level": "warning"}.items() <= theirs.items()
    assert "job" not in outside


@pytest.mark.parametrize("format", ["json", "console", "auto"])
@pytest.mark.parametrize("standard", [True, False])
@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_a_traceback_shows_no_local_variable(
    monkeypatch: pytest.MonkeyPatch, format: Any, standard: bool, stream: type[io.StringIO]
) -> None:
    written = errors(monkeypatch, stream())
    logs.configure(format)
    log: Any = logging.getLogger("acme") if standard else logs.get("memshelf.worker")
    try:
        fail()
    except KeyError:
        log.exception("job.failed")
    assert "KeyError" in written.getvalue()
    assert "fail" in written.getvalue()
    assert "4111-1111" not in written.getvalue().replace('payload = {"card": "4111-1111"}', "")
    assert "locals" not in written.getvalue()


def test_control_characters_do_not_reach_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = errors(monkeypatch)
    logs.configure("console")
    logs.get("memshelf.worker").warning("job.dead", name="x\x1b[2J\nforged line")
    assert "\x1b" not in stream.getvalue()
    assert len(stream.getvalue().splitlines()) == 1


def test_a_configured_structlog_keeps_its_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = errors(monkeypatch)
    events: list[Any] = []

    def keep(logger: Any, method: str, event: Any) -> Any:
        events.append((method, dict(event)))
        raise structlog.DropEvent

    structlog.configure(processors=[keep])
    logs.configure("json", "error")
    logs.get("memshelf.worker").info("worker.started")
    assert events == [("info", {"event": "worker.started", "logger": "memshelf.worker"})]
    assert stream.getvalue() == ""
    assert logging.getLogger().handlers == []


def test_a_configuration_after_ours_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    errors(monkeypatch)
    log = logs.get("memshelf.worker")
    logs.configure("json")
    log.info("worker.started")
    with structlog.testing.capture_logs() as captured:
        log.info("worker.stopped")
    assert [event["event"] for event in captured] == ["worker.stopped"]


def test_a_configured_standard_logging_keeps_its_handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = errors(monkeypatch)
    root = logging.getLogger()
    own = logging.NullHandler()
    root.addHandler(own)
    root.setLevel(logging.ERROR)
    logs.configure("json", "debug")
    assert root.handlers == [own]
    assert root.level == logging.ERROR
    logging.getLogger("acme").error("elsewhere")
    assert stream.getvalue() == ""


def test_the_driver_never_logs_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    errors(monkeypatch)
    logs.configure("json", "debug")
    assert not logging.getLogger("pymongo.command").isEnabledFor(logging.DEBUG)
    assert logging.getLogger("acme").isEnabledFor(logging.DEBUG)


def test_without_a_configuration_events_go_to_the_standard_logger(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    monkeypatch.setattr(logging.getLogger(), "handlers", [handler])
    log = logs.get("memshelf.worker")
    log.info("worker.started")
    with structlog.contextvars.bound_contextvars(job="65f0"):
        log.bind(worker="w1").warning("claim.failed", again_in="1s", name="100%s", args=(1,))
    try:
        fail()
    except KeyError:
        log.exception("record.failed")
    lines = stream.getvalue().splitlines()
    assert lines[0] == "claim.failed worker='w1' again_in='1s' name='100%s' args=(1,) job='65f0'"
    assert lines[1] == "record.failed"
    assert lines[-1] == "KeyError: 1"
    assert capsys.readouterr().out == ""


def test_a_logger_made_before_the_configuration_follows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    log = logs.get("memshelf.worker")
    stream = errors(monkeypatch)
    logs.configure("json")
    log.info("worker.started")
    assert json.loads(stream.getvalue())["event"] == "worker.started"


def test_every_event_of_the_runtime_is_listed_and_every_listed_event_is_used() -> None:
    told = {f"job.{name.replace(' ', '_')}" for name in get_args(EventName)}
    logged = {name for path in RUNTIME.rglob("*.py") for name in _logged_in(path)}
    assert (told | logged) - set(logs.EVENTS) == set()
    assert set(logs.EVENTS) - (told | logged) == set()


def _logged_in(path: Path) -> Iterator[str]:
    """Give the constant event names of a module: the first argument of a call such as `log.info("worker.started")`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
            match node.args:
                case [ast.Constant(value=str(name)), *_]:
                    yield name
