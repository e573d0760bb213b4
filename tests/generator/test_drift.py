"""Drift: the same files that `generate` would write, compared with those on disk, and how each came to differ."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from memshelf_gen.drift import diff
from memshelf_gen.manifest import MANIFEST, digest_of
from memshelf_gen.pipeline import check, generate
from memshelf_gen.results import Checked
from memshelf_gen.settings import ProjectConfig
from tests.generator.projects import EMAIL, job, make, tree, write

ROOT = Path(__file__).parents[2]


def kinds(checked: Checked) -> dict[str, str]:
    """Give the kind of each file that differs."""
    return {each.path: each.kind for each in checked.differences}


def generated(folder: Path) -> ProjectConfig:
    """Make a project with one job whose handler is written, and generate it."""
    config = make(folder, {"email.json": EMAIL})
    write(folder / "jobs/email.py", "async def handle(job, context): ...\n")
    generate(config)
    return config


def edit(config: ProjectConfig, path: str) -> None:
    """Change a generated file as people do."""
    file = config.generated_folder / path
    file.write_text(file.read_text() + "# edited\n")


def record(config: ProjectConfig, **changes: object) -> None:
    """Change the record of the last generation."""
    file = config.generated_folder / MANIFEST
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


def test_after_generating_there_is_no_drift(tmp_path: Path) -> None:
    checked = check(generated(tmp_path))
    assert (checked.clean, checked.differences) == (True, ())


def test_a_stub_is_told_and_no_drift(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    generate(config)
    assert check(config).clean
    assert kinds(check(config)) == {"jobs/email.py": "handler-unimplemented"}


def test_checking_writes_nothing(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    before = tree(tmp_path)
    assert not check(config).clean
    assert tree(tmp_path) == before


def test_a_project_that_was_never_generated_misses_everything(tmp_path: Path) -> None:
    found = kinds(check(make(tmp_path, {"email.json": EMAIL})))
    assert found["generated/catalog.py"] == found["generated/schemas/email.json"] == "missing"
    assert found["jobs/__init__.py"] == found["jobs/email.py"] == "handler-missing"
    assert set(found.values()) == {"missing", "handler-missing"}


def test_a_changed_schema_makes_files_stale_and_shows_a_readable_diff(tmp_path: Path) -> None:
    config = generated(tmp_path)
    changed = json.loads(json.dumps(EMAIL).replace('"subject": {"type": "string", "maxLength": 200}', '"subject": {}'))
    write(config.schema_folder / "email.json", changed)
    checked = check(config)
    assert kinds(checked) == {
        "generated/catalog.py": "stale",
        "generated/dicts/email.py": "stale",
        "generated/models/email.py": "stale",
        "generated/schemas/email.json": "stale",
    }
    model = {each.path: each for each in checked.differences}["generated/models/email.py"]
    assert model.diff.startswith("--- a/generated/models/email.py\n+++ b/generated/models/email.py\n@@ ")
    assert "-    subject: Annotated[str, Field(max_length=200)]\n+    subject: Any\n" in model.diff
    signs = [line[:1] for line in model.diff.splitlines()[2:]]
    assert (model.insertions, model.deletions) == (signs.count("+"), signs.count("-"))


def test_an_edited_file_is_told_from_a_stale_one(tmp_path: Path) -> None:
    config = generated(tmp_path)
    edit(config, "catalog.py")
    assert kinds(check(config)) == {"generated/catalog.py": "edited"}
    assert "-# edited" in check(config).differences[0].diff
    write(config.schema_folder / "email.json", {**EMAIL, "description": "Send mail."})
    found = kinds(check(config))
    assert found["generated/catalog.py"] == "edited"
    assert found["generated/models/email.py"] == "stale"


def test_without_a_record_nobody_knows_whose_change_it_is(tmp_path: Path) -> None:
    config = generated(tmp_path)
    edit(config, "catalog.py")
    (config.generated_folder / MANIFEST).write_text("<<<<<<< a bad merge")
    assert kinds(check(config)) == {"generated/catalog.py": "changed"}


def test_a_record_that_alone_is_wrong_is_stale(tmp_path: Path) -> None:
    config = generated(tmp_path)
    record(config, jobs={})
    assert kinds(check(config)) == {f"generated/{MANIFEST}": "stale"}


def test_a_removed_file_is_missing(tmp_path: Path) -> None:
    config = generated(tmp_path)
    (config.generated_folder / "catalog.py").unlink()
    assert kinds(check(config)) == {"generated/catalog.py": "missing"}


def test_a_file_of_people_is_unexpected(tmp_path: Path) -> None:
    config = generated(tmp_path)
    write(config.generated_folder / "own.py", "x = 1\n")
    assert kinds(check(config)) == {"generated/own.py": "unexpected"}


def test_a_job_whose_schema_is_gone_leaves_obsolete_files_and_an_orphan(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL, "other.json": job({}), "third.json": job({})})
    write(tmp_path / "jobs/other.py", "def handle(job, context): ...\n")
    generate(config)
    (config.schema_folder / "other.json").unlink()
    (config.schema_folder / "third.json").unlink()
    found = kinds(check(config))
    assert found["generated/models/other.py"] == "obsolete"
    assert found["jobs/other.py"] == "handler-orphaned"
    assert found["jobs/third.py"] == "handler-leftover"


def test_another_release_is_named_once(tmp_path: Path) -> None:
    config = generated(tmp_path)
    model = config.generated_folder / "models/email.py"
    # What an older release would have left: other text, and a record that agrees with it.
    model.write_text(model.read_text().replace("# Generated", "# Made"))
    files = json.loads((config.generated_folder / MANIFEST).read_text())["files"]
    record(config, memshelf="0.0.1", files={**files, "models/email.py": digest_of(model.read_text())})
    edit(config, "catalog.py")
    found = check(config).differences
    assert [(each.kind, each.path) for each in found] == [
        ("release", f"generated/{MANIFEST}"),
        ("edited", "generated/catalog.py"),
    ]
    assert found[0].text.startswith("generated by memshelf 0.0.1, and this is ")
    assert found[0].text.endswith("; memshelf-gen writes 1 other file anew")


def test_line_ends_that_a_checkout_changed_are_named(tmp_path: Path) -> None:
    config = generated(tmp_path)
    file = config.generated_folder / "catalog.py"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    (found,) = check(config).differences
    assert (found.kind, found.text.partition(",")[0]) == ("edited", "differs in its line ends alone")


def test_caches_are_no_drift(tmp_path: Path) -> None:
    config = generated(tmp_path)
    write(config.generated_folder / "__pycache__/catalog.cpython-311.pyc", "")
    write(config.generated_folder / "models/__pycache__/x.pyc", "")
    assert check(config).differences == ()


def test_nothing_of_the_application_is_imported(tmp_path: Path) -> None:
    config = generated(tmp_path)
    write(
        tmp_path / "jobs/email.py", "import not_installed\nraise SystemExit('imported')\nhandle = not_installed.run\n"
    )
    write(tmp_path / "jobs/__init__.py", "raise SystemExit('imported')\n")
    write(config.generated_folder / "__init__.py", "raise SystemExit('imported')\n")
    script = "import sys; sys.modules['memshelf'] = None\nfrom memshelf_gen.__main__ import main\nmain()"
    done = subprocess.run(
        [sys.executable, "-c", script, "check", "--json"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "generator"), str(tmp_path)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["counts"] == {"edited": 1}


def test_git_takes_the_diffs_and_makes_of_them_what_would_be_generated(tmp_path: Path) -> None:
    config = generated(tmp_path)
    edit(config, "catalog.py")
    queues = config.generated_folder / "queues.py"
    queues.write_text(queues.read_text().rstrip("\n") + "  # \u00e9\u2028\x0c")
    write(tmp_path / "jobs/email.py", "from generated import MailPayload\r\ndef handle(job: Job[MailPayload]): ...")
    write(config.schema_folder / "email.json", {**EMAIL, "description": "Send \u2013 \u201conce\u201d.\n\nNot twice."})
    done = subprocess.run(
        [sys.executable, "-c", "from memshelf_gen.__main__ import main\nmain()", "check"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT / "generator"), "PYTHONUTF8": "1"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], cwd=tmp_path, input=done.stdout, check=True)
    written = generate(config)
    assert (written.changed, written.adjusted) == (("generated/.memshelf-gen.json",), ())


def test_a_missing_newline_at_the_end_is_shown() -> None:
    assert diff("a", "x", "x\n").endswith("-x\n\\ No newline at end of file\n+x\n")


def test_lines_end_at_line_feeds_alone() -> None:
    assert diff("a", "1\u2028\x0c2\n", "1\u2028\x0c3\n").count("\n-") == 1
