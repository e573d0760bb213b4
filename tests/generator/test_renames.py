"""Jobs under a new name: with previous_names their handler moves along; without it, a likely rename is a hint."""

from __future__ import annotations

from pathlib import Path

import pytest

from memshelf_gen.naming import name_job
from memshelf_gen.pipeline import check, generate
from memshelf_gen.problem import InvalidInput
from memshelf_gen.settings import ProjectConfig
from tests.generator.projects import EMAIL, Json, job, make, tree, write

HANDLER = """\
from generated import {cls}  # mine
from memshelf import Context, Job


async def handle(job: Job[{cls}], context: Context) -> None:
    print(job.payload.to)
"""


def schema(**settings: object) -> Json:
    return {**EMAIL, "x-job": settings}


def renamed(folder: Path, old: str, new: str, settings: Json, handler: str | None = None) -> ProjectConfig:
    """Make and generate a project with one job and its handler, then give its schema another path."""
    config = make(folder, {f"{old}.json": schema()})
    if handler is not None:
        write(config.jobs_folder / f"{old}.py", handler)
    generate(config)
    (config.schema_folder / f"{old}.json").unlink()
    write(config.schema_folder / f"{new}.json", schema(**settings))
    return config


@pytest.mark.parametrize(
    ("old", "new", "settings"),
    [
        ("email", "mail", {"previous_names": ["email"]}),
        ("email", "mail", {"name": "email"}),
        ("email", "post/letters/mail", {"previous_names": ["email"]}),
        ("post/email", "mail", {"previous_names": ["other", "post-email"]}),
    ],
)
def test_the_handler_moves_with_its_job(tmp_path: Path, old: str, new: str, settings: Json) -> None:
    before, after = (f"{name_job(path).class_stem}Payload" for path in (old, new))
    config = renamed(tmp_path, old, new, settings, HANDLER.format(cls=before))
    done = generate(config)
    assert done.moved == {f"jobs/{old}.py": f"jobs/{new}.py"}
    assert (tmp_path / f"jobs/{new}.py").read_text() == HANDLER.format(cls=after)
    assert not (tmp_path / f"jobs/{old}.py").exists()
    assert (done.orphans, done.unfit, done.hints) == ((), (), ())
    assert check(config).differences == ()


LEANING = """\
from generated import {cls}
from {dot} import sibling, other  # mine
from  {helpers}  import (x,
\ty)
from {top} import top
from {shared}\\
    import z as generated_z
import jobs.post.helpers


async def handle(job: {cls}) -> None:
    from {late} import late; yield from ...
"""


@pytest.mark.parametrize(
    ("new", "paths"),
    [
        ("mail", (".post", ".post.helpers", ".", ".shared.deep", ".post.late")),
        ("post/letters/mail", ("..", "..helpers", "...", "...shared.deep", "..late")),
        ("other/mail", ("..post", "..post.helpers", "..", "..shared.deep", "..post.late")),
        ("post/mail", (".", ".helpers", "..", "..shared.deep", ".late")),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_relative_imports_lead_where_they_led(tmp_path: Path, new: str, paths: tuple[str, ...], newline: str) -> None:
    words = ("dot", "helpers", "top", "shared", "late")
    before = dict(zip(words, (".", ".helpers", "..", "..shared.deep", ".late"), strict=True))
    handler = LEANING.format(cls="PostEmailPayload", **before).replace("\n", newline)
    config = renamed(tmp_path, "post/email", new, {"previous_names": ["post-email"]})
    (config.jobs_folder / "post/email.py").write_bytes(handler.encode())
    done = generate(config)
    assert (done.moved, done.unfit) == ({"jobs/post/email.py": f"jobs/{new}.py"}, ())
    stem = f"{name_job(new).class_stem}Payload"
    after = LEANING.format(cls=stem, **dict(zip(words, paths, strict=True))).replace("\n", newline)
    assert (config.jobs_folder / f"{new}.py").read_bytes() == after.encode()
    assert check(config).clean


def test_relative_imports_of_the_generated_package_follow_too(tmp_path: Path) -> None:
    config = make(tmp_path, {"post/email.json": schema()}, generated="acme.generated", jobs="acme.jobs")
    text = HANDLER.replace("from generated", "from ...generated")
    write(config.jobs_folder / "post/email.py", text.format(cls="PostEmailPayload"))
    generate(config)
    (config.schema_folder / "post/email.json").unlink()
    write(config.schema_folder / "mail.json", schema(previous_names=["post-email"]))
    generate(config)
    expected = text.format(cls="MailPayload").replace("...generated", "..generated")
    assert (config.jobs_folder / "mail.py").read_text() == expected


def test_a_path_that_gives_the_same_names_moves_nothing(tmp_path: Path) -> None:
    config = renamed(tmp_path, "sendMail", "send-mail", {})
    write(tmp_path / "jobs/send_mail.py", HANDLER.format(cls="SendMailPayload"))
    assert (generate(config).moved, check(config).clean) == ({}, True)


def test_a_move_is_told_before_it_is_done(tmp_path: Path) -> None:
    config = renamed(tmp_path, "email", "mail", {"previous_names": ["email"]}, HANDLER.format(cls="EmailPayload"))
    before = tree(tmp_path)
    found = {each.path: each for each in check(config).differences if each.kind.startswith("handler")}
    assert tree(tmp_path) == before
    assert {path: each.kind for path, each in found.items()} == {"jobs/email.py": "handler-moved"}
    assert found["jobs/email.py"].text.endswith("memshelf-gen moves it to jobs/mail.py")
    assert "+async def handle(job: Job[MailPayload], context: Context) -> None:" in found["jobs/email.py"].diff


def test_folders_in_which_nothing_is_left_go(tmp_path: Path) -> None:
    handler = HANDLER.format(cls="PostOldEmailPayload")
    config = renamed(tmp_path, "post/old/email", "mail", {"previous_names": ["post-old-email"]}, handler)
    assert generate(config).moved == {"jobs/post/old/email.py": "jobs/mail.py"}
    assert sorted(path.name for path in config.jobs_folder.rglob("*")) == ["__init__.py", "mail.py"]


def test_a_folder_with_a_file_of_people_stays(tmp_path: Path) -> None:
    handler = HANDLER.format(cls="PostEmailPayload")
    config = renamed(tmp_path, "post/email", "mail", {"previous_names": ["post-email"]}, handler)
    write(config.jobs_folder / "post/templates/hello.txt", "Hello!")
    generate(config)
    left = {path.relative_to(config.jobs_folder).as_posix() for path in config.jobs_folder.rglob("*.*")}
    assert left == {"__init__.py", "mail.py", "post/__init__.py", "post/templates/hello.txt"}


def test_a_handler_that_is_already_there_is_not_overwritten(tmp_path: Path) -> None:
    config = renamed(tmp_path, "email", "mail", {"previous_names": ["email"]}, HANDLER.format(cls="EmailPayload"))
    write(config.jobs_folder / "mail.py", "def handle(job, context): ...\n")
    done = generate(config)
    assert (done.moved, done.orphans) == ({}, ("jobs/email.py",))
    assert (config.jobs_folder / "mail.py").read_text() == "def handle(job, context): ...\n"
    assert (config.jobs_folder / "email.py").read_text() == HANDLER.format(cls="EmailPayload")


def test_an_untouched_stub_in_the_way_gives_way(tmp_path: Path) -> None:
    config = renamed(tmp_path, "email", "mail", {}, HANDLER.format(cls="EmailPayload"))
    assert generate(config).orphans == ("jobs/email.py",)
    write(config.schema_folder / "mail.json", schema(previous_names=["email"]))
    assert generate(config).moved == {"jobs/email.py": "jobs/mail.py"}
    assert (config.jobs_folder / "mail.py").read_text() == HANDLER.format(cls="MailPayload")


def test_two_jobs_may_change_places(tmp_path: Path) -> None:
    config = make(tmp_path, {"a.json": schema(name="one"), "b.json": schema(name="two")})
    for name in "ab":
        write(config.jobs_folder / f"{name}.py", HANDLER.format(cls=f"{name.upper()}Payload"))
    generate(config)
    before = tree(config.jobs_folder)
    write(config.schema_folder / "a.json", schema(name="two"))
    write(config.schema_folder / "b.json", schema(name="one"))
    assert generate(config).moved == {}
    assert tree(config.jobs_folder) == before


def test_a_handler_that_is_not_python_is_not_left_behind(tmp_path: Path) -> None:
    config = renamed(tmp_path, "email", "mail", {"previous_names": ["email"]})
    write(config.jobs_folder / "email.py", "async def handle(:\n")
    before = tree(tmp_path)
    with pytest.raises(InvalidInput, match=r"jobs/email\.py:1:18: not Python"):
        generate(config)
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "is the same as"),
        ({"title": "Mail", "description": "Send it.", "x-job": {"retries": 9}}, "is the same as"),
        ({"properties": {**EMAIL["properties"], "cc": {"type": "string"}}}, "looks like"),
    ],
)
def test_a_likely_rename_is_a_hint(tmp_path: Path, changes: Json, said: str) -> None:
    config = renamed(tmp_path, "email", "mail", {}, HANDLER.format(cls="EmailPayload"))
    write(config.schema_folder / "mail.json", {**schema(), **changes})
    expected = (
        f"schemas/mail.json {said} the schema email, which is gone: if it is that job under a new name, write "
        "x-job.previous_names: [email]; its handler moves along, and jobs in the queue are run"
    )
    assert check(config).hints == (expected,)
    assert generate(config).hints == (expected,)


def test_another_job_is_no_rename(tmp_path: Path) -> None:
    config = renamed(tmp_path, "email", "mail", {}, HANDLER.format(cls="EmailPayload"))
    write(config.schema_folder / "mail.json", job({"amount": {"type": "integer"}}))
    assert check(config).hints == ()
    assert generate(config).orphans == ("jobs/email.py",)


def test_a_job_that_was_only_added_gets_no_hint(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": schema()})
    generate(config)
    write(config.schema_folder / "mail.json", schema())
    assert generate(config).hints == ()
