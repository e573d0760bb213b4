"""Servers that a trial may hurt: three nodes that elect, and one that is in no replica set."""

from __future__ import annotations

import json
import os
import signal
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from memshelf.devserver import free_port, listens, watch
from memshelf.mongod import command, find_mongod, libcurl_environment

SET = "memshelf"
ELECTION_MS = 1_000
"""Milliseconds without a primary after which the others elect; a tenth of MongoDB's own default."""
PATIENCE = 60.0


_GIVEN: set[int] = set()


def _own_port() -> int:
    """Give a port that no other node has been given, though nobody may listen on it yet."""
    while (port := free_port()) in _GIVEN:
        pass
    _GIVEN.add(port)
    return port


class Node:
    """One `mongod` on a port of its own, owned by a watchdog that ends it with this process."""

    def __init__(self, folder: Path, *options: str, in_set: bool = True) -> None:
        self.folder = folder
        self.port = _own_port()
        self._options = options
        self._in_set = in_set
        self._watchdog = watch()
        self.pid = 0

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """The connection string of this node alone."""
        return f"mongodb://{self.address}/?directConnection=true"

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        (self.folder / "db").mkdir(parents=True, exist_ok=True)
        line = command(find_mongod(), self.folder / "db", self.port)
        if not self._in_set:
            at = line.index("--replSet")
            del line[at : at + 2]
        size = line.index("--wiredTigerCacheSizeGB")
        line[size + 1] = "0.25"
        told = self._order(
            "start",
            command=[*line, *self._options],
            log=str(self.folder / "log"),
            environment=libcurl_environment(self.folder),
            owned=str(self.folder),
        )
        self.pid = told["pid"]
        end = time.monotonic() + PATIENCE
        while not listens(self.port):
            if self._order("look")["exit"] is not None or time.monotonic() > end:
                raise AssertionError((self.folder / "log").read_text()[-2000:])
            time.sleep(0.02)

    def kill(self) -> None:
        """End it as a crash would; its data stay."""
        self._order("kill")

    def freeze(self) -> None:
        """Stop its process: its connections stay open and silent."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        os.kill(self.pid, signal.SIGCONT)

    def close(self) -> None:
        """End it and remove its data."""
        self.kill()  # A member of a set that is asked to end looks for a successor first.
        for pipe in (self._watchdog.stdin, self._watchdog.stdout):
            if pipe is not None:
                pipe.close()
        self._watchdog.wait()

    def _order(self, order: str, **details: Any) -> dict[str, Any]:
        assert self._watchdog.stdin is not None
        assert self._watchdog.stdout is not None
        self._watchdog.stdin.write(json.dumps({"order": order, **details}) + "\n")
        self._watchdog.stdin.flush()
        told: dict[str, Any] = json.loads(self._watchdog.stdout.readline())
        return told

    def __enter__(self) -> Node:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def standalone() -> Node:
    """Give a server that is in no replica set: it has no change streams, no transactions and no retried writes."""
    return Node(Path(tempfile.mkdtemp(prefix="memshelf-standalone-")), in_set=False)


class ReplicaSet:
    """Three nodes on loopback that elect a primary within a second or two."""

    def __init__(self) -> None:
        folder = Path(tempfile.mkdtemp(prefix="memshelf-set-"))
        self._folder = folder
        self.nodes = [Node(folder / str(number), "--setParameter", "enableTestCommands=1") for number in range(3)]

    @property
    def url(self) -> str:
        """The connection string of the set."""
        return f"mongodb://{','.join(node.address for node in self.nodes)}/?replicaSet={SET}"

    def start(self) -> ReplicaSet:
        """Start the nodes and form the set."""
        for node in self.nodes:
            node.start()
        members = [{"_id": number, "host": node.address} for number, node in enumerate(self.nodes)]
        settings = {"electionTimeoutMillis": ELECTION_MS, "heartbeatIntervalMillis": 200}
        with self._client(self.nodes[0]) as client:
            client.admin.command("replSetInitiate", {"_id": SET, "members": members, "settings": settings})
        self.primary()
        return self

    def primary(self) -> Node:
        """Wait for a primary, and give it."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for node in self.nodes:
                with suppress(PyMongoError), self._client(node) as client:
                    if client.admin.command("hello")["isWritablePrimary"]:
                        return node
            time.sleep(0.05)
        raise AssertionError("no primary was elected")

    def step_down(self) -> None:
        """Have the primary give up its role, and another one elected."""
        with suppress(PyMongoError), self._client(self.primary()) as client:
            client.admin.command("replSetStepDown", 5, secondaryCatchUpPeriodSecs=2)

    def fail(self, command: str, *, times: int, **how: Any) -> None:
        """Have the primary fail so many commands of a name, as the manual says of its `failCommand`."""
        with self._client(self.primary()) as client:
            data = {"failCommands": [command], **how}
            client.admin.command("configureFailPoint", "failCommand", mode={"times": times}, data=data)

    def wait_until_whole(self) -> None:
        """Wait until all three are primary or secondary again."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with suppress(PyMongoError, OperationFailure), self._client(self.primary()) as client:
                members = client.admin.command("replSetGetStatus")["members"]
                if sorted(member["stateStr"] for member in members) == ["PRIMARY", "SECONDARY", "SECONDARY"]:
                    return
            time.sleep(0.05)
        raise AssertionError("the set did not become whole")

    def close(self) -> None:
        """End the nodes and remove their data."""
        for node in self.nodes:
            node.close()
        self._folder.rmdir()

    def __enter__(self) -> ReplicaSet:
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @staticmethod
    def _client(node: Node) -> MongoClient[dict[str, Any]]:
        return MongoClient(node.url, serverSelectionTimeoutMS=2_000, socketTimeoutMS=10_000)
