"""Handlers: written once, then their people's; only imports and annotations follow the generated names."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

from memshelf_gen.pipeline import check, generate, list_jobs
from memshelf_gen.settings import ProjectConfig
from tests.generator.projects import EMAIL, job, make, write

HANDLER = '''\
"""Mine, with odd   spacing."""

import   os   # and a remark
from generated import (
    EmailPayload,  # the payload
    JobQueue,
)
from generated.models.email import EmailPayload as Same
from memshelf import Context, Job


def helper(payload: "EmailPayload", more: dict[str, "EmailPayload"] | None = None) -> EmailPayload:
    again: EmailPayload = payload
    return again


class Sender:
    last: EmailPayload

    def send(self, payload: EmailPayload) -> None: print( payload )


async def handle( job : Job[EmailPayload], context: Context ) -> None :
    """Say "EmailPayload"."""
    text = 'EmailPayload'   ;  print(EmailPayload, text)
\t
# the end, without a newline'''


def changes(before: str, after: str) -> list[str]:
    """Give the lines that differ, old and new ones."""
    lines = difflib.ndiff(before.splitlines(keepends=True), after.splitlines(keepends=True))
    return [line.rstrip("\n") for line in lines if line[0] in "+-"]


def read(config: ProjectConfig, path: str) -> str:
    return (config.root / path).read_bytes().decode("utf-8")


def test_a_stub_is_created(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    assert generate(config).stubs == ("jobs/__init__.py", "jobs/email.py")
    assert read(config, "jobs/email.py") == (
        '"""Handle send-email: Send one transactional email."""\n'
        "\n"
        "from generated import EmailPayload\n"
        "from memshelf import Context, Job\n"
        "\n"
        "\n"
        "async def handle(job: Job[EmailPayload], context: Context) -> None:\n"
        '    """Send one transactional email."""\n'
        "    raise NotImplementedError(\n"
        '        "send-email has no handler body yet: write it in jobs/email.py"\n'
        "    )\n"
    )


def test_a_handler_is_never_overwritten(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    write(tmp_path / "jobs/email.py", HANDLER)
    write(tmp_path / "jobs/__init__.py", "# mine\n")
    generate(config)
    write(config.schema_folder / "email.json", {**EMAIL, "description": "Another description."})
    generate(config)
    assert read(config, "jobs/email.py") == HANDLER
    assert read(config, "jobs/__init__.py") == "# mine\n"


def test_when_the_package_moves_only_its_imports_change(tmp_path: Path) -> None:
    make(tmp_path, {"email.json": EMAIL})
    write(tmp_path / "jobs/email.py", HANDLER)
    config = make(tmp_path, {}, generated="acme.generated")
    assert generate(config).adjusted == ("jobs/email.py",)
    assert changes(HANDLER, read(config, "jobs/email.py")) == [
        "- from generated import (",
        "+ from acme.generated import (",
        "- from generated.models.email import EmailPayload as Same",
        "+ from acme.generated.models.email import EmailPayload as Same",
    ]


def test_a_former_package_that_is_still_there_is_known_by_its_list(tmp_path: Path) -> None:
    generate(make(tmp_path, {"email.json": EMAIL}))
    assert generate(make(tmp_path, {}, generated="acme.generated")).adjusted == ("jobs/email.py",)


def test_a_module_of_people_that_passes_the_payload_on_is_left_alone(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    write(tmp_path / "acme/types.py", "from generated import EmailPayload as EmailPayload\n")
    write(tmp_path / "jobs/email.py", HANDLER.replace("from generated import", "from acme.types import"))
    assert generate(config).adjusted == ()


def test_when_the_payload_has_another_name_imports_and_annotations_change(tmp_path: Path) -> None:
    config = make(tmp_path, {"mail.json": EMAIL})
    write(tmp_path / "jobs/mail.py", HANDLER)
    assert generate(config).adjusted == ("jobs/mail.py",)
    assert [line for line in changes(HANDLER, read(config, "jobs/mail.py")) if line.startswith("+")] == [
        "+     MailPayload,  # the payload",
        "+ from generated.models.mail import MailPayload as Same",
        '+ def helper(payload: "MailPayload", more: dict[str, "MailPayload"] | None = None) -> MailPayload:',
        "+     last: MailPayload",
        "+     def send(self, payload: MailPayload) -> None: print( payload )",
        "+ async def handle( job : Job[MailPayload], context: Context ) -> None :",
    ]


def test_an_adjusted_handler_needs_no_second_adjustment(tmp_path: Path) -> None:
    config = make(tmp_path, {"mail.json": EMAIL})
    write(tmp_path / "jobs/mail.py", HANDLER)
    assert not check(config).clean
    generate(config)
    assert check(config).clean
    assert generate(config).adjusted == ()


def test_the_payload_of_another_job_is_not_taken_for_an_old_name(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL, "mail.json": {**EMAIL, "x-job": {}}})
    write(tmp_path / "jobs/mail.py", HANDLER)
    assert generate(config).adjusted == ()


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("head", ["", "# -*- coding: latin-1 -*-\n# caf\xe9\n"])
def test_line_ends_and_encodings_are_kept(tmp_path: Path, newline: str, head: str) -> None:
    encoding = "latin-1" if head else "utf-8"
    config = make(tmp_path, {"mail.json": EMAIL})
    before = (head + HANDLER).replace("\n", newline).encode(encoding)
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs/mail.py").write_bytes(before)
    generate(config)
    after = (tmp_path / "jobs/mail.py").read_bytes()
    assert after != before
    assert after.count(newline.encode()) == before.count(newline.encode())
    assert after.startswith(head.replace("\n", newline).encode(encoding))


def test_a_relative_or_unusual_handler_is_left_alone(tmp_path: Path) -> None:
    texts = [
        "from .. import x\ndef handle(job, context): ...\n",
        "import generated\ndef handle(job: generated.Job[generated.EmailPayload], context: object) -> None: ...\n",
        "from generated import *\ndef handle(job: 'Job[EmailPayload]', context: object) -> None: ...\n",
        "def handle(job: 'not python (', context: object) -> None: ...\n",
        "from generated import OldPayload as P\nhandle = print\n",
    ]
    config = make(tmp_path, {f"a{n}.json": job({}) for n in range(len(texts))})
    for number, text in enumerate(texts):
        write(tmp_path / f"jobs/a{number}.py", text)
    assert generate(config).adjusted == ()


def test_a_name_of_the_authors_own_stays_theirs(tmp_path: Path) -> None:
    config = make(tmp_path, {"mail.json": EMAIL})
    text = "from generated import EmailPayload as P\ndef handle(job: Job[P], context: object): ...\n"
    write(tmp_path / "jobs/mail.py", text)
    generate(config)
    assert read(config, "jobs/mail.py") == text.replace("import EmailPayload", "import MailPayload")


def test_a_handler_without_a_schema_is_reported_and_kept(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    write(tmp_path / "jobs/old/gone.py", "def handle(job, context): ...\n")
    write(tmp_path / "jobs/services.py", "def register(registry): ...\n")
    assert generate(config).orphans == ("jobs/old/gone.py",)
    assert check(config).orphans == ("jobs/old/gone.py",)
    assert (tmp_path / "jobs/old/gone.py").exists()


def test_a_file_that_cannot_handle_its_job_is_reported(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL, "other.json": job({})})
    write(tmp_path / "jobs/email.py", "def run(): ...\n")
    write(tmp_path / "jobs/other.py", "def handle(:\n")
    unfit = generate(config).unfit
    assert unfit[0] == (
        "jobs/email.py: has no function `handle`: define `def handle(job: Job[EmailPayload], context: Context)`"
    )
    assert unfit[1].startswith("jobs/other.py: line 1: not Python: ")
    assert not check(config).clean


@pytest.mark.parametrize("text", ["from .deep import run as handle\n", "handle = print\n", "handle: object = print\n"])
def test_a_handler_may_come_from_elsewhere(tmp_path: Path, text: str) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    write(tmp_path / "jobs/email.py", text)
    assert generate(config).unfit == ()
    assert list_jobs(config)[0].state == "written"


def test_the_state_of_each_handler_is_listed(tmp_path: Path) -> None:
    config = make(tmp_path, {f"{name}.json": job({}) for name in ("done", "gone", "stub", "odd", "broken")})
    generate(config)
    write(tmp_path / "jobs/done.py", "def handle(job, context):\n    print(job)\n")
    write(tmp_path / "jobs/odd.py", "")
    write(tmp_path / "jobs/broken.py", "def (")
    (tmp_path / "jobs/gone.py").unlink()
    assert {each.name: each.state for each in list_jobs(config)} == {
        "broken": "unfit",
        "done": "written",
        "gone": "missing",
        "odd": "unfit",
        "stub": "stub",
    }
