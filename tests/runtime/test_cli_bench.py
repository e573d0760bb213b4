"""`memshelf bench`: figures of a server in use, which keeps no trace of it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from memshelf.measuring.findings import Drain, Findings, OneByOne, PickUp, Server, limits
from memshelf.measuring.place import PREFIX
from tests.faults.servers import Node
from tests.runtime.app.queues import JobQueue
from tests.runtime.commands import Memshelf, memshelf_for
from tests.runtime.processes import PATIENCE, ROOT

SMALL = ("--jobs", "10", "--seconds", "1")


@pytest.fixture
def memshelf(mongo_url: str, database_name: str) -> Memshelf:
    return memshelf_for(mongo_url, database_name)


def left_behind(client: MongoClient[dict[str, Any]], said: str) -> list[str]:
    """Give what is still there of the names that were said."""
    names = set(re.findall(rf"{PREFIX}\w+", said))
    assert names
    there = client.list_database_names()
    inside = [name for each in there for name in client[each].list_collection_names()]
    return [name for name in [*there, *inside] if any(name.startswith(each) for each in names)]


def test_the_figures_are_there_and_nothing_else_is(
    memshelf: Memshelf, queue: JobQueue, jobs: Any, mongo_client: MongoClient[dict[str, Any]]
) -> None:
    queue.queue_echo({}, id="mine")
    mine = jobs.find_one({"_id": "mine"})
    ran = memshelf("bench", *SMALL, "--json", app_package=None)
    assert ran.code == 0, ran.err
    found = ran.json
    assert {*found} == {
        *("server", "measured", "insert", "oneByOne", "manyAtOnce", "drain", "pickUp", "limits"),
    }
    assert found["server"]["kind"] == "replica set"
    assert found["pickUp"]["wakesBy"] == "change stream"
    assert found["insert"]["measured"] == found["oneByOne"]["measured"] >= 5
    assert 0 < found["pickUp"]["p50Ms"] <= found["pickUp"]["p95Ms"] <= found["pickUp"]["p99Ms"]
    for kind in ("coroutines", "threads"):
        assert found["drain"][kind]["perSecond"] > 0
        assert 0 < found["drain"][kind]["commandsPerJob"] < 4
    assert len(found["limits"]) >= 3
    place = found["measured"]["dropped"].split()[-1]
    assert f"writes at most {found['measured']['documents']:,} documents" in ran.err
    assert f"the database {place} is dropped" in ran.err
    assert left_behind(mongo_client, ran.err) == []
    assert list(jobs.find()) == [mine]


def test_it_can_stay_inside_the_database_and_draw_a_table(
    memshelf: Memshelf, mongo_client: MongoClient[dict[str, Any]], database_name: str
) -> None:
    ran = memshelf("bench", *SMALL, "--inside", "--delay", "2ms", "--payload", "2KB", app_package=None)
    assert ran.code == 0, ran.err
    assert f"of the database {database_name} is dropped" in ran.err
    assert [line.split()[0] for line in ran.out.splitlines() if "median of" in line] == ["queue", "drain,", "drain,"]
    assert "one insert takes" in ran.out
    assert left_behind(mongo_client, ran.err) == []


@pytest.mark.parametrize(("number", "during"), [(signal.SIGINT, "one by one"), (signal.SIGTERM, "idle worker")])
def test_a_signal_ends_it_and_everything_is_dropped(
    mongo_url: str, mongo_client: MongoClient[dict[str, Any]], database_name: str, number: signal.Signals, during: str
) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "memshelf", "bench", "--jobs", "150"],
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT / "runtime"),
            "MEMSHELF_MONGO_URL": mongo_url,
            "MEMSHELF_DATABASE": database_name,
        },
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        said = ""
        while during not in said:
            line = process.stderr.readline()
            assert line, said
            said += line
        process.send_signal(number)
        out, rest = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, rest
    assert out == ""
    assert "is dropped" in rest
    assert "Traceback" not in rest
    assert left_behind(mongo_client, rest) == []


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("--payload", "3"), "--payload: must be a size from 12 bytes to 15MB, or a file, got 3"),
        (("--payload", "gone.json"), "or a file that can be read, got 'gone.json'"),
        (("--payload", __file__), "must hold JSON"),
        (("--delay", "soon"), "soon"),
        (("--concurrency", "0"), "must be an integer from 1 to 10000, got 0"),
    ],
)
def test_what_cannot_be_used_is_said_before_anything_is_written(
    memshelf: Memshelf, arguments: tuple[str, ...], text: str
) -> None:
    ran = memshelf("bench", *arguments, app_package=None)
    assert (ran.code, ran.out) == (2, "")
    assert text in ran.err


def test_a_payload_is_read_from_a_file(memshelf: Memshelf, tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text("[1]")
    ran = memshelf("bench", "--payload", str(tmp_path / "list.json"), app_package=None)
    assert (ran.code, "$: must be an object, not an array" in ran.err) == (2, True)
    (tmp_path / "order.json").write_text('{"lines": [{"article": "ä", "number": 2}]}')
    ran = memshelf("bench", *SMALL, "--payload", str(tmp_path / "order.json"), "--json", app_package=None)
    assert ran.json["measured"]["payloadBytes"] == 43


def test_a_server_that_is_away_is_an_error_of_one_line() -> None:
    memshelf = memshelf_for("mongodb://127.0.0.1:1/", "memshelf", server_selection_timeout_ms="100")
    ran = memshelf("bench", "--json", app_package=None)
    assert (ran.code, ran.json["error"]["type"]) == (1, "StoreUnavailable")


@pytest.fixture
def guarded() -> Iterator[str]:
    """Give the address of a server where a user may write to `shop` alone."""
    with Node(Path(tempfile.mkdtemp(prefix="memshelf-guarded-")), "--auth", in_set=False) as node:
        with MongoClient[dict[str, Any]](node.url) as client:
            client.admin.command("createUser", "root", pwd="secret", roles=["root"])
        with MongoClient[dict[str, Any]](node.url, username="root", password="secret") as client:
            client.admin.command("createUser", "clerk", pwd="secret", roles=[{"role": "readWrite", "db": "shop"}])
        yield f"mongodb://clerk:secret@{node.address}/?directConnection=true"


def test_a_user_without_the_right_is_refused_and_may_measure_inside(guarded: str) -> None:
    memshelf = memshelf_for(guarded, "shop", process_every="50ms")
    ran = memshelf("bench", *SMALL, app_package=None)
    assert (ran.code, ran.out) == (2, "")
    assert "may not make and drop collections in the database memshelf_bench_" in ran.err
    assert "--inside" in ran.err
    ran = memshelf("bench", *SMALL, "--inside", "--json", app_package=None)
    assert ran.code == 0, ran.err
    assert (ran.json["server"]["kind"], ran.json["pickUp"]["wakesBy"]) == ("standalone", "polling")
    with MongoClient[dict[str, Any]](guarded) as client:
        assert client["shop"].list_collection_names() == []


def found(
    *, members: int = 1, round_trip: float = 0.2, concurrency: int = 20, cpu: float = 0.1, wakes_by: str
) -> Findings:
    drains = (Drain(100, 500.0, 0.2, cpu),)
    return Findings(
        server=Server("7.0.1", "replica set", "rs0", members, round_trip),
        concurrency=concurrency,
        process_every="5s",
        one_by_one=OneByOne([5.0], [4.0]),
        many=[20_000.0],
        drains={"coroutines": drains, "threads": drains},
        pick_up=PickUp([12.0], [4.0], wakes_by),
        complete=True,
    )


@pytest.mark.parametrize(
    ("findings", "texts"),
    [
        (found(wakes_by="change stream"), ("journal to disk first", "its 20 slots", "worth 3.0 inserts")),
        (
            found(members=3, cpu=0.9, wakes_by="polling"),
            ("a majority of 3 members", "used 0.9 cores", "polls every 5s"),
        ),
        (found(round_trip=3.2, concurrency=400, wakes_by="polling"), ("3.2 of it", "waits for the server", "polls")),
    ],
)
def test_what_limits_a_figure_is_said(findings: Findings, texts: tuple[str, str, str]) -> None:
    said = list(limits(findings))
    assert [text for text, sentence in zip(texts, said, strict=True) if text not in sentence] == []


def test_a_busy_machine_is_said() -> None:
    assert [*limits(replace(found(wakes_by="polling"), load=0.4))][3:] == []
    assert "5.5 processes wanted each core" in [*limits(replace(found(wakes_by="polling"), load=5.5))][3]
