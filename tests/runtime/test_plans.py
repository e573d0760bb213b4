"""How the server finds what the worker asks for: by keys and stages, whatever lies beside it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo import MongoClient

from memshelf import Settings
from memshelf.call import Call
from memshelf.flows.claim import Terms, Wanted, claim_batch, next_due
from memshelf.flows.prepare import prepare
from memshelf.flows.rescue import expired_leases
from memshelf.mongo import Store

NOW = datetime.now(UTC)
WANTED = [Wanted("echo", 5, 4, 5, None)]
TERMS = Terms("worker", "token", timedelta(seconds=30), ("default",), NOW)


@pytest.fixture
def jobs(mongo_url: str, mongo_client: MongoClient[dict[str, Any]], database_name: str) -> Any:
    """A collection with a few jobs of ours behind many of others, finished, foreign and in the far future."""
    settings = Settings.load(mongo_url=mongo_url, database=database_name)
    store = Store(settings)
    store.run(prepare(settings.collection))
    store.close()
    collection = mongo_client[database_name]["jobs"]
    collection.insert_many(
        [job("of-another-team", "ready", NOW - timedelta(hours=1)) for _ in range(2_000)]
        + [job("echo", "succeeded", NOW - timedelta(hours=1)) for _ in range(2_000)]
        + [job("echo", "ready", NOW + timedelta(days=300)) for _ in range(1_000)]
        + [job("echo", "ready", NOW - timedelta(seconds=1)) for _ in range(5)]
        + [job("echo", "running", NOW, leaseUntil=NOW - timedelta(seconds=1)) for _ in range(3)]
    )
    return collection


def test_a_claim_reads_only_what_it_takes(jobs: Any) -> None:
    plan = explained(jobs, next(claim_batch(TERMS, WANTED, limit=5, skip=0)))
    assert plan["executionStats"]["nReturned"] == 5
    assert plan["executionStats"]["totalKeysExamined"] <= 15
    assert "SORT" not in stages(plan)


def test_the_next_due_job_is_found_past_any_number_of_others(jobs: Any) -> None:
    plan = explained(jobs, next(next_due(["default", "mail"], ["echo", "slow"])))
    assert plan["executionStats"]["totalKeysExamined"] <= 10
    assert "SORT" not in stages(plan)


def test_a_sweep_reads_only_leases_that_have_ended(jobs: Any) -> None:
    plan = explained(jobs, next(expired_leases(NOW)))
    assert plan["executionStats"]["nReturned"] == 3
    assert plan["executionStats"]["totalKeysExamined"] <= 5
    assert "SORT" not in stages(plan)


def job(name: str, state: str, run_at: datetime, **fields: Any) -> dict[str, Any]:
    return {"name": name, "data": {}, "state": state, "queue": "default", "priority": 5, "runAt": run_at, **fields}


def explained(jobs: Any, call: Call) -> Any:
    """Have the server explain a flow's `find`."""
    chosen, projection = call.args
    command = {
        "find": jobs.name,
        "filter": chosen,
        "projection": projection,
        "sort": dict(call.options["sort"]),
        "hint": call.options["hint"],
        "limit": call.options["limit"],
        "skip": call.options.get("skip", 0),
    }
    return jobs.database.command("explain", command, verbosity="executionStats")


def stages(plan: Any) -> set[str]:
    found: set[str] = set()

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            found.update([node["stage"]] if "stage" in node else [])
            for inner in node.values():
                walk(inner)
        elif isinstance(node, list):
            for inner in node:
                walk(inner)

    walk(plan["queryPlanner"]["winningPlan"])
    return found
