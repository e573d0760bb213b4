"""`memshelf-gen watch`: the real command, real files and the events of a real file system."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from memshelf_gen.pipeline import check
from memshelf_gen.watch import Watcher
from tests.generator.projects import EMAIL, Json, job, make, tree, write
from tests.generator.test_answers import faults
from tests.generator.test_cli import run
from tests.generator.watching import watching

OTHER = job({"n": {"type": "integer"}})


def save(path: Path, content: Json | str) -> None:
    """Save in one step, so that nobody sees half of it."""
    beside = path.parent / f".{path.name}.new"
    write(beside, content)
    beside.replace(path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_generates_at_once_and_after_a_save_until_it_is_ended(number: int, tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL, "other.json": OTHER})
    with watching(tmp_path) as process:
        assert re.fullmatch(r"\d\d:\d\d:\d\d start → \d+ files in \d+ ms", process.line())
        assert check(config).clean
        save(config.schema_folder / "email.json", {**EMAIL, "description": "Send a mail."})
        assert re.fullmatch(r"\d\d:\d\d:\d\d email.json → \d files in \d+ ms", process.line())
        assert "Send a mail." in (tmp_path / "generated/models/email.py").read_text()
        assert check(config).clean
        assert process.end(number) == 0
    assert (process.lines.qsize(), process.faults.qsize()) == (0, 0)


def test_each_round_is_told_in_json_as_it_was_published(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    with watching(tmp_path, "--json") as process:
        first = process.round()
        assert (first["ok"], first["because"], first["jobs"]) == (True, [], ["send-email"])
        save(config.schema_folder / "email.json", {**EMAIL, "description": "Send a mail."})
        second = process.round()
        assert (second["because"], second["jobs"]) == (["schemas/email.json"], ["send-email"])
        assert "generated/models/email.py" in second["updated"]
        save(config.schema_folder / "email.json", {**EMAIL, "type": "strng"})
        third = process.round()
        assert (third["ok"], third["problems"][0]["path"]) == (False, "schemas/email.json")
        assert [faults("watch.schema.json", told) for told in (first, second, third)] == [[], [], []]


def test_a_fault_is_told_in_one_line_and_the_next_save_is_another_try(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    file = config.schema_folder / "email.json"
    with watching(tmp_path) as process:
        process.line()
        before = tree(tmp_path / "generated")
        save(file, '{\n  "x-job": {},\n  "type": }')
        told = process.fault()
        assert re.fullmatch(r"\d\d:\d\d:\d\d email.json → schemas/email.json:3:11: .+", told)
        save(file, {**EMAIL, "x-job": {"retries": -1, "timeout": "never"}})
        assert re.fullmatch(r"\d\d:\d\d:\d\d email.json → 2 faults in \d+ ms", process.fault())
        assert {process.fault().partition(": must be ")[0].partition(": ")[2] for _ in range(2)} == {
            "x-job.retries",
            "x-job.timeout",
        }
        assert tree(tmp_path / "generated") == before
        save(file, EMAIL)
        assert process.line().partition(" → ")[2].startswith("up to date in ")
        assert process.end() == 0
    assert process.faults.qsize() == 0


def write_in_place(path: Path, text: str) -> None:
    path.write_text(text)


def replace_by_a_temporary_file(path: Path, text: str) -> None:
    beside = path.with_name(f"{path.name}.tmp12")
    beside.write_text(text)
    os.replace(beside, path)


def save_as_vim(path: Path, text: str) -> None:
    probe, backup, swap = path.with_name("4913"), path.with_name(f"{path.name}~"), path.with_name(f".{path.name}.swp")
    swap.write_text("b0VIM")
    probe.write_text("")
    probe.unlink()
    os.rename(path, backup)
    path.write_text(text)
    backup.unlink()
    swap.unlink()


def save_as_emacs(path: Path, text: str) -> None:
    lock, unsaved = path.with_name(f".#{path.name}"), path.with_name(f"#{path.name}#")
    os.symlink("somebody@nowhere.1:1", lock)
    unsaved.write_text(text)
    os.rename(path, path.with_name(f"{path.name}~"))
    path.write_text(text)
    unsaved.unlink()
    lock.unlink()


def save_as_jetbrains(path: Path, text: str) -> None:
    new, old = path.with_name(f"{path.name}___jb_tmp___"), path.with_name(f"{path.name}___jb_old___")
    new.write_text(text)
    os.rename(path, old)
    os.rename(new, path)
    old.unlink()


def replace_without_a_new_time(path: Path, text: str) -> None:
    """Save as a tool does that keeps times: only the file is another."""
    found = path.stat()
    beside = path.with_name(f"{path.name}.tmp")
    beside.write_text(text)
    os.utime(beside, ns=(found.st_atime_ns, found.st_mtime_ns))
    os.replace(beside, path)


def test_every_way_in_which_editors_save_is_seen(tmp_path: Path) -> None:
    config = make(tmp_path, {"deep/email.json": EMAIL})
    ways: tuple[Callable[[Path, str], None], ...] = (
        write_in_place,
        replace_by_a_temporary_file,
        save_as_vim,
        save_as_emacs,
        save_as_jetbrains,
        replace_without_a_new_time,
    )
    with watching(tmp_path, "--json") as process:
        process.round()
        for way in ways:
            way(config.schema_folder / "deep/email.json", json.dumps({**EMAIL, "description": f"By {way.__name__}."}))
            told = process.until(lambda told: told["ok"] and told["updated"])
            assert told["because"] == ["schemas/deep/email.json"]
            assert way.__name__ in (tmp_path / "generated/models/deep/email.py").read_text()


def test_a_burst_of_saves_makes_few_rounds(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    with watching(tmp_path, "--json") as process:
        process.round()
        for number in range(300):
            save(config.schema_folder / "email.json", {**EMAIL, "description": f"Number {number}."})
        save(config.schema_folder / "last.json", OTHER)
        rounds = [process.round()]
        while "last" not in rounds[-1]["jobs"]:
            rounds.append(process.round())
        assert len(rounds) < 60
        assert "Number 299." in (tmp_path / "generated/models/email.py").read_text()


def test_what_was_added_renamed_and_deleted_is_seen(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    folder = config.schema_folder
    with watching(tmp_path, "--json") as process:
        process.round()
        write(folder / "billing/deep/refund.json", OTHER)
        told = process.until(lambda told: told.get("stubs"))
        assert "jobs/billing/deep/refund.py" in told["stubs"]
        (tmp_path / "jobs/email.py").write_text("async def handle(job, context): ...\n")
        (folder / "email.json").rename(folder / "mail.json")
        told = process.round()
        assert told["because"] == ["schemas/email.json", "schemas/mail.json"]
        assert told["moved"] == {"jobs/email.py": "jobs/mail.py"}
        shutil.move(folder / "billing", tmp_path / "elsewhere")
        assert process.round()["jobs"] == ["send-email"]
        shutil.move(tmp_path / "elsewhere", folder / "billing")
        assert process.round()["jobs"] == ["billing-deep-refund", "send-email"]
        (folder / "billing/deep/refund.json").unlink()
        told = process.round()
        assert "jobs/billing/deep/refund.py" in told["removed"]
        assert check(config).clean


def test_a_schema_folder_may_go_and_come_back(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    folder, elsewhere = config.schema_folder, tmp_path / "elsewhere"
    with watching(tmp_path, "--json") as process:
        process.round()
        before = tree(tmp_path / "generated")
        for _ in range(2):
            folder.rename(elsewhere)
            assert "there is no such folder" in process.round()["problems"][0]["text"]
            assert tree(tmp_path / "generated") == before
            elsewhere.rename(folder)
            assert process.until(lambda told: told["ok"])["updated"] == []
        shutil.rmtree(folder)
        process.until(lambda told: not told["ok"] and "no such folder" in told["problems"][0]["text"])
        write(folder / "email.json", {**EMAIL, "description": "Send a mail."})
        assert "generated/models/email.py" in process.until(lambda told: told["ok"])["updated"]
        save(folder / "email.json", EMAIL)
        assert "generated/models/email.py" in process.round()["updated"]


def test_a_schema_folder_that_is_made_anew_at_once_is_not_taken_for_the_old_one(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    rounds = Watcher(config, file=tmp_path / "pyproject.toml").rounds()
    with closing(rounds):
        assert next(rounds).problems == ()
        write(config.schema_folder / "email.json", {**EMAIL, "description": "Send one."})
        assert next(rounds).because == ("schemas/email.json",)
        # Between two looks, and most file systems give the new folder the number of the old one.
        shutil.rmtree(config.schema_folder)
        config.schema_folder.mkdir()
        while not next(rounds).problems:
            pass
        for text in ("Send a mail.", "Send mail."):
            write(config.schema_folder / "email.json", {**EMAIL, "description": text})
            assert next(rounds).because == ("schemas/email.json",)


def test_a_schema_that_is_a_link_is_followed(tmp_path: Path) -> None:
    config = make(tmp_path, {"other.json": OTHER})
    write(tmp_path / "shared/email.json", EMAIL)
    (config.schema_folder / "email.json").symlink_to("../shared/email.json")
    with watching(tmp_path, "--json") as process:
        assert process.round()["jobs"] == ["send-email", "other"]
        save(tmp_path / "shared/email.json", {**EMAIL, "description": "Send a mail."})
        told = process.round()
        assert (told["because"], "generated/models/email.py" in told["updated"]) == (["schemas/email.json"], True)
        (config.schema_folder / "third.json").symlink_to("other.json")
        assert process.round()["because"] == ["schemas/third.json"]


def test_a_change_of_the_configuration_is_followed(tmp_path: Path) -> None:
    make(tmp_path, {"email.json": EMAIL})
    write(tmp_path / "contracts/other.json", OTHER)
    file = tmp_path / "pyproject.toml"
    with watching(tmp_path, "--json") as process:
        process.round()
        save(file, '[tool.memshelf]\ngenerated = "made"\n')
        told = process.round()
        assert told["because"] == ["pyproject.toml"]
        assert "made/models/email.py" in told["created"]
        save(file, "[tool.memshelf]\ngenerated = made\n")
        assert process.round()["problems"][0]["line"] == 2
        save(file, '[tool.memshelf]\ngenerated = "made"\nschemas = "contracts"\n')
        assert process.round()["jobs"] == ["other"]
        save(tmp_path / "schemas/email.json", {})
        save(tmp_path / "contracts/third.json", OTHER)
        told = process.round()
        assert (told["because"], told["jobs"]) == (["contracts/third.json"], ["other", "third"])


def test_a_handler_that_was_refused_is_another_try_when_it_is_mended(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    write(tmp_path / "jobs/email.py", "async def handle(job, context:\n")
    with watching(tmp_path, "--json") as process:
        assert process.round()["problems"][0]["path"] == "jobs/email.py"
        save(tmp_path / "jobs/email.py", "async def handle(job, context): ...\n")
        told = process.round()
        assert (told["ok"], told["because"]) == (True, ["jobs/email.py"])
        save(tmp_path / "jobs/email.py", "async def handle(job, context:\n")
        save(config.schema_folder / "email.json", {**EMAIL, "description": "Send a mail."})
        told = process.round()
        assert (told["ok"], told["because"]) == (False, ["schemas/email.json"])


def test_a_handler_that_is_saved_during_a_round_makes_another_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    write(tmp_path / "jobs/email.py", "x = 1\n")
    change = os.chmod

    def saving(place: str | Path, mode: int) -> None:
        change(place, mode)
        write(tmp_path / "jobs/email.py", "async def handle(job, context): ...\n")

    rounds = Watcher(config, file=tmp_path / "pyproject.toml").rounds()
    with closing(rounds), monkeypatch.context() as patched:
        patched.setattr("os.chmod", saving)
        first = next(rounds)
        assert [each.path for each in first.problems] == ["jobs/email.py"]
        patched.undo()
        second = next(rounds)
    assert (second.because, second.generated is not None) == (("jobs/email.py",), True)
    assert (tmp_path / "jobs/email.py").read_text() == "async def handle(job, context): ...\n"


def test_what_is_generated_makes_no_round_of_its_own(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    write(config.schema_folder / ".job.schema.json", "{}")
    with watching(tmp_path, "--json") as process:
        assert "schemas/.job.schema.json" in process.round()["updated"]
        for text in ("One.", "Two."):
            save(config.schema_folder / "email.json", {**EMAIL, "description": text})
            told = process.round()
            assert (told["because"], told["updated"] != []) == (["schemas/email.json"], True)


def test_quiet_tells_faults_alone(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    write(tmp_path / "generated/own.py", "x = 1\n")
    with watching(tmp_path, "--quiet") as process:
        save(config.schema_folder / "email.json", "{")
        assert "email.json" in process.fault()
        assert process.end() == 0
    assert process.lines.qsize() == 0


def test_notes_are_told_once(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    write(tmp_path / "generated/own.py", "x = 1\n")
    with watching(tmp_path) as process:
        process.line()
        assert process.line().startswith("foreign     generated/own.py: ")
        for text in ("One.", "Two."):
            save(config.schema_folder / "email.json", {**EMAIL, "description": text})
            assert " email.json → " in process.line()


def test_without_a_project_there_is_nothing_to_watch(tmp_path: Path) -> None:
    ended = run(tmp_path, "watch", "--json")
    assert ended.exit_code == 2
    assert faults("watch.schema.json", json.loads(ended.output)) == []
    assert ended.output.count("\n") == 1
