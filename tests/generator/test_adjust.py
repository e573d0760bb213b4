"""Old generated names: only imports and annotations follow them, every other byte of a handler's file stays."""

from __future__ import annotations

import ast
import codecs
import difflib
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memshelf_gen.adjust import adjust
from memshelf_gen.handlerfile import read_handler
from memshelf_gen.outdated import Expected, find_outdated
from memshelf_gen.pipeline import generate
from memshelf_gen.spans import NotKept, Span, replaced
from tests.generator.handlers import moved, renamed
from tests.generator.projects import EMAIL, job, make, write

HANDLER = """\
\"\"\"Mine, with odd   spacing.\"\"\"

import   os   # and a remark
from generated import (
    EmailPayload,  # the payload
    JobQueue,
)
from generated.models.email import EmailPayload as Same
from memshelf import Context, Job


def helper(payload: "EmailPayload", more: dict[str, "EmailPayload"] | None = None) -> EmailPayload:
    again: Same = payload
    return again


class Sender:
    last: EmailPayload

    def send(self, payload: EmailPayload) -> None: print( payload )


async def handle( job : Job[EmailPayload], context: Context ) -> None :
    \"\"\"Say "EmailPayload".\"\"\"
    text = 'EmailPayload'   ;  print(text)
\t
# the end, without a newline"""

IMPORT = "from generated import EmailPayload\n"
HANDLE = "async def handle(job: Job[EmailPayload], context: Context) -> None: ...\n"


EXPECTED = Expected(
    package="generated",
    module="mail",
    payload="MailPayload",
    exported=frozenset({"MailPayload", "MailPayloadDict", "JobQueue", "AsyncJobQueue"}),
    home="jobs",
    is_former=lambda package: False,
    may_be_former=lambda package: False,
)


def adjusted(source: bytes) -> bytes:
    """Give a handler's file with its old names brought up to date; a second time there is nothing to do."""
    outdated = find_outdated(read_handler(source), EXPECTED)
    assert outdated is not None
    after = adjust(source, outdated, EXPECTED)
    assert find_outdated(read_handler(after), EXPECTED) is None
    return after


def changes(before: str, after: str) -> list[str]:
    """Give the lines that differ, old and new ones."""
    lines = difflib.ndiff(before.splitlines(keepends=True), after.splitlines(keepends=True))
    return [line.rstrip("\n") for line in lines if line[0] in "+-"]


def test_when_the_package_moves_only_its_imports_change(tmp_path: Path) -> None:
    done, after = moved(tmp_path, HANDLER.replace("Email", "Mail").replace(".email", ".mail").encode())
    assert done.adjusted == ("jobs/mail.py",)
    assert changes(HANDLER.replace("Email", "Mail").replace(".email", ".mail"), after.decode()) == [
        "- from generated import (",
        "+ from acme.generated import (",
        "- from generated.models.mail import MailPayload as Same",
        "+ from acme.generated.models.mail import MailPayload as Same",
    ]


def test_when_the_payload_has_another_name_imports_and_annotations_change(tmp_path: Path) -> None:
    done, after = renamed(tmp_path, HANDLER.encode())
    assert done.adjusted == ("jobs/mail.py",)
    assert [line for line in changes(HANDLER, after.decode()) if line.startswith("+")] == [
        "+     MailPayload,  # the payload",
        "+ from generated.models.mail import MailPayload as Same",
        '+ def helper(payload: "MailPayload", more: dict[str, "MailPayload"] | None = None) -> MailPayload:',
        "+     last: MailPayload",
        "+     def send(self, payload: MailPayload) -> None: print( payload )",
        "+ async def handle( job : Job[MailPayload], context: Context ) -> None :",
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # A name that a body uses stays: the import brings the new one under the old name.
        (
            IMPORT + HANDLE.replace("...", "print(EmailPayload)"),
            IMPORT.replace("Email", "Mail", 1).replace("\n", " as EmailPayload\n")
            + HANDLE.replace("...", "print(EmailPayload)"),
        ),
        (
            IMPORT + "OLD = EmailPayload\n" + HANDLE,
            "from generated import MailPayload as EmailPayload\nOLD = EmailPayload\n" + HANDLE,
        ),
        (
            IMPORT + '__all__ = ["EmailPayload"]\n' + HANDLE,
            'from generated import MailPayload as EmailPayload\n__all__ = ["EmailPayload"]\n' + HANDLE,
        ),
        (
            IMPORT + "def handle(job, context):\n    # type: (Job[EmailPayload], Context) -> None\n    ...\n",
            "from generated import MailPayload as EmailPayload\n"
            "def handle(job, context):\n    # type: (Job[EmailPayload], Context) -> None\n    ...\n",
        ),
        # A name of the author's own stays theirs.
        (
            "from generated import EmailPayload as P\ndef handle(job: Job[P], context): ...\n",
            "from generated import MailPayload as P\ndef handle(job: Job[P], context): ...\n",
        ),
        # The classes of objects inside, the dict and the protocol go by the payload's name.
        (
            "from generated.models.email import EmailPayload, EmailPayloadTo\n"
            "from generated import EmailPayloadDict\nfrom generated.handlers import EmailHandler as H\n"
            "def to(payload: EmailPayload) -> EmailPayloadTo: ...\ndef raw(payload: EmailPayloadDict): ...\n" + HANDLE,
            "from generated.models.mail import MailPayload, MailPayloadTo\n"
            "from generated import MailPayloadDict\nfrom generated.handlers import MailHandler as H\n"
            "def to(payload: MailPayload) -> MailPayloadTo: ...\ndef raw(payload: MailPayloadDict): ...\n"
            + HANDLE.replace("Email", "Mail"),
        ),
        # Annotations as texts, and what is not an annotation.
        (
            IMPORT + "def handle(job: 'Job[EmailPayload]', context: 'Context') -> None: ...\n",
            "from generated import MailPayload\ndef handle(job: 'Job[MailPayload]', context: 'Context') -> None: ...\n",
        ),
        (
            IMPORT + "from typing import Literal\nKind: Literal['EmailPayload'] = 'EmailPayload'\n" + HANDLE,
            "from generated import MailPayload\nfrom typing import Literal\n"
            "Kind: Literal['EmailPayload'] = 'EmailPayload'\n" + HANDLE.replace("Email", "Mail"),
        ),
        # Imports for types alone, of the whole package, of a module, and inside of a function.
        (
            "if TYPE_CHECKING:\n    from generated import EmailPayload\n" + HANDLE,
            "if TYPE_CHECKING:\n    from generated import MailPayload\n" + HANDLE.replace("Email", "Mail"),
        ),
        (
            "import generated\ndef handle(job: generated.Job[generated.EmailPayload], context: object): ...\n",
            "import generated\ndef handle(job: generated.Job[generated.MailPayload], context: object): ...\n",
        ),
        (
            "import generated as g\ndef handle(job: Job[g.EmailPayload], context: object): ...\n",
            "import generated as g\ndef handle(job: Job[g.MailPayload], context: object): ...\n",
        ),
        (
            "from generated.models import email\ndef handle(job: Job[email.EmailPayload], context): ...\n",
            "from generated.models import mail as email\ndef handle(job: Job[email.MailPayload], context): ...\n",
        ),
        (
            "import generated.models.email as m\ndef handle(job: Job[m.EmailPayload], context): ...\n",
            "import generated.models.mail as m\ndef handle(job: Job[m.MailPayload], context): ...\n",
        ),
        (
            IMPORT + HANDLE.replace("...", "\n    from generated import EmailPayload\n    print(EmailPayload)"),
            "from generated import MailPayload as EmailPayload\n"
            + HANDLE.replace("...", "\n    from generated import MailPayload as EmailPayload\n    print(EmailPayload)"),
        ),
        # Decorators, plain functions, and a handler that is no function.
        (
            IMPORT + "@timed(EmailPayload.__name__)\ndef handle(job: Job[EmailPayload], context): ...\n",
            "from generated import MailPayload as EmailPayload\n"
            "@timed(EmailPayload.__name__)\ndef handle(job: Job[EmailPayload], context): ...\n",
        ),
        (
            IMPORT + "async def run(job: Job[EmailPayload], context: Context): ...\n\nhandle = run\n",
            "from generated import MailPayload\n"
            "async def run(job: Job[MailPayload], context: Context): ...\n\nhandle = run\n",
        ),
        (
            "from generated import \\\n  EmailPayload;  import os\n" + HANDLE,
            "from generated import \\\n  MailPayload;  import os\n" + HANDLE.replace("Email", "Mail"),
        ),
    ],
)
def test_a_new_name_of_the_payload(tmp_path: Path, before: str, after: str) -> None:
    done, found = renamed(tmp_path, before.encode())
    assert found.decode() == after
    assert done.adjusted == ("jobs/mail.py",)
    assert done.unfit == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import generated\n", "import acme.generated as generated\n"),
        ("import generated as g\n", "import acme.generated as g\n"),
        ("from generated import *\n", "from acme.generated import *\n"),
        ("from generated.models import mail\n", "from acme.generated.models import mail\n"),
        ("from generated.catalog import JOBS\n", "from acme.generated.catalog import JOBS\n"),
        ("from  generated  import  MailPayload as P\n", "from  acme.generated  import  MailPayload as P\n"),
    ],
)
def test_a_new_place_of_the_package(tmp_path: Path, before: str, after: str) -> None:
    handle = "from generated import MailPayload\ndef handle(job: Job[MailPayload], context): ...\n"
    done, found = moved(tmp_path, (before + handle).encode())
    assert found.decode() == after + handle.replace("generated", "acme.generated")
    assert done.unfit == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from ..generated import MailPayload", "from ..gen import MailPayload"),
        ("from  .. generated.models.mail import MailPayload", "from  .. gen.models.mail import MailPayload"),
        ("from .. import generated\nfrom ..generated import MailPayload", None),
    ],
)
def test_relative_imports_stay_relative(tmp_path: Path, before: str, after: str | None) -> None:
    handle = "\ndef handle(job: Job[MailPayload], context): ...\n"
    config = make(tmp_path, {"mail.json": EMAIL}, generated="acme.generated", jobs="acme.jobs")
    write(config.jobs_folder / "mail.py", before + handle)
    generate(config)
    (tmp_path / "acme/generated").rename(tmp_path / "acme/gen")
    config = make(tmp_path, {}, generated="acme.gen", jobs="acme.jobs")
    generate(config)
    expected = after or "from .. import gen as generated\nfrom ..gen import MailPayload"
    assert (config.jobs_folder / "mail.py").read_text() == expected + handle


def test_a_relative_import_that_leads_elsewhere_becomes_absolute(tmp_path: Path) -> None:
    config = make(tmp_path, {"mail.json": EMAIL}, generated="acme.generated", jobs="acme.jobs")
    handle = "import MailPayload\ndef handle(job: Job[MailPayload], context): ...\n"
    write(config.jobs_folder / "mail.py", "from ..generated " + handle)
    generate(config)
    generate(make(tmp_path, {}, generated="other.generated", jobs="acme.jobs"))
    assert (config.jobs_folder / "mail.py").read_text() == "from other.generated " + handle


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        ("import old.generated\n", "`import old.generated` is `import acme.generated` now, and every use of it too"),
        (
            "from old import generated, other\n",
            "`from old import generated` is `from acme import generated` now, and brings more than that",
        ),
    ],
)
def test_what_only_its_author_can_change_is_reported_and_left_alone(tmp_path: Path, before: str, reason: str) -> None:
    generate(make(tmp_path, {"mail.json": EMAIL}, generated="old.generated"))
    text = f"{before}from old.generated import MailPayload\ndef handle(job: Job[MailPayload], context): ...\n"
    done, found = moved(tmp_path, text.encode())
    assert found.decode() == text
    assert done.unfit == (f"jobs/mail.py: uses old names, which only you can change: {reason}",)


def test_an_import_of_everything_does_not_say_what_is_old(tmp_path: Path) -> None:
    text = "from generated import *\ndef handle(job: Job[EmailPayload], context): ...\n"
    done, found = renamed(tmp_path, text.encode())
    assert found.decode() == text
    assert done.unfit[0].endswith("`from generated import *` does not say which names it brings")


@pytest.mark.parametrize(
    "text",
    [
        "from .. import x\ndef handle(job, context): ...\n",
        "def handle(job: 'not python (', context: object) -> None: ...\n",
        "from generated import OldPayload as P\nhandle = print\n",
        "from acme.types import EmailPayload\ndef handle(job: Job[EmailPayload], context): ...\n",
        "from generated import JobQueue\ndef handle(job: Job[EmailPayload], context): ...\n",
        # The payload of another job is no old name.
        "from generated import OtherPayload\ndef handle(job: Job[OtherPayload], context): ...\n",
    ],
)
def test_what_speaks_of_nothing_old_is_left_alone(tmp_path: Path, text: str) -> None:
    make(tmp_path, {"other.json": job({})})
    write(tmp_path / "acme/types.py", "from generated import MailPayload as EmailPayload\n")
    done, found = renamed(tmp_path, text.encode())
    assert (done.adjusted, done.unfit, found.decode()) == ((), (), text)


def test_a_package_that_is_not_in_the_project_is_somebody_elses_once_there_is_a_record(tmp_path: Path) -> None:
    config = make(tmp_path, {"mail.json": EMAIL})
    generate(config)
    text = "from contracts import MailPayload\ndef handle(job: Job[MailPayload], context): ...\n"
    write(tmp_path / "jobs/mail.py", text)
    assert generate(config).adjusted == ()


def test_a_former_package_is_known_by_its_record(tmp_path: Path) -> None:
    generate(make(tmp_path, {"email.json": EMAIL}))
    assert generate(make(tmp_path, {}, generated="acme.generated")).adjusted == ("jobs/email.py",)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ("", "utf-8"),
        ("", "utf-8-sig"),
        ("# -*- coding: latin-1 -*-\n# caf\xe9\n", "latin-1"),
        ("#!/usr/bin/env python\n# vim: set fileencoding=cp1252 :\n# \u20ac\n", "cp1252"),
        ("# coding: utf-8\n# \u540d\u524d \U0001f980\f\n", "utf-8"),
    ],
)
@pytest.mark.parametrize("tail", ["", "\n", "\n\n\n# \t end   \n\t\n"])
def test_line_ends_encodings_and_marks_are_kept(newline: str, head: str, encoding: str, tail: str) -> None:
    before = (head + HANDLER + tail).replace("\n", newline)
    after = adjusted(before.encode(encoding))
    kept = before.replace("EmailPayload,  #", "MailPayload,  #").replace(".email", ".mail")
    kept = kept.replace("EmailPayload as Same", "MailPayload as Same").replace(
        "payload: EmailPayload", "payload: MailPayload"
    )
    kept = kept.replace('"EmailPayload"', '"MailPayload"').replace("-> EmailPayload", "-> MailPayload")
    kept = kept.replace("last: EmailPayload", "last: MailPayload").replace("Job[EmailPayload]", "Job[MailPayload]")
    kept = kept.replace('Say "MailPayload"', 'Say "EmailPayload"')
    assert after == kept.encode(encoding)
    assert after.startswith(codecs.BOM_UTF8) == (encoding == "utf-8-sig")


def test_lone_carriage_returns_are_reported(tmp_path: Path) -> None:
    before = f"# coding: latin-1\n# caf\xe9\n{IMPORT}{HANDLE}".replace("\n", "\r").encode("latin-1")
    done, after = renamed(tmp_path, before)
    assert after == before
    assert done.unfit == ("jobs/mail.py: uses old names and cannot be adjusted: libcst reads it as another text",)


def test_tabs_stay() -> None:
    before = IMPORT + "class C:\n\tdef run(self,\tpayload:\tEmailPayload):\n\t\tpass\n" + HANDLE
    assert adjusted(before.encode()).decode() == before.replace("Email", "Mail")


def test_a_name_that_the_encoding_lacks_is_reported(tmp_path: Path) -> None:
    config = make(tmp_path, {"名前.json": {**EMAIL, "x-job": {"name": "namae"}}})
    text = "# coding: latin-1\nfrom generated import OldPayload\ndef handle(job: Job[OldPayload], context): ...\n"
    write(config.jobs_folder / "名前.py", text)
    assert "cannot be adjusted" in generate(config).unfit[0]
    assert (config.jobs_folder / "名前.py").read_text() == text


LINES = st.sampled_from(
    [
        "",
        "    ",
        "# EmailPayload, \u00e9",
        "import os , sys",
        "from generated import EmailPayload",
        "from generated import (JobQueue,EmailPayload)",
        "from generated.models.email import EmailPayload as Other  # too",
        "x = 1 ; y = 'EmailPayload'",
        "x: EmailPayload | None = None",
        "def f( p:EmailPayload=None , *a: 'list[EmailPayload]' ) -> EmailPayload: return p",
        "def g():\n\tz: EmailPayload = EmailPayload()\n\treturn z",
        'class C(dict):\n  a: EmailPayload ; b = """\nEmailPayload\n  """',
        "if x:\n    pass\nelse :\n    def h(p: EmailPayload): ...",
        "@ staticmethod\nasync  def k(p: 'EmailPayload', q=lambda: EmailPayload):\n  await p",
        "t = f'{x!r:>{10}} EmailPayload'",
        "\f",
        "v = [\n 1,\n\n   2 ] ; \\\nw = 3",
        "handle = print",
    ]
)


@settings(max_examples=300, deadline=None)
@given(
    lines=st.lists(LINES, max_size=12),
    newline=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "latin-1"]),
    last=st.booleans(),
)
def test_every_other_byte_is_equal(lines: list[str], newline: str, encoding: str, last: bool) -> None:
    cookie = ["# coding: latin-1"] if encoding == "latin-1" else []
    handle = "async def handle(job: Job[EmailPayload], context): ..."
    text = newline.join([*cookie, "from generated import EmailPayload", *lines, handle] + [""] * last)
    source = re.sub(r"\r?\n", newline, text).encode(encoding)
    after = adjusted(source)
    # Take the new names back, in whatever way they came: nothing else may be left.
    back = after.decode(encoding).replace("MailPayload as EmailPayload", "EmailPayload")
    assert (
        back.replace("MailPayload", "EmailPayload").replace(".models.mail", ".models.email").encode(encoding) == source
    )
    assert _bodies(ast.parse(after)) == _bodies(ast.parse(source))


def _bodies(tree: ast.Module) -> list[str]:
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [ast.dump(statement) for node in functions for statement in node.body]


@settings(max_examples=200, deadline=None)
@given(
    content=st.text(st.sampled_from("ab #\n\r\t'\u00e9\u4e2d\U0001f980"), max_size=40),
    encoding=st.sampled_from(["utf-8", "utf-8-sig"]),
    data=st.data(),
)
def test_a_text_is_changed_in_its_places_alone(content: str, encoding: str, data: st.DataObject) -> None:
    content = "".join(f"#{line}" for line in re.split(r"(?<=\n)|(?<=\r)(?!\n)", content))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(content)), max_size=6)))
    ends = [at for at in cuts if content[at - 1] not in "\r\n"]
    spans = [Span(at, at, "new", "") for at in ends]
    expected = "".join(("new" if at in ends else "") + sign for at, sign in enumerate([*content, ""]))
    assert replaced(content.encode(encoding), spans) == expected.encode(encoding)


@pytest.mark.parametrize(
    "spans",
    [
        [Span(0, 1, "y", "z")],
        [Span(0, 3, "y", "x = "), Span(2, 4, "y", "= 1")],
        [Span(4, 5, "(", "1")],
        [Span(0, 99, "y", "x = 1")],
    ],
)
def test_a_wrong_place_is_refused_by_the_code_itself(spans: list[Span]) -> None:
    with pytest.raises(NotKept):
        replaced(b"x = 1\n", spans)


def test_a_change_that_would_reach_further_is_never_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("memshelf_gen.spans._apply", lambda content, spans: content.replace("odd", "even"))
    done, after = renamed(tmp_path, HANDLER.encode())
    assert after == HANDLER.encode()
    assert "uses old names and cannot be adjusted: bytes before character" in done.unfit[0]
