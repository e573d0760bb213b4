"""Schemas of before come from a commit as git has it, whatever stands in its way, and nothing is checked out."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.generator.projects import EMAIL, job, make, write
from tests.generator.test_cli import run


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def committed(tmp_path: Path, below: str = "") -> Path:
    """Give a project in a repository whose one commit took longer subjects, and had another schema folder."""
    folder = tmp_path / below
    folder.mkdir(parents=True, exist_ok=True)
    make(folder, {"é -x.json": EMAIL, "a.json": job({"a": {"maxLength": 9}})})
    (folder / "pyproject.toml").write_text('[tool.memshelf]\nschemas = "old schemas"\n', encoding="utf-8")
    (folder / "schemas").rename(folder / "old schemas")
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "before")
    (folder / "old schemas").rename(folder / "schemas")
    make(folder, {"a.json": job({"a": {"maxLength": 5}})})
    return folder


@pytest.mark.parametrize("below", ["", "deep/er"])
def test_schemas_of_a_commit_are_read_without_a_checkout(tmp_path: Path, below: str) -> None:
    folder = committed(tmp_path, below)
    result = run(folder, "breaking", "--against", "main")
    place = f"{below}/" if below else ""
    assert result.exit_code == 1
    assert f"it was main:{place}old schemas/a.json:1:" in result.output
    assert result.output.endswith("2 jobs compared with main: 1 finding: 1 error\n")


@pytest.mark.parametrize("ref", ["nothing", "--output=x"])
def test_an_unknown_commit_is_refused(tmp_path: Path, ref: str) -> None:
    result = run(committed(tmp_path), "breaking", f"--against={ref}")
    assert (result.exit_code, "is neither a folder nor a commit" in result.output) == (2, True)


def test_a_shallow_clone_gets_a_hint(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    committed(tmp_path / "a")
    git(tmp_path / "a", "add", "-A")
    git(tmp_path / "a", "commit", "-qm", "after")
    git(tmp_path, "clone", "-q", "--depth=1", (tmp_path / "a").as_uri(), "b")
    result = run(tmp_path / "b", "breaking", "--against", "main~1")
    assert (result.exit_code, "fetch-depth: 0" in result.output) == (2, True)


def test_no_repository_no_git_and_no_schemas_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, {"a.json": EMAIL})
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert "in no git repository" in run(tmp_path, "breaking", "--against", "main").output
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", "pyproject.toml")
    git(tmp_path, "commit", "-qm", "empty")
    assert "there are no schemas in main:schemas/;" in run(tmp_path, "breaking", "--against", "main").output
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "git is not installed" in run(tmp_path, "breaking", "--against", "main").output


def changed(folder: Path) -> None:
    """Narrow whatever job of a folder has a longest text of 9."""
    for file in folder.rglob("*.json"):
        file.write_text(file.read_text(encoding="utf-8").replace(": 9}", ": 5}"), encoding="utf-8")


def repository(folder: Path) -> Path:
    """Give a project in the folder `svc` of a repository, nothing committed yet."""
    (folder / "svc").mkdir(parents=True)
    make(folder / "svc", {"a.json": job({"a": {"maxLength": 9}})})
    git(folder, "init", "-q", "-b", "main")
    return folder / "svc"


def commit(folder: Path) -> None:
    git(folder, "add", "-A", ".")
    git(folder, "commit", "-qm", "before")


@pytest.mark.parametrize("ref", ["main:svc", "main:svc/", "main:svc/schemas", "v1", "main^0", "HEAD"])
def test_a_folder_in_a_commit_and_a_tag_are_named_as_git_names_them(tmp_path: Path, ref: str) -> None:
    folder = repository(tmp_path)
    commit(folder)
    git(folder, "tag", "-a", "v1", "-m", "x")
    changed(folder)
    result = run(folder, "breaking", "--against", ref)
    assert (result.exit_code, "it was " in result.output, "schemas/a.json:1:" in result.output) == (1, True, True)


@pytest.mark.parametrize("ref", ["", " "])
def test_an_empty_name_is_not_this_project_itself(tmp_path: Path, ref: str) -> None:
    result = run(repository(tmp_path), "breaking", f"--against={ref}")
    assert (result.exit_code, "is a variable empty?" in result.output) == (2, True)


def test_a_name_of_a_folder_and_of_a_commit_is_asked_about(tmp_path: Path) -> None:
    folder = repository(tmp_path)
    commit(folder)
    write(folder / "main/a.json", job({}))
    result = run(folder, "breaking", "--against", "main")
    assert (result.exit_code, "write ./main for the one, main^0 for the other" in result.output) == (2, True)
    assert run(folder, "breaking", "--against", "main^0").exit_code == 0
    assert (
        "1 job compared with ./main: nothing" in run(folder, "breaking", "--against", "./main", "--level=none").output
    )


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    folder = repository(tmp_path)
    commit(folder)
    assert "'pyproject.toml' is a file" in run(folder, "breaking", "--against", "pyproject.toml").output


def test_a_hook_of_another_folder_does_not_lead_astray(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = repository(tmp_path)
    commit(folder)
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")
    assert run(folder, "breaking", "--against", "main").exit_code == 0


def test_links_are_followed_within_the_commit(tmp_path: Path) -> None:
    folder = repository(tmp_path)
    write(folder / "other/b.json", job({"b": {"maxLength": 9}}))
    (folder / "schemas/b.json").symlink_to("../other/b.json")
    (folder / "schemas").rename(folder / "real")
    (folder / "schemas").symlink_to("real")
    for name, to in (("dead", "nowhere"), ("loop", "loop.json"), ("out", os.fspath(tmp_path / "svc/pyproject.toml"))):
        (folder / f"schemas/{name}.json").symlink_to(to)
    commit(folder)
    for name in ("dead", "loop", "out"):
        (folder / f"schemas/{name}.json").unlink()
    changed(folder / "other")
    lines = run(folder, "breaking", "--against", "main").output.splitlines()
    assert "b: the longest text is limited more (9 became 5)" in lines[0]
    assert "it was main:svc/schemas/b.json:1:" in lines[0]
    told = "is a link that leads to no file of the commit [past-invalid]"
    assert [line for line in lines if line.endswith(told)] == lines[2:5]


def test_files_of_a_submodule_are_not_taken_for_missing(tmp_path: Path) -> None:
    folder = repository(tmp_path)
    write(folder / "schemas/vendor/b.json", job({}))
    git(folder / "schemas/vendor", "init", "-q", "-b", "main")
    commit(folder / "schemas/vendor")
    commit(folder)
    output = run(folder, "breaking", "--against", "main").output
    assert output.startswith("schemas/vendor: warning: ")
    assert "main:svc/schemas/vendor: is a submodule" in output
    (folder / "pyproject.toml").write_text('[tool.memshelf]\nschemas = "schemas/vendor"\n', encoding="utf-8")
    commit(folder)
    result = run(folder, "breaking", "--against", "main")
    assert (result.exit_code, "svc/schemas/vendor is a submodule" in result.output) == (2, True)


def test_a_blob_that_is_not_there_is_told(tmp_path: Path) -> None:
    folder = repository(tmp_path)
    commit(folder)
    asked = ["git", "rev-parse", "HEAD:./schemas/a.json"]
    blob = subprocess.run(asked, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()
    (tmp_path / ".git/objects" / blob[:2] / blob[2:]).unlink()
    result = run(folder, "breaking", "--against", "main")
    assert (result.exit_code, "is not in this clone" in result.output) == (1, True)


def test_names_that_are_no_line_of_text_are_told_and_the_others_compared(tmp_path: Path) -> None:
    folder = repository(tmp_path)
    narrow = job({"a": {"maxLength": 9}})
    for name in ('q"uo\\te.json', "new\nline.json", os.fsdecode(b"\xff.json"), "ü ñ.json"):
        write(folder / "schemas" / name, narrow | {"x-job": {"name": f"n{len(os.fsencode(name))}"}})
    commit(folder)
    changed(folder)
    result = run(folder, "breaking", "--against", "main")
    text = "the name is not UTF-8 or has a control character in it; give the file another"
    assert result.exit_code == 2
    assert result.output == f"schemas/\\udcff.json: {text}\nschemas/new\\nline.json: {text}\n"
    for file in (folder / "schemas/new\nline.json", folder / "schemas" / os.fsdecode(b"\xff.json")):
        file.unlink()
    output = run(folder, "breaking", "--against", "main").output
    assert output.endswith("3 jobs compared with main: 5 findings: 3 errors, 2 warnings\n")


def test_a_repository_that_git_does_not_trust_is_not_called_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = repository(tmp_path)
    commit(folder)
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    result = run(folder, "breaking", "--against", "main")
    assert (result.exit_code, "dubious ownership" in result.output) == (2, True)


def test_a_working_folder_of_a_bare_clone_is_compared(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    commit(repository(tmp_path / "a"))
    git(tmp_path, "clone", "-q", "--bare", (tmp_path / "a").as_uri(), "b.git")
    git(tmp_path / "b.git", "worktree", "add", "-q", "../c", "main")
    changed(tmp_path / "c")
    assert run(tmp_path / "c/svc", "breaking", "--against", "main").exit_code == 1
