"""Handlers: written once as stubs, then their people's; what lost its job is reported, and removed if untouched."""

from __future__ import annotations

from pathlib import Path

import black
import pytest

from memshelf_gen.handlerfile import Unreadable, read_handler
from memshelf_gen.pipeline import check, generate, list_jobs
from memshelf_gen.problem import InvalidInput
from tests.generator.projects import EMAIL, job, make, tree, write

STUB = """\
\"\"\"Handle send-email: Send one transactional email.\"\"\"

from generated import EmailPayload
from memshelf import Context, Job


async def handle(job: Job[EmailPayload], context: Context) -> None:
    \"\"\"Send one transactional email.\"\"\"
    raise NotImplementedError(
        "send-email has no handler body yet: write it in jobs/email.py"
    )
"""


def test_a_stub_is_created(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    assert generate(config).stubs == ("jobs/__init__.py", "jobs/email.py")
    assert (tmp_path / "jobs/email.py").read_text() == STUB


def test_a_handler_is_never_overwritten(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    text = "from generated import EmailPayload\n\ndef handle( job , context ) : pass"
    write(tmp_path / "jobs/email.py", text)
    write(tmp_path / "jobs/__init__.py", "# mine\n")
    generate(config)
    write(config.schema_folder / "email.json", {**EMAIL, "description": "Another description."})
    generate(config)
    assert tree(tmp_path / "jobs") == {"__init__.py": b"# mine\n", "email.py": text.encode()}


def test_a_stub_is_not_written_anew_either(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    generate(config)
    write(config.schema_folder / "email.json", {**EMAIL, "description": "Another description."})
    generate(config)
    assert (tmp_path / "jobs/email.py").read_text() == STUB


def test_a_handler_without_a_schema_is_reported_and_kept(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    write(tmp_path / "jobs/old/gone.py", "def handle(job, context): ...\n")
    write(tmp_path / "jobs/services.py", "def register(registry): ...\n")
    write(tmp_path / "jobs/names.py", "from .services import *\n")
    write(tmp_path / "jobs/py2.py", "print 'people keep what they like'\n")
    assert generate(config).orphans == ("jobs/old/gone.py",)
    assert [each.path for each in check(config).differences if each.kind == "handler-orphaned"] == ["jobs/old/gone.py"]
    assert (tmp_path / "jobs/old/gone.py").exists()


@pytest.mark.parametrize("folder", ["", "post/letters/"])
def test_an_untouched_stub_goes_with_its_schema(tmp_path: Path, folder: str) -> None:
    config = make(tmp_path, {f"{folder}email.json": EMAIL, "other.json": job({})})
    generate(config)
    stub = tmp_path / f"jobs/{folder}email.py"
    stub.write_text(black.format_str(stub.read_text(), mode=black.Mode(line_length=40)))
    (config.schema_folder / f"{folder}email.json").unlink()
    done = generate(config)
    assert f"jobs/{folder}email.py" in done.written.removed
    assert set(tree(config.jobs_folder)) == {"__init__.py", "other.py"}
    assert {path.name for path in config.jobs_folder.iterdir()} == {"__init__.py", "other.py"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("email.py", "email.py by hand"),
        ("Send one transactional email.", "Send many."),
        ("    raise", "    # to do\n    raise"),
        ("import EmailPayload", "import EmailPayload, JobQueue"),
        ("async def", "@timed\nasync def"),
        ("    raise NotImplementedError(", "    await send()\n    raise NotImplementedError("),
        ("-> None", "-> str"),
        ("async def", "def"),
        ("Handle send-email: ", "Handle it: "),
    ],
)
def test_a_touched_stub_is_reported_and_kept(tmp_path: Path, old: str, new: str) -> None:
    config = make(tmp_path, {"email.json": EMAIL, "other.json": job({})})
    generate(config)
    text = STUB.replace(old, new, 1)
    assert text != STUB
    write(tmp_path / "jobs/email.py", text)
    (config.schema_folder / "email.json").unlink()
    assert generate(config).orphans == ("jobs/email.py",)
    assert (tmp_path / "jobs/email.py").read_text() == text


def test_syntax_errors_are_all_named_and_nothing_is_written(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL, "other.json": job({}), "third.json": job({})})
    write(tmp_path / "jobs/email.py", "x = 1\ndef handle(:\n")
    write(tmp_path / "jobs/other.py", "\0")
    before = tree(tmp_path)
    for step in (generate, check):
        with pytest.raises(InvalidInput) as caught:
            step(config)
        assert [str(problem).partition(" ")[0] for problem in caught.value.problems] == [
            "jobs/email.py:2:12:",
            "jobs/other.py:1:1:",
        ]
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    "source", [b"# coding: latin-1\nx = '\xe9'\n", b"\xef\xbb\xbfx = 1\n", b"# coding: utf-8\r\nx = '\\d'\r\n"]
)
def test_what_python_reads_is_read(source: bytes) -> None:
    assert read_handler(source).state == "none"


@pytest.mark.parametrize(
    "source", [b"x = '\xff'\n", b"# coding: nonsense\n", b"x" + b"(" * 5_000, b"x = (" + b"-" * 200_000 + b"1)", b"\0"]
)
def test_what_python_does_not_read_has_a_position(source: bytes) -> None:
    with pytest.raises(Unreadable, match=r"^\d+:\d+: not Python: "):
        read_handler(source)


@pytest.mark.parametrize(
    "text",
    [
        "from .deep import run as handle\n",
        "from .deep import *\n",
        "handle = print\n",
        "handle: object = print\n",
        "if True:\n    def handle(job, context): ...\n",
        "try:\n    from fast import handle\nexcept ImportError:\n    from slow import handle\n",
        "def handle(job, context):\n    if job:\n        return\n    raise NotImplementedError('other jobs')\n",
    ],
)
def test_a_handler_may_come_from_elsewhere(tmp_path: Path, text: str) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    write(tmp_path / "jobs/email.py", text)
    done = generate(config)
    assert (done.unfit, done.appended) == ((), ())
    assert list_jobs(config)[0].state == "written"
    assert check(config).differences == ()


def test_jobs_are_listed_with_the_state_of_their_handler(tmp_path: Path) -> None:
    config = make(tmp_path, {f"{name}.json": job({}) for name in ("a", "b", "c", "d")})
    generate(config)
    write(tmp_path / "jobs/b.py", "async def handle(job, context): ...\n")
    write(tmp_path / "jobs/c.py", "x = 1\n")
    (tmp_path / "jobs/d.py").unlink()
    assert [each.state for each in list_jobs(config)] == ["stub", "written", "unfit", "missing"]


@pytest.mark.parametrize(
    ("handler", "schema", "saved"),
    [
        ("x = 1\n", "email", "jobs/email.py"),
        ("from generated import MailPayload\nasync def handle(job: Job[MailPayload]): ...\n", "email", "jobs/email.py"),
        ("async def handle(job: Job[EmailPayload]): ...\n", "mail", "jobs/email.py"),
        ("async def handle(job: Job[EmailPayload]): ...\n", "mail", "jobs/mail.py"),
        (STUB, "other", "jobs/email.py"),
        (STUB, "other", "jobs/other.py"),
    ],
    ids=["append", "adjust", "move", "move-to", "remove", "create"],
)
def test_what_somebody_saves_meanwhile_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, handler: str, schema: str, saved: str
) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    generate(config)
    write(tmp_path / "jobs/email.py", handler)
    (config.schema_folder / "email.json").unlink()
    name = {"name": "other"} if schema == "other" else {"previous_names": ["send-email"]} if schema == "mail" else {}
    write(config.schema_folder / f"{schema}.json", {**EMAIL, "x-job": name})
    before, text = tree(tmp_path), "async def handle(job, context): print('just saved')\n"

    def save(place: str | Path, mode: int) -> None:
        write(tmp_path / saved, text)

    with monkeypatch.context() as patched:
        patched.setattr("os.chmod", save)
        with pytest.raises(InvalidInput, match=f"{saved}: was saved while memshelf-gen worked"):
            generate(config)
    assert tree(tmp_path) == {**before, saved: text.encode()}
    generate(config)
    assert text.encode() in tree(tmp_path / "jobs").values()


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    write(config.jobs_folder / "deep/.memshelf-gen-tmp-x.py", "half")
    generate(config)
    assert set(tree(config.jobs_folder)) == {"__init__.py", "email.py"}
