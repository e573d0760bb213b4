"""Drift: the same files that `generate` would write, compared with those on disk."""

from __future__ import annotations

import json
from pathlib import Path

from memshelf_gen.drift import diff
from memshelf_gen.pipeline import check, generate
from tests.generator.projects import EMAIL, make, tree, write


def test_after_generating_there_is_no_drift(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    generate(config)
    assert check(config).clean


def test_checking_writes_nothing(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    before = tree(tmp_path)
    assert not check(config).clean
    assert tree(tmp_path) == before


def test_a_project_that_was_never_generated_misses_everything(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    missing = check(config).drift.missing
    assert {"generated/catalog.py", "generated/schemas/email.json", "jobs/__init__.py", "jobs/email.py"} <= set(missing)


def test_a_changed_schema_shows_a_readable_diff(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    generate(config)
    changed = json.loads(json.dumps(EMAIL).replace('"subject": {"type": "string", "maxLength": 200}', '"subject": {}'))
    write(config.schema_folder / "email.json", changed)
    found = {each.path: each.diff for each in check(config).drift.changed}
    assert set(found) == {
        "generated/catalog.py",
        "generated/dicts/email.py",
        "generated/models/email.py",
        "generated/schemas/email.json",
    }
    assert found["generated/models/email.py"].startswith(
        "--- a/generated/models/email.py\n+++ b/generated/models/email.py\n@@ "
    )
    assert (
        "-    subject: Annotated[str, Field(max_length=200)]\n+    subject: Any\n" in found["generated/models/email.py"]
    )


def test_an_edited_file_is_changed_and_a_file_of_people_unexpected(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    generate(config)
    catalog = config.generated_folder / "catalog.py"
    catalog.write_text(catalog.read_text() + "EDITED = True\n")
    write(config.generated_folder / "own.py", "x = 1\n")
    drift = check(config).drift
    assert [each.path for each in drift.changed] == ["generated/catalog.py"]
    assert drift.unexpected == ("generated/own.py",)
    assert "-EDITED = True" in drift.changed[0].diff


def test_a_job_whose_schema_is_gone_leaves_unexpected_files(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL, "other.json": {**EMAIL, "x-job": {}}})
    generate(config)
    (config.schema_folder / "other.json").unlink()
    result = check(config)
    assert "generated/models/other.py" in result.drift.unexpected
    assert result.orphans == ("jobs/other.py",)


def test_caches_are_no_drift(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    generate(config)
    write(config.generated_folder / "__pycache__/catalog.cpython-311.pyc", "")
    write(config.generated_folder / "models/__pycache__/x.pyc", "")
    assert check(config).clean


def test_a_missing_newline_at_the_end_is_shown() -> None:
    assert diff("a", "x", "x\n").endswith("-x\n\\ No newline at end of file\n+x\n")


def test_lines_end_at_line_feeds_alone() -> None:
    assert diff("a", "1\u2028\x0c2\n", "1\u2028\x0c3\n").count("\n-") == 1
