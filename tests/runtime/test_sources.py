"""A worker looks at its start whether the schemas are still those that its code was made of."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memshelf import sources
from memshelf_gen import load, manifest
from tests.generator.projects import EMAIL, make, tree
from tests.runtime.generated_app import GeneratedApp, make_app
from tests.runtime.processes import WorkerProcess

CHANGED = {**EMAIL, "title": "Mail"}


@pytest.fixture
def app(tmp_path: Path, mongo_url: str, database_name: str) -> GeneratedApp:
    return make_app(tmp_path, mongo_url, database_name)


def warned(worker: WorkerProcess) -> list[dict[str, Any]]:
    """Give what a worker that has ended said about schemas."""
    assert worker.wait() == 0, worker.log.read_text()
    lines = [json.loads(line) for line in worker.log.read_text().splitlines() if line.startswith("{")]
    assert [line for line in lines if line["event"] == "worker.stopped"]
    return [line for line in lines if line["event"] == "worker.schemas_changed"]


def test_a_worker_warns_of_changed_new_and_removed_schemas(app: GeneratedApp) -> None:
    app.schema("email.json", CHANGED)
    app.schema("deep/new.yaml", "type: object\n")
    with app.worker("--drain") as worker:
        (line,) = warned(worker)
    assert (line["level"], line["package"], line["files"]) == ("warning", "generated", "deep/new.yaml, email.json")
    (app.folder / "schemas/deep/new.yaml").unlink()
    app.generate()
    with app.worker("--drain") as worker:
        assert warned(worker) == []
    (app.folder / "schemas/email.json").rename(app.folder / "schemas/mail.json")
    with app.worker("--drain") as worker:
        assert warned(worker)[0]["files"] == "email.json, mail.json"


def test_a_worker_that_was_told_so_refuses(app: GeneratedApp) -> None:
    with app.worker("--drain", schema_drift="refuse") as worker:
        assert worker.wait() == 0
    app.schema("email.json", CHANGED)
    for arguments in ((), ("--processes", "2")):
        with app.worker(*arguments, schema_drift="refuse") as worker:
            assert worker.wait() == 2
            assert "schemas: changed since generated was generated: email.json; run memshelf-gen" in (
                worker.log.read_text()
            )
            assert "worker.started" not in worker.log.read_text()


def test_a_worker_that_was_told_so_does_not_look(app: GeneratedApp) -> None:
    app.schema("email.json", CHANGED)
    with app.worker("--drain", schema_drift="ignore") as worker:
        assert warned(worker) == []


def test_without_a_schema_folder_there_is_nothing_to_compare(app: GeneratedApp) -> None:
    (app.folder / "schemas").rename(app.folder / "elsewhere")
    with app.worker("--drain", schema_drift="refuse") as worker:
        assert warned(worker) == []


def test_a_comment_or_another_checkout_is_no_change(app: GeneratedApp) -> None:
    yaml = "# Mail.\ntype: object\n\nx-job: {}\n"
    app.schema("other.yaml", yaml)
    (app.folder / "jobs/other.py").write_text("async def handle(job, context): ...\n")
    app.generate()
    app.schema("other.yaml", yaml.replace("# Mail.", "\n  # Other mail.").replace("\n", "\r\n"))
    with app.worker("--drain") as worker:
        assert warned(worker) == []


@pytest.mark.parametrize("text", ["", "[]", "{", '{"sources": 5}', '{"memshelf": "0.0.1", "files": []}'])
def test_a_record_without_digests_says_nothing(app: GeneratedApp, text: str) -> None:
    (app.folder / "schemas/email.json").write_text("{}")
    (app.folder / "generated/.memshelf-gen.json").write_text(text)
    assert sources.difference("generated", app.folder / "generated") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[tool.memshelf",
        '[tool.memshelf]\ngenerated = "acme.generated"\n',
        '[tool.memshelf]\nsource = "src"\n',
        '[tool.memshelf]\nschemas = "contracts"\n',
    ],
)
def test_schemas_of_another_project_are_not_compared(app: GeneratedApp, text: str) -> None:
    app.schema("email.json", CHANGED)
    found = sources.difference("generated", app.folder / "generated")
    assert found == sources.Difference("generated", app.folder / "schemas", ("email.json",))
    (app.folder / "pyproject.toml").write_text(text)
    assert sources.difference("generated", app.folder / "generated") is None


CONTENTS = st.lists(
    st.sampled_from(
        [b"a: 1", b"# x", b"  # y", b"\t", b"", b" b", b"c ", b"\xef\xbb\xbf", b"\n", b"\r", b"\r\n", b"'#'", b"\xff"]
    ),
    max_size=12,
).map(b"".join)


@given(CONTENTS | st.binary(max_size=40))
def test_generator_and_runtime_have_the_same_digest(content: bytes) -> None:
    assert sources.source_digest(content) == manifest.source_digest(content)


def test_generator_and_runtime_read_the_same_files(tmp_path: Path) -> None:
    names = ["a.yaml", "B.YML", "c.json", ".d.yaml", ".e/f.yaml", "g/h.yaml", "g/i/j.Json", "k.txt", "l.yaml.bak", "m"]
    config = make(tmp_path, dict.fromkeys(names, "type: object\n"))
    os.symlink(tmp_path / "schemas/g", tmp_path / "schemas/linked")
    os.symlink(tmp_path / "schemas/a.yaml", tmp_path / "schemas/also.yaml")
    loaded = load.load(config.schema_folder, shown="schemas")
    assert set(sources._sources(config.schema_folder)) == {
        *(each.source for each in loaded.documents),
        *loaded.unread,
    }
    assert len(tree(config.schema_folder)) > len(set(sources._sources(config.schema_folder)))
