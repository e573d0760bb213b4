"""A file without a handler: the stub is appended behind what is there, every byte of which stays."""

from __future__ import annotations

import ast
import codecs
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memshelf_gen.append import append_stub
from memshelf_gen.handlerfile import read_handler
from memshelf_gen.pipeline import check, generate
from tests.generator.projects import EMAIL, job, make

IMPORTS = "from generated import EmailPayload\nfrom memshelf import Context, Job\n"
FUNCTION = '''\
async def handle(job: Job[EmailPayload], context: Context) -> None:
    """Send one transactional email."""
    raise NotImplementedError("send-email has no handler body yet: write it in jobs/email.py")
'''
STUB = f'"""Handle send-email: Send one transactional email."""\n\n{IMPORTS}\n\n{FUNCTION}'


def appended(source: str, encoding: str = "utf-8") -> str:
    """Give the file with its stub."""
    return append_stub(read_handler(source.encode(encoding)), STUB, home="jobs").decode(encoding)


@pytest.mark.parametrize("source", ["", "\n", "  \n\t\n"])
def test_an_empty_file_becomes_the_stub(source: str) -> None:
    assert appended(source) == source + STUB


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = 1\n", f"x = 1\n\n{IMPORTS}\n\n{FUNCTION}"),
        ("x = 1", f"x = 1\n\n{IMPORTS}\n\n{FUNCTION}"),
        ("# mine\n", f"# mine\n\n{IMPORTS}\n\n{FUNCTION}"),
        ("import os\n", f"import os\n{IMPORTS}\n\n{FUNCTION}"),
        ("import os\n\n\n\nx = 1\n\n\n# the end\n", f"import os\n{IMPORTS}\n\n\nx = 1\n\n\n# the end\n\n\n{FUNCTION}"),
        ('"""Mine."""\n', f'"""Mine."""\n\n{IMPORTS}\n\n{FUNCTION}'),
        ('"""Mine."""\nx = 1\n', f'"""Mine."""\n\n{IMPORTS}x = 1\n\n\n{FUNCTION}'),
        ('"""Mine."""\nx = 1\nimport os\n', f'"""Mine."""\n\n{IMPORTS}x = 1\nimport os\n\n\n{FUNCTION}'),
        ('"""Mine."""', f'"""Mine."""\n\n{IMPORTS}\n\n{FUNCTION}'),
        ("import os; x = 1\n", f"import os; x = 1\n\n{IMPORTS}\n\n{FUNCTION}"),
        (
            "from __future__ import annotations  # first\nimport a, \\\n  b\nclass C: ...\n",
            f"from __future__ import annotations  # first\nimport a, \\\n  b\n{IMPORTS}class C: ...\n\n\n{FUNCTION}",
        ),
        (
            "from memshelf import Job\nfrom memshelf.context import Context\nx = 1\n",
            "from memshelf import Job\nfrom memshelf.context import Context\n"
            f"from generated import EmailPayload\nx = 1\n\n\n{FUNCTION}",
        ),
        (f"{IMPORTS}\n\ndef run(): ...\n", f"{IMPORTS}\n\ndef run(): ...\n\n\n{FUNCTION}"),
    ],
)
def test_the_stub_stands_behind_what_is_there_and_its_imports_behind_the_others(before: str, after: str) -> None:
    assert appended(before) == after


@pytest.mark.parametrize(
    "source",
    [
        "class Job: ...\n",
        "from rq import Job\n",
        "import memshelf as Context\n",
        "from other import EmailPayload\n",
        "if True:\n    Job = 1\n",
        "try:\n    pass\nexcept E:\n    (Job, x) = 1, 2\n",
    ],
)
def test_a_name_that_means_something_else_is_reported_and_nothing_changes(tmp_path: Path, source: str) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    config.jobs_folder.mkdir()
    (config.jobs_folder / "email.py").write_text(source)
    (reason,) = generate(config).unfit
    assert "has no function `handle`, and means something else by " in reason
    assert reason.endswith("define `def handle(job: Job[EmailPayload], context: Context)`")
    assert (config.jobs_folder / "email.py").read_text() == source


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends_and_encodings_are_the_files_own(encoding: str, newline: str) -> None:
    cookie = f"# coding: {encoding}\n" if not encoding.startswith("utf") else ""
    before = f"{cookie}# caf\xe9\nimport os\nx = 1\n".replace("\n", newline)
    after = append_stub(read_handler(before.encode(encoding)), STUB, home="jobs")
    expected = f"{cookie}# caf\xe9\nimport os\n{IMPORTS}x = 1\n\n\n{FUNCTION}".replace("\n", newline)
    assert after == expected.encode(encoding)
    assert after.startswith(codecs.BOM_UTF8) == (encoding == "utf-8-sig")


def test_a_file_that_indents_with_tabs_gets_tabs() -> None:
    assert appended("def f():\n\treturn 1\n").endswith(FUNCTION.replace("    ", "\t"))


def test_a_description_that_the_encoding_lacks_is_reported(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": {**EMAIL, "description": "送信"}})
    config.jobs_folder.mkdir()
    (config.jobs_folder / "email.py").write_text("# coding: latin-1\nx = 1\n")
    assert "a stub cannot be appended: 'latin-1' codec" in generate(config).unfit[0].replace("iso-8859-1", "latin-1")
    assert (config.jobs_folder / "email.py").read_text() == "# coding: latin-1\nx = 1\n"


def test_a_handler_is_not_appended_twice(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL, "billing/x.json": job({})})
    config.jobs_folder.mkdir()
    (config.jobs_folder / "email.py").write_text("def run(): ...\n")
    assert {each.path: each.kind for each in check(config).differences}["jobs/email.py"] == "handler-incomplete"
    assert generate(config).appended == ("jobs/email.py",)
    assert generate(config).appended == ()
    assert {each.kind for each in check(config).differences} == {"handler-unimplemented"}


LINES = st.sampled_from(
    [
        "",
        "# a remark, \u00e9",
        '"""A text."""',
        "import os , sys",
        "from memshelf import Job",
        "from a import (b,\n  c)",
        "x = 1 ; y = 2",
        "def f():\n\treturn 1",
        'class C:\n  a = """\n  from x import y\n"""',
        "if x:\n    import y\nelse :\n    pass",
        "\f",
        "v = [\n 1,\n\n   2 ] ; \\\nw = 3",
        "    # indented",
    ]
)


@settings(max_examples=300, deadline=None)
@given(lines=st.lists(LINES, max_size=10), newline=st.sampled_from(["\n", "\r\n", "\r"]), last=st.booleans())
def test_every_byte_that_was_there_stays_in_its_order(lines: list[str], newline: str, last: bool) -> None:
    before = "\n".join([*lines, *[""] * last]).replace("\n", newline)
    after = appended(before)
    rest = iter(after)
    assert all(sign in rest for sign in before)
    old, new = ast.parse(before).body, ast.parse(after).body
    assert [ast.dump(node) for node in old] == [
        dumped for node in new if (dumped := ast.dump(node)) in map(ast.dump, old)
    ]
    assert ast.unparse(new[-1]) == ast.unparse(ast.parse(FUNCTION).body[0])
    assert after.count("from generated import EmailPayload") == after.count("async def handle") == 1
