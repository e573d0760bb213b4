"""A job under a new name: what waits under the old one is run, by the handler that moved along."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from tests.generator.projects import EMAIL
from tests.runtime.generated_app import GeneratedApp, make_app

QUEUE = """
from generated import JobQueue
with JobQueue.connect() as queue:
    print(queue.queue_{method}({{"to": "{to}@example.com", "subject": "Hi"}}, id="{to}").id)
"""


@pytest.fixture
def app(tmp_path: Path, mongo_url: str, database_name: str) -> GeneratedApp:
    return make_app(tmp_path, mongo_url, database_name)


@pytest.fixture
def jobs(mongo_client: MongoClient[dict[str, Any]], database_name: str) -> Any:
    return mongo_client[database_name]["jobs"]


@pytest.mark.parametrize(
    "settings", [{"previous_names": ["send-email"]}, {"name": "send-email"}, {"previous_names": ["a", "send-email"]}]
)
def test_jobs_that_wait_under_the_old_name_are_run(app: GeneratedApp, jobs: Any, settings: dict[str, Any]) -> None:
    app.python(QUEUE.format(method="email", to="before"))
    (app.folder / "schemas/email.json").unlink()
    app.schema("post/mail.json", {**EMAIL, "x-job": settings})
    assert app.generate().moved == {"jobs/email.py": "jobs/post/mail.py"}
    app.python(QUEUE.format(method="post_mail", to="after"))
    with app.worker("--drain") as worker:
        assert worker.wait() == 0, worker.log.read_text()
    assert sorted(app.journal) == ["after after@example.com", "before before@example.com"]
    assert {job["_id"]: job["state"] for job in jobs.find()} == {"before": "succeeded", "after": "succeeded"}
    assert jobs.find_one({"_id": "before"})["name"] == "send-email"


def test_without_its_old_name_a_job_waits_and_is_reported(app: GeneratedApp, jobs: Any) -> None:
    app.python(QUEUE.format(method="email", to="before"))
    (app.folder / "schemas/email.json").unlink()
    app.schema("mail.json", {**EMAIL, "x-job": {}})
    done = app.generate()
    assert done.moved == {}
    assert "write x-job.previous_names: [send-email]" in done.hints[0]
    with app.worker("--drain") as worker:
        assert worker.wait() == 0, worker.log.read_text()
    assert (app.journal, jobs.find_one()["state"]) == ([], "ready")
