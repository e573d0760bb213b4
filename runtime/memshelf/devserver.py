"""A real MongoDB server of one's own, for development and tests."""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from memshelf import watchdog
from memshelf.errors import DevServerError
from memshelf.mongod import LIBCURL_MISSING, REPLICA_SET, WAYS, command, find_mongod, libcurl_environment

START_TIMEOUT = 60.0
"""Seconds from the start of the program to a primary that takes writes; usually it takes less than one."""
PORT_TRIES = 5
PORT_TAKEN = 48
"""The exit code of a mongod that cannot listen on its port (MongoDB manual, Exit Codes)."""
FOLDER_TAKEN = 100
"""The exit code of a mongod that cannot use its data folder."""
OLDEST = (6, 0)
BORN = {(6, 0): "July 2022", (7, 0): "August 2023", (8, 0): "October 2024"}
"""The month in which each yearly series was released."""


class DevServer:
    """A one-node replica set on a free loopback port, with bounded caches; never for production.

    Usable as a context manager. The server ends with the process that started it, even by a crash.

    Args:
        folder: Where the data live, and stay. Default: a temporary folder that goes with the server.
        port: The port to listen on. Default: a free one.
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None, *, port: int | None = None) -> None:
        self.version = ""
        """The server's version, known once it has started."""
        self._kept = None if folder is None else Path(folder).absolute()
        self._folder = Path()
        self._port = port
        self._program = Path()
        self._environment: dict[str, str] = {}
        self._watchdog: subprocess.Popen[str] | None = None
        self._owner = 0

    @property
    def url(self) -> str:
        """The connection string."""
        if self._watchdog is None:
            raise DevServerError("the development server has not been started; call start(), or use it in a `with`")
        return f"mongodb://127.0.0.1:{self._port}/?replicaSet={REPLICA_SET}"

    @property
    def notice(self) -> str:
        """One sentence that says which server this is and what it is for."""
        major, minor, *_ = (int(part) for part in self.version.split("-")[0].split("."))
        born = BORN.get((major, minor))
        age = f", of the series of {born}" if born else ""
        return f"MongoDB {self.version}{age}: a server for development and tests only"

    def start(self) -> DevServer:
        """Start the server and wait until it takes writes.

        Raises:
            DevServerError: there is no mongod, or it does not start; the text has the end of its log.
        """
        if self._watchdog is not None:
            raise DevServerError(f"the development server is running already, at {self.url}")
        self._program = find_mongod()
        try:
            self._folder = self._kept or Path(tempfile.mkdtemp(prefix="memshelf-mongod-"))
            (self._folder / "db").mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DevServerError(f"{self._folder}: the data folder cannot be made: {error.strerror}") from error
        self._owner = os.getpid()
        self._watchdog = watch()
        try:
            self._launch()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop the server cleanly and remove its temporary folder; a folder that was given stays."""
        # A forked child shares the pipe: it must not stop what belongs to its parent.
        if self._watchdog is None or self._owner != os.getpid():
            return
        watched, self._watchdog = self._watchdog, None
        for pipe in (watched.stdin, watched.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()
        watched.wait()

    def kill(self) -> None:
        """End the server as a crash would (SIGKILL); its data stay until `stop`, and `restart` goes on with them."""
        self._order("kill")

    def restart(self) -> None:
        """Start again on the same port and the same data, after a clean stop or a `kill`."""
        self._order("stop")
        self._launch()

    def __enter__(self) -> DevServer:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _launch(self) -> None:
        """Start the program, on another port or with libcurl where that is what it lacks."""
        fixed = self._port
        for _ in range(PORT_TRIES):
            self._port = fixed or free_port()
            pid = self._spawn()
            code = self._settle(pid)
            if code is None:
                return
            if code == PORT_TAKEN and fixed is None:
                continue
            if LIBCURL_MISSING in self._log() and not self._environment:
                self._environment = libcurl_environment(self._folder)
                if self._environment:
                    continue
            raise DevServerError(self._failure(code))
        raise DevServerError(f"{self._program}: no free port was found in {PORT_TRIES} tries")

    def _spawn(self) -> int:
        state = self._order(
            "start",
            command=command(self._program, self._folder / "db", self._port or 0),
            log=str(self._folder / "mongod.log"),
            environment=self._environment,
            owned=None if self._kept else str(self._folder),
        )
        if state["fault"] is not None:
            raise DevServerError(f"{self._program}: mongod cannot be run: {state['fault']}; install another:\n{WAYS}")
        pid: int = state["pid"]
        return pid

    def _settle(self, pid: int) -> int | None:
        """Wait for a primary; give None then, or the program's exit code if it ended instead."""
        until = time.monotonic() + START_TIMEOUT
        address = f"127.0.0.1:{self._port}"
        with MongoClient[dict[str, Any]](
            address, directConnection=True, connect=False, serverSelectionTimeoutMS=2000, socketTimeoutMS=10_000
        ) as client:
            while time.monotonic() < until:
                code: int | None = self._order("look")["exit"]
                if code is not None:
                    return code
                # The driver looks for a server twice a second at most, so it is asked only when somebody listens.
                with suppress(PyMongoError):
                    if listens(self._port or 0) and is_primary(client, address, pid):
                        self.version = check_version(client, self._program)
                        return None
                time.sleep(0.01)
        raise DevServerError(f"{self._program}: no primary after {START_TIMEOUT:.0f} seconds{self._tail()}")

    def _order(self, order: str, **details: Any) -> dict[str, Any]:
        """Have the watchdog do something; give what it says of the server."""
        watched = self._watchdog
        if watched is None or watched.stdin is None or watched.stdout is None:
            raise DevServerError(f"cannot {order} the development server: it has not been started")
        try:
            watched.stdin.write(json.dumps({"order": order, **details}) + "\n")
            watched.stdin.flush()
            line = watched.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise DevServerError(f"cannot {order} the development server: the process that watches it has ended")
        state: dict[str, Any] = json.loads(line)
        return state

    def _failure(self, code: int) -> str:
        reason = {PORT_TAKEN: f", since port {self._port} is taken", FOLDER_TAKEN: ", since its data folder is in use"}
        ways = f"\nOther servers can be used:\n{WAYS}" if LIBCURL_MISSING in self._log() else ""
        return f"{self._program}: mongod ended with code {code}{reason.get(code, '')}{self._tail()}{ways}"

    def _tail(self) -> str:
        lines = self._log().splitlines()[-12:]
        return "\nThe end of its log:\n" + "\n".join(f"  {line[:500]}" for line in lines)

    def _log(self) -> str:
        with suppress(OSError):
            return (self._folder / "mongod.log").read_text(encoding="utf-8", errors="replace")
        return ""


def watch() -> subprocess.Popen[str]:
    """Start the watchdog, apart from this process's group, so that Ctrl-C reaches only this process."""
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(Path(watchdog.__file__))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )


def free_port() -> int:
    """Give a loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listens(port: int) -> bool:
    """Tell whether anybody takes connections on a loopback port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def is_primary(client: MongoClient[dict[str, Any]], address: str, pid: int) -> bool:
    """Tell whether this server, and not another that got its port, takes writes; form the replica set if need be."""
    hello = client.admin.command("hello")
    if hello.get("isWritablePrimary"):
        return bool(client.admin.command("serverStatus")["pid"] == pid)
    try:
        config = client.admin.command("replSetGetConfig")["config"]
    except OperationFailure as error:
        if error.code == 94:  # NotYetInitialized
            client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": [{"_id": 0, "host": address}]})
        return False
    if config["members"][0]["host"] != address:  # the data come from an earlier start on another port
        config["members"][0]["host"] = address
        config["version"] += 1
        client.admin.command("replSetReconfig", config, force=True)
    return False


def check_version(client: MongoClient[dict[str, Any]], program: Path) -> str:
    """Give the server's version; one that is too old is refused."""
    info = client.server_info()
    version: str = info["version"]
    if tuple(info["versionArray"][:2]) < OLDEST:
        raise DevServerError(f"{program}: this is MongoDB {version}, but 6.0 or newer is needed:\n{WAYS}")
    return version


def main() -> None:
    """Run a server in the foreground until SIGINT or SIGTERM (`python -m memshelf.devserver`)."""
    parser = argparse.ArgumentParser("python -m memshelf.devserver", description=DevServer.__doc__)
    parser.add_argument("--folder", help="where the data live, and stay; default: a temporary folder")
    parser.add_argument("--port", type=int, help="default: a free port")
    wanted = parser.parse_args()
    ended = threading.Event()
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_: ended.set())
    try:
        with DevServer(wanted.folder, port=wanted.port) as server:
            print(server.url, flush=True)
            print(server.notice, file=sys.stderr, flush=True)
            ended.wait()
    except DevServerError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
