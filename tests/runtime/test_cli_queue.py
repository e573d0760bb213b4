"""`memshelf queue`: options made from a schema, and the job that is stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId
from pymongo import MongoClient

from tests.runtime.commands import Memshelf, memshelf_for


@pytest.fixture
def memshelf(mongo_url: str, database_name: str) -> Memshelf:
    return memshelf_for(mongo_url, database_name)


@pytest.fixture
def jobs(mongo_client: MongoClient[dict[str, Any]], database_name: str) -> Any:
    return mongo_client[database_name]["jobs"]


def test_options_become_the_payload_and_the_job(memshelf: Memshelf, jobs: Any) -> None:
    ran = memshelf(
        *("queue", "letter", "--to", "Ann", "--template-id", "t", "--copies", "2", "--weight", "1.5", "--no-urgent"),
        *("--colour", "blue", "--tags", "a", "--tags", "5", "--address", '{"city": "X"}', "--reference", "012"),
        *("--priority", "9", "--queue", "fast", "--id", "order-1", "--at", "in 30 minutes", "--json"),
    )
    assert ran.code == 0, ran.err
    stored = jobs.find_one()
    assert list(stored["data"].items()) == [
        ("to", "Ann"),
        ("templateId", "t"),
        ("copies", 2),
        ("weight", 1.5),
        ("urgent", False),
        ("colour", "blue"),
        ("tags", ["a", "5"]),
        ("address", {"city": "X"}),
        ("reference", "012"),
    ]
    assert {key: stored[key] for key in ("_id", "name", "priority", "queue", "state")} == {
        "_id": "order-1",
        "name": "send-letter",
        "priority": 9,
        "queue": "fast",
        "state": "ready",
    }
    wait = stored["runAt"] - datetime.now(UTC)
    assert timedelta(minutes=29) < wait < timedelta(minutes=31)
    assert ran.json == {
        "id": "order-1",
        "name": "send-letter",
        "state": "ready",
        "queue": "fast",
        "priority": 9,
        "runAt": stored["runAt"].isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }


def test_what_is_not_given_is_not_stored(memshelf: Memshelf, jobs: Any) -> None:
    ran = memshelf("queue", "letter", "--to", "Ann")
    assert ran.out.startswith("queued send-letter as ")
    assert jobs.find_one()["data"] == {"to": "Ann"}


@pytest.mark.parametrize("name", ["letter", "send-letter", "post-letter"])
def test_a_job_is_found_by_its_path_its_name_and_its_previous_names(memshelf: Memshelf, name: str) -> None:
    assert memshelf("queue", name, "--to", "Ann", "--json").json["name"] == "send-letter"


def test_the_schemas_own_spelling_is_an_option_too(memshelf: Memshelf, jobs: Any) -> None:
    memshelf("queue", "letter", "--to", "Ann", "--templateId", "t")
    assert jobs.find_one()["data"]["templateId"] == "t"


def test_a_bad_payload_is_refused_with_every_problem(memshelf: Memshelf, jobs: Any) -> None:
    ran = memshelf("queue", "letter", "--copies", "x", "--colour", "red", "--address", '{"street": "Y"}')
    assert (ran.code, ran.out) == (2, "")
    first, *problems = ran.err.strip().splitlines()
    assert first == "memshelf: send-letter: the payload is not valid under the job's schema, 5 problems"
    assert [problem.split(":")[0].strip() for problem in problems] == [
        "$",
        "$.address",
        "$.address",
        "$.colour",
        "$.copies",
    ]
    assert jobs.count_documents({}) == 0


def test_a_bad_payload_is_told_in_json(memshelf: Memshelf) -> None:
    ran = memshelf("queue", "slow", "--seconds", "soon", "--json")
    assert ran.code == 2
    error = ran.json["error"]
    assert (error["type"], [problem["path"] for problem in error["problems"]]) == ("PayloadError", ["$.seconds"])


def test_an_unknown_job_is_refused_with_the_known_ones(memshelf: Memshelf) -> None:
    ran = memshelf("queue", "ecko")
    assert ran.code == 2
    assert ran.err == "memshelf: no job is called 'ecko'; known jobs: echo, fail, plain, send-letter, slow\n"


def test_data_comes_from_a_file_or_standard_input(memshelf: Memshelf, jobs: Any, tmp_path: Path) -> None:
    path = tmp_path / "payload.json"
    path.write_text('{"to": "Ann", "copies": 3}', encoding="utf-8")
    assert memshelf("queue", "letter", "--data", str(path)).code == 0
    assert memshelf("queue", "letter", "--data", "-", stdin='{"to": "Bo", "copies": 3}').code == 0
    assert [job["data"] for job in jobs.find(sort=[("_id", 1)])] == [
        {"to": "Ann", "copies": 3},
        {"to": "Bo", "copies": 3},
    ]


def test_options_go_on_top_of_data(memshelf: Memshelf, jobs: Any) -> None:
    memshelf("queue", "letter", "--data", "-", "--copies", "4", stdin='{"to": "Bo", "copies": 3}')
    assert jobs.find_one()["data"] == {"to": "Bo", "copies": 4}


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        ("{", "--data -:1:2: is not JSON: "),
        ('{"to": "a", "to": "b"}', "--data -: is not JSON: the key 'to' stands twice in one object"),
        ("[" * 100_000, "--data -: is not JSON: "),
        ("[]", "send-letter: the payload is not valid under the job's schema"),
        ('{"to": "a", "weight": NaN}', "send-letter: the payload is not valid under the job's schema"),
    ],
)
def test_data_that_is_no_payload_is_refused(memshelf: Memshelf, data: str, complaint: str) -> None:
    ran = memshelf("queue", "letter", "--data", "-", stdin=data)
    assert ran.code == 2
    assert ran.err.startswith(f"memshelf: {complaint}")
    assert "Traceback" not in ran.err


def test_a_file_that_is_not_there_is_refused(memshelf: Memshelf) -> None:
    ran = memshelf("queue", "letter", "--data", "nowhere.json")
    assert (ran.code, ran.err) == (2, "memshelf: --data nowhere.json: cannot be read: No such file or directory\n")


def test_options_need_an_object_to_add_to(memshelf: Memshelf) -> None:
    ran = memshelf("queue", "letter", "--data", "-", "--to", "x", stdin="[]")
    assert (ran.code, ran.err) == (2, "memshelf: --data -: must be an object for options to add to it\n")


def test_an_id_of_24_hexadecimal_digits_is_an_object_id_and_a_repeat_makes_no_second_job(
    memshelf: Memshelf, jobs: Any
) -> None:
    for _ in range(2):
        assert memshelf("queue", "echo", "--id", "665f1f77bcf86cd799439011").code == 0
    assert [job["_id"] for job in jobs.find()] == [ObjectId("665f1f77bcf86cd799439011")]


def test_a_repeat_tells_what_became_of_the_job(memshelf: Memshelf, jobs: Any) -> None:
    memshelf("queue", "echo", "--id", "one", "--queue", "fast", "--priority", "9")
    jobs.update_one({"_id": "one"}, {"$set": {"state": "succeeded"}})
    told = memshelf("queue", "echo", "--id", "one", "--json").json
    assert (told["state"], told["queue"], told["priority"]) == ("succeeded", "fast", 9)
    assert memshelf("queue", "echo", "--id", "one").out == "echo is there already as one in the queue fast, succeeded\n"


def test_an_id_that_another_job_has_is_refused(memshelf: Memshelf) -> None:
    memshelf("queue", "echo", "--id", "one")
    ran = memshelf("queue", "echo", "--id", "one", "--text", "another")
    assert ran.code == 1
    assert "a different job with this id exists already: one" in ran.err


@pytest.mark.parametrize(
    "arguments", [("--at", "yesterday"), ("--priority", "10"), ("--priority", "high"), ("--no-such-option", "1")]
)
def test_bad_options_are_refused(memshelf: Memshelf, jobs: Any, arguments: tuple[str, str]) -> None:
    ran = memshelf("queue", "echo", *arguments)
    assert ran.code == 2, ran.err
    assert jobs.count_documents({}) == 0


def test_help_shows_the_options_of_the_schema(memshelf: Memshelf) -> None:
    ran = memshelf("queue", "letter", "--help")
    assert ran.code == 0
    words = " ".join(ran.out.split())
    for text in (
        "Queue send-letter: Send one letter by post.",
        "--to TEXT Who gets the letter. [required]",
        "--template-id, --templateId TEXT The template's id.",
        "--copies INTEGER How many are printed. [default: 1]",
        "--weight NUMBER",
        "--urgent / --no-urgent",
        "--colour white|blue",
        "--tags TEXT May be repeated.",
        "--address JSON Where the letter goes.",
        "--reference TEXT|INTEGER|null",
        "--at WHEN",
        "--priority 0..9 Higher is earlier. Default: 7.",
        "--queue NAME Default: post.",
    ):
        assert text in words


def test_help_lists_the_jobs(memshelf: Memshelf) -> None:
    ran = memshelf("queue", "--help")
    assert ran.code == 0
    assert "letter  Queue send-letter: Send one letter by post." in ran.out


def test_nothing_is_stored_when_the_server_is_not_there() -> None:
    ran = memshelf_for("mongodb://ann:secret@127.0.0.1:1/", "x", server_selection_timeout_ms="100")("queue", "echo")
    assert ran.code == 1
    assert ran.err.startswith("memshelf: MongoDB cannot be reached, nothing was")
    assert "asked: mongodb://***@127.0.0.1:1/ (MEMSHELF_MONGO_URL), database x" in ran.err
    assert "secret" not in ran.err
    assert "Traceback" not in ran.err
