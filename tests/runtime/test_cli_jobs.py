"""`memshelf jobs`: what is shown of stored jobs, and what is done to them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from bson.datetime_ms import DatetimeMS
from pymongo import MongoClient

from memshelf import Settings
from memshelf.flows.prepare import prepare
from memshelf.mongo import Store
from tests.runtime.app.queues import JobQueue
from tests.runtime.commands import Memshelf, memshelf_for


@pytest.fixture
def memshelf(mongo_url: str, database_name: str) -> Memshelf:
    return memshelf_for(mongo_url, database_name)


@pytest.fixture
def queue(mongo_url: str, database_name: str) -> Iterator[JobQueue]:
    settings = Settings.load(mongo_url=mongo_url, database=database_name)
    store = Store(settings)
    store.run(prepare(settings.collection))
    store.close()
    with JobQueue(settings=settings) as opened:
        yield opened


@pytest.fixture
def jobs(mongo_client: MongoClient[dict[str, Any]], database_name: str) -> Any:
    return mongo_client[database_name]["jobs"]


def die(jobs: Any, job_id: object, *, days_ago: float = 0) -> None:
    """Make a job dead, with one error."""
    at = datetime.now(UTC) - timedelta(days=days_ago)
    error = {"at": at, "attempt": 1, "kind": "error", "type": "OSError", "message": "no route", "traceback": "in f"}
    changed = {"state": "dead", "attempts": 1, "finishedAt": at, "errors": [error | {"lease": "token"}]}
    jobs.update_one({"_id": job_id}, {"$set": changed})


def test_an_empty_list_says_so(memshelf: Memshelf, queue: JobQueue) -> None:
    assert memshelf("jobs", "list").out == "no jobs\n"
    assert memshelf("jobs", "list", "--json").json == {"jobs": []}
    assert memshelf("jobs", "counts").out == "no jobs\n"


def test_a_list_is_the_newest_first_without_payloads_and_messages(
    memshelf: Memshelf, queue: JobQueue, jobs: Any
) -> None:
    first = queue.queue_echo({"text": "secret"})
    second = queue.queue_letter({"to": "secret"})
    die(jobs, first.id)
    listed = memshelf("jobs", "list", "--json")
    assert [job["id"] for job in listed.json["jobs"]] == [str(second.id), str(first.id)]
    assert listed.json["jobs"][1]["errors"][0]["type"] == "OSError"
    table = memshelf("jobs", "list").out
    assert [line.split()[:3] for line in table.splitlines() if "default" in line or "post" in line] == [
        [str(second.id), "send-letter", "ready"],
        [str(first.id), "echo", "dead"],
    ]
    for text in (listed.out, table):
        assert "secret" not in text
        assert "no route" not in text
        assert "token" not in text


def test_the_keys_of_a_job_in_json_are_stable(memshelf: Memshelf, queue: JobQueue) -> None:
    queue.queue_echo({}, id="one")
    [job] = memshelf("jobs", "list", "--json").json["jobs"]
    assert {*job} >= {"id", "name", "state", "queue", "priority", "runAt", "attempts", "lost", "errors", "finishedAt"}
    assert not {*job} & {"data", "lease", "_id"}


def test_a_list_is_chosen_by_state_name_queue_and_limit(memshelf: Memshelf, queue: JobQueue, jobs: Any) -> None:
    queue.queue_echo({}, id="a")
    queue.queue_letter({"to": "x"}, id="b")
    queue.queue_slow({"seconds": 1}, id="c", queue="fast")
    die(jobs, "c")

    def ids(*arguments: str) -> list[str]:
        return sorted(job["id"] for job in memshelf("jobs", "list", "--json", *arguments).json["jobs"])

    assert ids("--state", "dead") == ["c"]
    assert ids("--state", "dead", "--state", "ready") == ["a", "b", "c"]
    assert ids("--name", "letter") == ["b"]
    assert ids("--name", "post-letter", "--name", "echo") == ["a", "b"]
    assert ids("--queue", "fast") == ["c"]
    assert ids("--limit", "1") == ["c"]
    assert ids("--state", "ready", "--queue", "fast") == []


def test_an_unknown_state_is_refused(memshelf: Memshelf) -> None:
    ran = memshelf("jobs", "list", "--state", "failed")
    assert ran.code == 2
    assert "must be ready, running, succeeded, dead, cancelled or quarantined" in ran.err


def test_documents_that_are_no_proper_jobs_are_shown_all_the_same(memshelf: Memshelf, jobs: Any) -> None:
    jobs.insert_one({"_id": "odd", "state": "lost", "runAt": DatetimeMS(10**17), "errors": 5, "priority": None})
    assert memshelf("jobs", "list", "--json").json["jobs"][0]["state"] == "lost"
    assert "odd" in memshelf("jobs", "list").out
    assert memshelf("jobs", "show", "odd").code == 0


def test_control_characters_reach_no_terminal(memshelf: Memshelf, jobs: Any) -> None:
    jobs.insert_one({"_id": "\x1b[31mid", "name": "\x1b]0;title\x07", "queue": "[bold]q", "state": "ready"})
    out = memshelf("jobs", "list").out
    assert "\x1b" not in out
    assert "\\x1b[31mid" in out
    assert "[bold]q" in out


def test_counts_are_by_name_and_state(memshelf: Memshelf, queue: JobQueue, jobs: Any) -> None:
    queue.queue_echo_many([{}, {}, {}])
    die(jobs, queue.queue_slow({"seconds": 1}).id)
    assert memshelf("jobs", "counts", "--json").json == {
        "counts": {"echo": {"ready": 3}, "slow": {"dead": 1}},
        "total": 4,
    }
    assert "echo" in memshelf("jobs", "counts").out


def test_counting_without_indexes_says_what_to_do(memshelf: Memshelf, jobs: Any) -> None:
    jobs.insert_one({"_id": "x", "state": "ready"})
    ran = memshelf("jobs", "counts")
    assert ran.code == 1
    assert "memshelf db indexes --create" in ran.err


def test_show_has_the_history_and_the_payload_only_when_asked(memshelf: Memshelf, queue: JobQueue, jobs: Any) -> None:
    job = queue.queue_letter({"to": "secret", "address": {"city": "Ö"}}, meta={"trace": "t1"})
    die(jobs, job.id)
    plain = memshelf("jobs", "show", str(job.id))
    assert "attempt 1, error, " in plain.out
    assert "OSError: no route" in plain.out
    assert '{"trace": "t1"}' in plain.out
    assert "secret" not in plain.out
    assert '"city": "Ö"' in memshelf("jobs", "show", str(job.id), "--payload").out
    shown = memshelf("jobs", "show", str(job.id), "--json").json["job"]
    assert "data" not in shown
    assert shown["errors"][0] == {
        "at": shown["finishedAt"],
        "attempt": 1,
        "kind": "error",
        "type": "OSError",
        "message": "no route",
        "traceback": "in f",
    }
    with_payload = memshelf("jobs", "show", str(job.id), "--json", "--payload").json["job"]
    assert with_payload["data"] == {"to": "secret", "address": {"city": "Ö"}}


def test_ids_are_object_ids_or_texts_of_any_kind(memshelf: Memshelf, queue: JobQueue) -> None:
    looks_like_one = "665f1f77bcf86cd799439011"
    queue.queue_echo({}, id=looks_like_one)
    assert memshelf("jobs", "show", looks_like_one, "--json").json["job"]["name"] == "echo"
    queue.queue_slow({"seconds": 1}, id=ObjectId(looks_like_one))
    assert memshelf("jobs", "show", looks_like_one, "--json").json["job"]["name"] == "slow"
    assert memshelf("jobs", "remove", looks_like_one, looks_like_one).code == 0
    assert memshelf("jobs", "show", looks_like_one, "--json").json["job"]["name"] == "echo"


def test_a_job_that_is_gone_is_told(memshelf: Memshelf) -> None:
    ran = memshelf("jobs", "show", "nope")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "memshelf: job nope: not found; it may have been removed, or its retention has passed\n"
    assert memshelf("jobs", "show", "nope", "--json").json["error"]["type"] == "JobNotFoundError"


def test_cancel_cancels_what_waits_and_asks_for_what_runs(memshelf: Memshelf, queue: JobQueue, jobs: Any) -> None:
    for name in "ab":
        queue.queue_echo({}, id=name)
    jobs.update_one({"_id": "b"}, {"$set": {"state": "running"}})
    ran = memshelf("jobs", "cancel", "a", "b")
    assert (ran.code, ran.out) == (0, "job a: cancelled\njob b: its worker is asked to stop it\n")
    assert [(job["state"], job.get("cancelRequested")) for job in jobs.find(sort=[("_id", 1)])] == [
        ("cancelled", None),
        ("running", True),
    ]


def test_one_job_that_cannot_be_changed_holds_up_no_other(memshelf: Memshelf, queue: JobQueue, jobs: Any) -> None:
    for name in "ab":
        queue.queue_echo({}, id=name)
    die(jobs, "a")
    ran = memshelf("jobs", "cancel", "a", "nope", "b", "--json")
    assert ran.code == 1
    assert [(job["id"], job["state"]) for job in ran.json["jobs"]] == [("a", None), ("nope", None), ("b", "cancelled")]
    assert "cannot cancel a job that is dead" in ran.json["jobs"][0]["error"]


def test_remove_deletes(memshelf: Memshelf, queue: JobQueue, jobs: Any) -> None:
    queue.queue_echo({}, id="a")
    assert memshelf("jobs", "remove", "a").out == "job a: removed\n"
    assert jobs.count_documents({}) == 0


def test_replay_by_id(memshelf: Memshelf, queue: JobQueue, jobs: Any) -> None:
    queue.queue_echo({}, id="a")
    die(jobs, "a")
    assert memshelf("jobs", "replay", "a").out == "job a: ready again\n"
    assert (jobs.find_one()["state"], jobs.find_one()["attempts"]) == ("ready", 0)
    assert memshelf("jobs", "replay", "a").code == 1


def test_replay_of_many_needs_consent_and_leaves_the_others(memshelf: Memshelf, queue: JobQueue, jobs: Any) -> None:
    for name in "abc":
        queue.queue_echo({}, id=name)
        die(jobs, name)
    queue.queue_letter({"to": "x"}, id="d")
    die(jobs, "d")
    refused = memshelf("jobs", "replay", "--state", "dead", "--name", "echo")
    assert (refused.code, refused.err) == (
        2,
        "memshelf: this would replay 3 dead jobs of echo: allow it with --yes\n",
    )
    ran = memshelf("jobs", "replay", "--state", "dead", "--name", "echo", "--limit", "2", "--yes")
    assert (ran.code, ran.out) == (0, "2 dead jobs of echo ready again\n")
    assert [job["state"] for job in jobs.find(sort=[("_id", 1)])] == ["ready", "ready", "dead", "dead"]
    assert memshelf("jobs", "replay", "--name", "letter", "--yes", "--json").json == {
        "found": 1,
        "replayed": 1,
        "skipped": [],
        "refused": [],
        "dryRun": False,
    }


@pytest.mark.parametrize(
    "arguments", [(), ("a", "--state", "dead"), ("--state", "succeeded", "--yes"), ("--state", "running", "--yes")]
)
def test_replay_of_what_cannot_be_replayed_is_refused(memshelf: Memshelf, arguments: tuple[str, ...]) -> None:
    assert memshelf("jobs", "replay", *arguments).code == 2


def test_purge_needs_consent_and_says_how_many(memshelf: Memshelf, queue: JobQueue, jobs: Any) -> None:
    for name, days in (("old", 8), ("new", 6)):
        queue.queue_echo({}, id=name)
        die(jobs, name, days_ago=days)
    choice = ("--state", "dead", "--older-than", "7d")
    refused = memshelf("jobs", "purge", *choice)
    assert (refused.code, refused.err) == (
        2,
        "memshelf: this would delete 1 dead job older than 7d: allow it with --yes\n",
    )
    ran = memshelf("jobs", "purge", *choice, "--yes")
    assert (ran.code, ran.out) == (0, "1 dead job older than 7d deleted\n")
    assert [job["_id"] for job in jobs.find()] == ["new"]
    assert memshelf("jobs", "purge", *choice, "--json").json == {"found": 0, "removed": 0, "dryRun": False}


def test_purge_takes_waiting_jobs_by_when_they_were_due(memshelf: Memshelf, queue: JobQueue, jobs: Any) -> None:
    queue.queue_echo({}, id="new")
    queue.queue_echo({}, id="old")
    jobs.update_one({"_id": "old"}, {"$set": {"runAt": datetime.now(UTC) - timedelta(hours=2)}})
    assert memshelf("jobs", "purge", "--state", "ready", "--older-than", "1h", "--yes", "--json").json["removed"] == 1
    assert [job["_id"] for job in jobs.find()] == ["new"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--older-than", "7d"), "--state: name at least one"),
        (("--state", "running"), "--state running: must be ready, succeeded, dead, cancelled or quarantined"),
        (("--state", "dead", "--older-than", "7 months"), "'7 months' is not a duration"),
    ],
)
def test_a_purge_of_anything_else_is_refused(memshelf: Memshelf, arguments: tuple[str, ...], complaint: str) -> None:
    ran = memshelf("jobs", "purge", "--yes", *arguments)
    assert ran.code == 2
    assert complaint in ran.err


def test_jobs_are_looked_after_without_an_application(memshelf: Memshelf, queue: JobQueue, jobs: Any) -> None:
    queue.queue_echo({}, id="a")
    assert memshelf("jobs", "cancel", "a", app_package=None).code == 0
    assert memshelf("jobs", "purge", "--state", "cancelled", "--name", "echo", "--yes", app_package=None).code == 0
