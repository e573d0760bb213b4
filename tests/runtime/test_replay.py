"""Replays: which jobs, with which payload, spread over which time, and never one twice for the same end."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from memshelf import EditsRefused, InputError, JobFilter, PayloadError, ReplayInterrupted, Settings, UnknownJobError
from memshelf.cli.editing import edit_of, merged
from memshelf.flows.replay import Revision, Step, ended, replay_batch
from memshelf.flows.shelf import get, replay
from memshelf.states import State
from memshelf.unpack import unpacked
from tests.runtime.app.queues import AsyncJobQueue, JobQueue
from tests.runtime.commands import memshelf_for
from tests.runtime.processes import ROOT
from tests.runtime.working import drained, nothing

NOW = datetime(2031, 5, 17, 9, 30, tzinfo=UTC)


def end(
    jobs: Any,
    job_id: object,
    *,
    state: State = "dead",
    at: datetime = NOW,
    errors: tuple[tuple[str, str, str], ...] = (("OSError", "no route to host", "app/mail.py:7 in send"),),
) -> None:
    """End a job as a worker would have."""
    kept = [{"at": at, "attempt": 3, "kind": "error", "type": a, "message": b, "place": c} for a, b, c in errors]
    fields = {"state": state, "attempts": 3, "lost": 1, "finishedAt": at, "errors": kept}
    jobs.update_one({"_id": job_id}, {"$set": fields})


def ready(jobs: Any) -> list[Any]:
    return [job["_id"] for job in jobs.find({"state": "ready"}, sort=[("_id", 1)])]


@pytest.fixture
def ended_jobs(queue: JobQueue, jobs: Any) -> Any:
    """Give jobs that ended in many ways."""
    for name in ("a", "b", "c"):
        queue.queue_echo({}, id=name)
    queue.queue_letter({"to": "x"}, id="d", queue="slow")
    end(jobs, "a", at=NOW - timedelta(hours=3))
    end(jobs, "b", errors=(("OSError", "at first", "x.py:1 in f"), ("KeyError", "'iban'", "app/bank.py:31 in pay")))
    end(jobs, "c", state="cancelled")
    end(jobs, "d", state="quarantined", at=NOW - timedelta(hours=1), errors=(("PayloadError", "$.to: $x", ""),))
    queue.queue_echo({}, id="e")
    end(jobs, "e", state="succeeded")
    return jobs


@pytest.mark.parametrize(
    ("chosen", "replayed"),
    [
        (JobFilter(), "ab"),
        (JobFilter(states="cancelled"), "c"),
        (JobFilter(states=["dead", "cancelled", "quarantined"]), "abcd"),
        (JobFilter(states=["dead", "quarantined"], names="letter"), "d"),
        (JobFilter(states=["dead", "quarantined"], names=["post-letter", "echo"]), "abd"),
        (JobFilter(states="quarantined", queues=["slow"]), "d"),
        (JobFilter(since=NOW - timedelta(hours=2)), "b"),
        (JobFilter(until=NOW), "a"),
        (JobFilter(error="OSError"), "a"),
        (JobFilter(error="KeyError", place="app/bank.py:31"), "b"),
        (JobFilter(text="route"), "a"),
        (JobFilter(states="quarantined", text="$x"), "d"),
        (JobFilter(place="app/"), "ab"),
        (JobFilter(place="x.py"), ""),
    ],
)
def test_a_filter_chooses_by_the_end_of_a_job(
    chosen: JobFilter, replayed: str, queue: JobQueue, ended_jobs: Any
) -> None:
    report = queue.replay_many(chosen)
    assert ready(ended_jobs) == [*replayed]
    assert (report.found, report.replayed, report.skipped, report.refused) == (len(replayed), len(replayed), (), ())


def test_counters_start_afresh_and_the_history_stays(queue: JobQueue, ended_jobs: Any, settings: Settings) -> None:
    before = ended_jobs.find_one({"_id": "a"})
    queue.replay_many(JobFilter(until=NOW))
    after = ended_jobs.find_one({"_id": "a"})
    assert (after["attempts"], after["lost"], after["interrupted"]) == (0, 0, 0)
    assert after["errors"] == before["errors"]
    assert [(each["state"], each["attempts"], each["lost"]) for each in after["replays"]] == [("dead", 3, 1)]
    assert not {"finishedAt", "expireAt"} & {*after}
    drained(settings, nothing)
    assert ended_jobs.find_one({"_id": "a"})["state"] == "succeeded"


def test_a_dry_run_writes_nothing_and_names_what_would_be_refused(queue: JobQueue, ended_jobs: Any) -> None:
    before = list(ended_jobs.find())
    assert queue.replay_many(JobFilter(states=["dead", "quarantined"]), dry_run=True).found == 3
    report = queue.replay_many(JobFilter(states="quarantined"), dry_run=True, edit=lambda data: {**data, "to": 5})
    assert [(each.id, each.name) for each in report.refused] == [("d", "send-letter")]
    assert report.refused[0].problems[0].path == "$.to"
    assert list(ended_jobs.find()) == before


def test_one_bad_edit_stops_all_of_them_and_every_one_is_named(queue: JobQueue, jobs: Any) -> None:
    for number in range(120):
        queue.queue_letter({"to": "x", "copies": 1 + number % 2}, id=f"{number:03}")
        end(jobs, f"{number:03}")
    before = list(jobs.find())
    with pytest.raises(EditsRefused, match="60 of 120 edited payloads are not valid, and no job was replayed") as told:
        queue.replay_many(JobFilter(), edit=lambda data: {**data, "copies": 10 * (data["copies"] - 1) + 1})
    assert [each.id for each in told.value.refused] == [f"{number:03}" for number in range(1, 120, 2)]
    assert list(jobs.find()) == before


def test_an_edited_payload_is_stored_exactly(queue: JobQueue, jobs: Any) -> None:
    odd = {"$ref": "$data", "a.b": {"$literal": [1, 1.0, -0.0, None, {}]}, "z": "$$NOW", "": 2**53 + 1, "b": True}
    queue.queue_echo({"text": "x"}, id="a")
    end(jobs, "a")
    queue._store.run(replay("a", Revision(odd, 3, "sha256:1")))
    stored = queue._store.run(get("a"))
    assert json.dumps(unpacked(stored)["data"]) == json.dumps(odd)
    assert (stored["version"], stored["schema"]) == (3, "sha256:1")


def test_a_job_of_an_older_schema_carries_the_schema_that_judged_its_edit(queue: JobQueue, jobs: Any) -> None:
    queue.queue_echo({}, id="a")
    end(jobs, "a", state="quarantined")
    jobs.update_one({"_id": "a"}, {"$set": {"data": {"old": 5}, "schema": "other"}})
    report = queue.replay_many(JobFilter(states="quarantined"), edit=lambda data: {"text": str(data["old"])})
    stored = jobs.find_one()
    assert (report.replayed, stored["data"]) == (1, {"text": "5"})
    assert stored["schema"] == queue.catalog["echo"].schema.digest


def test_one_job_is_replayed_with_another_payload(queue: JobQueue, jobs: Any) -> None:
    queue.queue_letter({"to": "x"}, id="a")
    end(jobs, "a", state="quarantined")
    with pytest.raises(PayloadError, match=r"\$.copies: must be at most 9"):
        queue.get("a").replay({"to": "x", "copies": 12})
    assert jobs.find_one()["state"] == "quarantined"
    handle = queue.replay("a", {"to": "y", "copies": 9})
    assert (handle.state, handle.payload.to, jobs.find_one()["data"]["copies"]) == ("ready", "y", 9)


def test_a_job_that_the_catalog_does_not_know_takes_no_other_payload(queue: JobQueue, jobs: Any) -> None:
    queue.queue_echo({}, id="a")
    end(jobs, "a")
    jobs.update_one({"_id": "a"}, {"$set": {"name": "strange"}})
    with pytest.raises(UnknownJobError, match="'strange'"):
        queue.replay("a", {})
    with pytest.raises(EditsRefused, match="no schema of that name"):
        queue.replay_many(JobFilter(), edit=lambda data: data)
    assert queue.replay("a").state == "ready"


def test_many_are_spread_over_a_time(queue: JobQueue, jobs: Any) -> None:
    for number in range(5):
        queue.queue_echo({}, id=str(number))
        end(jobs, str(number))
    begin = queue._store.now()
    queue.replay_many(JobFilter(), over="10m")
    first, *times = [job["runAt"] for job in jobs.find(sort=[("_id", 1)])]
    assert first - begin < timedelta(minutes=1)
    assert [round((time - first) / timedelta(minutes=2)) for time in times] == [1, 2, 3, 4]
    assert times[0] - first > timedelta(minutes=1)


def test_progress_is_told_after_every_batch(queue: JobQueue, jobs: Any) -> None:
    queue.queue_echo_many([{} for _ in range(250)])
    jobs.update_many({}, {"$set": {"state": "dead", "finishedAt": NOW}})
    told: list[tuple[int, int]] = []
    queue.replay_many(JobFilter(), limit=210, progress=lambda report: told.append((report.replayed, report.found)))
    assert told == [(100, 210), (200, 210), (210, 210)]
    assert jobs.count_documents({"state": "dead"}) == 40


def test_the_asyncio_queue_does_the_same(queue: JobQueue, ended_jobs: Any, settings: Settings) -> None:
    async def story() -> None:
        async with AsyncJobQueue(settings=settings) as opened:
            report = await opened.replay_many(JobFilter(error="KeyError"), edit=lambda data: {**data, "text": "new"})
            assert report.replayed == 1
            assert (await opened.replay("c", {"text": "other"})).state == "ready"

    asyncio.run(story())
    assert [ended_jobs.find_one({"_id": name})["data"]["text"] for name in "bc"] == ["new", "other"]


@pytest.mark.parametrize(
    ("chosen", "options", "text"),
    [
        (JobFilter(states="succeeded"), {}, "state succeeded: must be dead, cancelled or quarantined"),
        (JobFilter(since=datetime(2031, 1, 1)), {}, "since: must be an aware datetime"),
        (JobFilter(), {"over": "soon"}, "'soon' is not a duration"),
        (JobFilter(), {"over": timedelta(-1)}, "over: must be a duration of zero or more"),
    ],
)
def test_what_cannot_be_used_is_refused(queue: JobQueue, chosen: JobFilter, options: Any, text: str) -> None:
    with pytest.raises(InputError, match=text):
        queue.replay_many(chosen, **options)


def test_a_job_that_ended_again_since_it_was_seen_is_left_alone(queue: JobQueue, jobs: Any) -> None:
    queue.queue_echo({}, id="a")
    end(jobs, "a")
    seen = queue._store.run(ended({}))
    end(jobs, "a", at=NOW + timedelta(seconds=1))
    written = queue._store.run(replay_batch([Step(seen[0], None)], "token"))
    assert (written.ready, jobs.find_one()["state"]) == (frozenset(), "dead")


def test_a_job_that_the_server_refuses_holds_up_no_other(queue: JobQueue, jobs: Any) -> None:
    for name in "ab":
        queue.queue_echo({}, id=name)
        end(jobs, name)
    jobs.update_one({"_id": "a"}, {"$set": {"data": {"text": "x" * 15_650_000}}})
    report = queue.replay_many(JobFilter())
    assert ([each.id for each in report.refused], report.replayed) == (["a"], 1)
    assert "Document failed validation" in str(report.refused[0])


OPERATOR = """
import json, sys
from memshelf import JobFilter, Settings
from tests.runtime.app.queues import JobQueue
with JobQueue(settings=Settings.load()) as queue:
    print("open", flush=True)
    sys.stdin.readline()
    report = queue.replay_many(JobFilter(), progress=lambda so_far: print(so_far.replayed, flush=True))
    print(json.dumps([report.found, report.replayed, len(report.skipped), len(report.refused)]), flush=True)
"""


def operator(settings: Settings) -> subprocess.Popen[str]:
    """Start a process that waits for a line, and then replays everything."""
    begun = subprocess.Popen(
        [sys.executable, "-c", OPERATOR],
        cwd=ROOT,
        env={
            "PYTHONPATH": f"{ROOT / 'runtime'}:{ROOT}",
            "MEMSHELF_MONGO_URL": settings.mongo_url.get_secret_value(),
            "MEMSHELF_DATABASE": settings.database,
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert begun.stdout is not None
    assert begun.stdout.readline() == "open\n"
    return begun


def go(begun: subprocess.Popen[str]) -> None:
    assert begun.stdin is not None
    begun.stdin.write("\n")
    begun.stdin.flush()


def many_dead(queue: JobQueue, jobs: Any, number: int) -> None:
    queue.queue_echo_many([{} for _ in range(number)])
    jobs.update_many({}, {"$set": {"state": "dead", "finishedAt": NOW, "attempts": 3}})


def test_no_job_is_replayed_twice_by_operators_who_compete(queue: JobQueue, jobs: Any, settings: Settings) -> None:
    many_dead(queue, jobs, 1500)
    operators = [operator(settings) for _ in range(3)]
    for each in operators:
        go(each)
    reports = [json.loads(each.communicate(timeout=60)[0].splitlines()[-1]) for each in operators]
    assert sum(replayed for _, replayed, _, _ in reports) == 1500
    assert all(found == replayed + skipped for found, replayed, skipped, _ in reports)
    assert jobs.count_documents({"state": "ready", "replays": {"$size": 1}}) == 1500


def test_what_a_killed_operator_replayed_stays_so_and_the_next_goes_on(
    queue: JobQueue, jobs: Any, settings: Settings
) -> None:
    many_dead(queue, jobs, 2000)
    killed = operator(settings)
    go(killed)
    assert killed.stdout is not None
    assert killed.stdout.readline() == "100\n"
    killed.send_signal(signal.SIGKILL)
    killed.communicate(timeout=60)
    report = queue.replay_many(JobFilter())  # The server may still be at work on what the killed one sent last.
    assert report.found == report.replayed + len(report.skipped)
    assert report.replayed <= 1900
    assert jobs.count_documents({"state": "ready", "replays": {"$size": 1}}) == 2000


def test_an_outage_says_what_is_done_and_what_is_not(queue: JobQueue, jobs: Any, monkeypatch: Any) -> None:
    from pymongo.errors import AutoReconnect

    many_dead(queue, jobs, 250)
    perform, writes = queue._store._perform, []

    def cut(asked: Any) -> Any:
        if asked.method == "bulk_write":
            writes.append(asked)
            if len(writes) == 2:
                raise AutoReconnect("the connection was closed")
        return perform(asked)

    monkeypatch.setattr(queue._store, "_perform", cut)
    with pytest.raises(
        ReplayInterrupted, match="100 of 250 jobs are ready again, 50 are as they were, 100 are"
    ) as told:
        queue.replay_many(JobFilter())
    assert (told.value.report.replayed, told.value.report.untouched, told.value.report.uncertain) == (100, 50, 100)
    assert queue.replay_many(JobFilter()).replayed == 150


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_a_merge_patch_does_what_the_appendix_of_rfc_7396_shows(target: Any, patch: Any, result: Any) -> None:
    assert merged(target, patch) == result


@pytest.mark.parametrize(
    ("sets", "result"),
    [
        (["to=5"], {"to": "5", "lines": [{"n": 1}, {"n": 2}]}),
        (["lines[1].n=7"], {"to": "x", "lines": [{"n": 1}, {"n": 7}]}),
        (["$.lines[0].text=free text"], {"to": "x", "lines": [{"n": 1, "text": "free text"}, {"n": 2}]}),
        (["/lines/1/a~1b=true"], {"to": "x", "lines": [{"n": 1}, {"n": 2, "a/b": True}]}),
        (
            ["address.city=Ö", "address.zip=01234"],
            {"to": "x", "lines": [{"n": 1}, {"n": 2}], "address": {"city": "Ö", "zip": "01234"}},
        ),
        (["lines=[]", 'to="q"'], {"to": '"q"', "lines": []}),
    ],
)
def test_a_set_changes_one_value(sets: list[str], result: Any) -> None:
    before = {"to": "x", "lines": [{"n": 1}, {"n": 2}]}
    assert edit_of(None, sets, None)(before) == result
    assert before == {"to": "x", "lines": [{"n": 1}, {"n": 2}]}


@pytest.mark.parametrize("text", ["to", "=5", "a[x]=1", "a..b=1", "lines[2].n=1", "to.deeper=1", "[0]=1"])
def test_a_set_that_leads_nowhere_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="--set"):
        edit_of(None, [text], None)({"to": "x", "lines": [{"n": 1}, {"n": 2}]})


def test_the_command_edits_one_job(
    mongo_url: str, database_name: str, queue: JobQueue, jobs: Any, tmp_path: Path
) -> None:
    memshelf = memshelf_for(mongo_url, database_name)
    queue.queue_letter({"to": "x", "tags": ["a", "b"]}, id="a")
    end(jobs, "a")
    refused = memshelf("jobs", "replay", "a", "--set", "copies=12", "--json")
    assert (refused.code, "$.copies: must be at most 9" in refused.err) == (2, True)
    assert memshelf("jobs", "replay", "a", "--set", "copies=2", "--dry-run").out == "job a: would be ready again\n"
    assert jobs.find_one()["state"] == "dead"
    done = memshelf("jobs", "replay", "a", "--set", "copies=2", "--merge", '{"tags": ["c"]}')
    assert (done.out, jobs.find_one()["data"]) == ("job a: ready again\n", {"to": "x", "tags": ["c"], "copies": 2})
    end(jobs, "a")
    (tmp_path / "whole.json").write_text('{"to": "y"}')
    assert memshelf("jobs", "replay", "a", "--data", str(tmp_path / "whole.json")).code == 0
    assert jobs.find_one()["data"] == {"to": "y"}


def test_the_command_edits_many_or_none(mongo_url: str, database_name: str, queue: JobQueue, jobs: Any) -> None:
    memshelf = memshelf_for(mongo_url, database_name)
    for name, text in (("a", "x"), ("b", "y")):
        queue.queue_letter({"to": text}, id=name)
        end(jobs, name, state="quarantined")
    choice = ("jobs", "replay", "--state", "quarantined", "--error", "OSError", "--since", "2031-05-17T00:00Z")
    refused = memshelf(*choice, "--merge", '{"to": null}', "--yes")
    assert refused.code == 2
    assert [name for name in ("job a", "job b") if name not in refused.err] == []
    dry = memshelf(*choice, "--merge", '{"copies": 3}', "--dry-run")
    assert dry.out == ("2 quarantined jobs, since 2031-05-17T00:00Z, error OSError would be ready again\n")
    assert ready(jobs) == []
    assert memshelf(*choice, "--merge", '{"copies": 3}', "--over", "10m", "--yes", "--json").json["replayed"] == 2
    assert [job["data"]["copies"] for job in jobs.find()] == [3, 3]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--since", "whenever"), "--since whenever: must be a duration"),
        (("a", "b", "--data", "-"), "--data: is for one job"),
        (("a", "--over", "10m"), "--over and --limit"),
        (("--state", "dead", "--merge", "{"), "--merge:1:2: is not JSON"),
    ],
)
def test_a_command_that_cannot_be_meant_is_refused(
    mongo_url: str, database_name: str, arguments: tuple[str, ...], complaint: str
) -> None:
    ran = memshelf_for(mongo_url, database_name)("jobs", "replay", "--yes", *arguments)
    assert (ran.code, complaint in ran.err) == (2, True), ran.err
