"""The development server starts anywhere, keeps what it promised to keep, and never outlives the one who started it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import psutil
import pytest
from pymongo import MongoClient

from memshelf import devserver, mongod
from memshelf.devserver import DevServer
from memshelf.errors import DevServerError

PATIENCE = 30.0


def test_it_is_a_replica_set_on_loopback() -> None:
    with DevServer() as server, connect(server.url) as client:
        hello = client.admin.command("hello")
        options = client.admin.command("getCmdLineOpts")["parsed"]
        assert hello["setName"] == "memshelf"
        assert hello["isWritablePrimary"]
        assert options["net"]["bindIp"] == "127.0.0.1"
        assert server.version == client.server_info()["version"]
        assert server.version in server.notice
        assert "development and tests only" in server.notice


def test_two_servers_run_side_by_side() -> None:
    with DevServer() as one, DevServer() as other:
        assert one.url != other.url


def test_a_killed_server_goes_on_with_its_data_at_the_same_place() -> None:
    with DevServer() as server, connect(server.url) as client:
        url = server.url
        client.shop.orders.insert_one({"_id": 1})
        server.kill()
        server.restart()
        assert server.url == url
        assert client.shop.orders.find_one() == {"_id": 1}
        server.restart()
        assert client.shop.orders.find_one() == {"_id": 1}


def test_a_temporary_folder_goes_and_a_given_one_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    kept = tmp_path / "kept"
    with DevServer(kept) as server, connect(server.url) as client:
        client.shop.orders.insert_one({"_id": 1})
    with DevServer():
        assert list(temporary.iterdir())
    assert not list(temporary.iterdir())
    with DevServer(kept) as server, connect(server.url) as client:
        assert client.shop.orders.find_one() == {"_id": 1}


def test_a_stopped_server_can_be_started_again_but_not_twice() -> None:
    server = DevServer()
    with pytest.raises(DevServerError, match="has not been started"):
        _ = server.url
    with server:
        first = server.url
        with pytest.raises(DevServerError, match=f"running already, at {first.split('?')[0]}"):
            server.start()
    server.stop()
    with server, connect(server.url) as client:
        assert client.server_info()


@pytest.mark.parametrize("kept", [False, True])
def test_nothing_is_left_when_the_parent_is_killed(tmp_path: Path, kept: bool) -> None:
    folder = f"{str(tmp_path / 'kept')!r}" if kept else "None"
    program = f"""
import sys, tempfile
tempfile.tempdir = {str(tmp_path)!r}
from memshelf.devserver import DevServer
server = DevServer({folder}).start()
print(server.url, flush=True)
sys.stdin.read()
"""
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline().startswith(b"mongodb://127.0.0.1:")
        family = psutil.Process(parent.pid).children(recursive=True)
        assert any("mongod" in process.name() for process in family)
        parent.kill()
    _, alive = psutil.wait_procs(family, timeout=PATIENCE)
    assert alive == []
    assert [entry.name for entry in tmp_path.iterdir()] == (["kept"] if kept else [])


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_leaves_its_parents_server_alone() -> None:
    with DevServer() as server, connect(server.url) as client:
        child = os.fork()
        if child == 0:
            server.stop()
            os._exit(0)
        os.waitpid(child, 0)
        assert client.admin.command("ping")["ok"] == 1


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_command_runs_until_a_signal(ending: signal.Signals) -> None:
    command = [sys.executable, "-m", "memshelf.devserver"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        with connect(process.stdout.readline().strip()) as client:
            assert client.admin.command("ping")["ok"] == 1
        family = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(ending)
        _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert "development and tests only" in said
    assert not [relative for relative in family if relative.is_running()]


def test_a_port_that_was_taken_meanwhile_is_not_fatal(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = iter([taken.getsockname()[1]])
        free_port = devserver.free_port
        monkeypatch.setattr(devserver, "free_port", lambda: next(ports, None) or free_port())
        with DevServer() as server:
            assert str(taken.getsockname()[1]) not in server.url


def test_a_port_that_was_asked_for_and_is_taken_is_an_error() -> None:
    with DevServer() as server:
        port = int(server.url.split(":")[2].split("/")[0])
        with pytest.raises(DevServerError, match=f"port {port} is taken"):
            DevServer(port=port).start()


def test_a_folder_in_use_is_an_error_that_shows_the_log(tmp_path: Path) -> None:
    with DevServer(tmp_path), pytest.raises(DevServerError, match="data folder is in use") as raised:
        DevServer(tmp_path).start()
    assert "The end of its log:\n  {" in str(raised.value)


def test_without_a_mongod_the_error_says_the_three_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    without_any(monkeypatch)
    with pytest.raises(DevServerError) as raised:
        DevServer().start()
    text = str(raised.value)
    assert 'pip install "memshelf[mongod]"' in text
    assert "PATH" in text
    assert "MEMSHELF_MONGOD=" in text


def test_a_named_mongod_that_does_not_exist_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MEMSHELF_MONGOD", str(tmp_path / "nothing"))
    with pytest.raises(DevServerError, match=r"MEMSHELF_MONGOD=.*nothing: this does not exist"):
        DevServer().start()


def test_a_named_mongod_that_is_no_program_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_text("not a program")
    monkeypatch.setenv("MEMSHELF_MONGOD", str(plain))
    with pytest.raises(DevServerError, match=r"MEMSHELF_MONGOD=.*plain: this is not a program that this user may run"):
        DevServer().start()


def test_a_program_that_fails_is_an_error_with_its_last_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MEMSHELF_MONGOD", str(script(tmp_path, "echo no such luck; exit 3")))
    with pytest.raises(DevServerError, match=r"ended with code 3\nThe end of its log:\n  no such luck"):
        DevServer().start()


def test_a_program_of_another_machine_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    alien = tmp_path / "alien"
    alien.write_bytes(b"\x7fELF\x00")
    alien.chmod(0o755)
    monkeypatch.setenv("MEMSHELF_MONGOD", str(alien))
    with pytest.raises(DevServerError, match="alien: mongod cannot be run: Exec format error"):
        DevServer().start()


def test_a_server_that_is_too_old_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devserver, "OLDEST", (999, 0))
    with pytest.raises(DevServerError, match="is needed"):
        DevServer().start()


def test_the_variable_comes_before_the_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    on_path = script(tmp_path, "exit 1", name="mongod")
    named = script(tmp_path, "exit 1", name="mine")
    without_any(monkeypatch)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert mongod.find_mongod() == on_path
    monkeypatch.setenv("MEMSHELF_MONGOD", str(named))
    assert mongod.find_mongod() == named


def test_a_missing_libcurl_is_lent_by_pycurl(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if mongod.packaged_libcurl() is None:
        pytest.skip("pycurl's wheel is not installed")
    # A machine without libcurl is played by a program that says what the loader would say.
    lacking = script(
        tmp_path,
        f"""
        [ -e "${{LD_LIBRARY_PATH%%:*}}/libcurl.so.4" ] && exec {mongod.find_mongod()} "$@"
        echo "error while loading shared libraries: {mongod.LIBCURL_MISSING}: No such file or directory"; exit 127
        """,
    )
    monkeypatch.setenv("MEMSHELF_MONGOD", str(lacking))
    monkeypatch.delenv("LD_LIBRARY_PATH", raising=False)
    with DevServer() as server, connect(server.url) as client:
        assert client.admin.command("ping")["ok"] == 1
    assert "LD_LIBRARY_PATH" not in os.environ


def test_a_missing_libcurl_that_nobody_lends_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lacking = script(tmp_path, f'echo "{mongod.LIBCURL_MISSING}"; exit 127')
    without_any(monkeypatch)
    monkeypatch.setenv("MEMSHELF_MONGOD", str(lacking))
    with pytest.raises(DevServerError, match="Other servers can be used"):
        DevServer().start()


def connect(url: str) -> MongoClient[dict[str, Any]]:
    return MongoClient(url, serverSelectionTimeoutMS=30_000)


def script(folder: Path, body: str, *, name: str = "fake") -> Path:
    """Make a program of a shell script."""
    program = folder / name
    program.write_text(f"#!{shutil.which('sh')}\n{body}\n")
    program.chmod(0o755)
    return program


def without_any(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide every mongod and every libcurl of this machine."""
    monkeypatch.delenv("MEMSHELF_MONGOD", raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(mongod, "package_folders", lambda name: [])
