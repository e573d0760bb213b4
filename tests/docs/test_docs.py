"""The documentation is true: what it shows runs, and prints what it says."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.docs.blocks import Block, blocks, commands, fits

REPOSITORY = Path(__file__).parents[2]
SESSIONS = ("README.md", "docs/tutorial.md", "docs/isolation.md")
"""The pages that are followed from their first block to their last, in an empty folder."""
PAGES = sorted([REPOSITORY / "README.md", *REPOSITORY.glob("docs/*.md")])
SHOWN_PORT = "27117"
"""The port that the pages name; the tests take a free one."""
PATIENCE = 60.0
"""Seconds that one command may take."""


@pytest.mark.slow
@pytest.mark.parametrize("page", SESSIONS)
def test_a_tutorial_does_what_it_says(page: str, tmp_path: Path, unused_tcp_port: int) -> None:
    reader = Reader(tmp_path, port=unused_tcp_port)
    with reader.at_work():
        for block in blocks(REPOSITORY / page):
            reader.follow(block)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_link_leads_to_a_file_that_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = [link.split("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    assert [target for target in targets if target and not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_link_to_a_heading_leads_to_one(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]*)#([\w-]+)\)", page.read_text(encoding="utf-8"))
    for target, anchor in links:
        if "://" not in target:
            headings = re.findall(r"^#+ (.+)$", (page.parent / target if target else page).read_text(), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_make_targets_that_are_named_exist(page: Path) -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"^(?:\$ )?make (\w+)", page.read_text(encoding="utf-8"), re.MULTILINE))
    assert {name for name in named if f"\n{name}:" not in makefile} == set()


def test_the_schema_that_is_shown_is_the_examples() -> None:
    shown = [
        block.text.partition("\n")[2]
        for page in PAGES
        for block in blocks(page)
        if block.language == "yaml" and block.path == "schemas/email.yaml"
    ]
    real = (REPOSITORY / "schemas/email.yaml").read_text(encoding="utf-8")
    plain = re.sub(r" +#.*", "", real)
    assert shown
    assert {re.sub(r" +#.*", "", text) for text in shown} == {plain}


@pytest.mark.slow
def test_python_that_is_shown_passes_mypy(tmp_path: Path) -> None:
    for number, block in enumerate(example_blocks()):
        (tmp_path / f"block_{number}.py").write_text(f"# {block.place}\n{block.text}", encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--config-file", str(REPOSITORY / "pyproject.toml"), str(tmp_path)]
    done = subprocess.run(command, cwd=REPOSITORY, text=True, capture_output=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def example_blocks() -> Iterator[Block]:
    """Give the Python blocks of the example application; tutorials and pages with schemas of their own run theirs."""
    for page in PAGES:
        inside = False
        for block in blocks(page):
            inside = inside or block.language == "console"
            if block.language == "python" and not inside and "..." not in block.text and "acme." not in block.text:
                yield block


class Reader:
    """Follows a tutorial: writes the files that it shows, types its commands, and compares what they print."""

    def __init__(self, folder: Path, *, port: int) -> None:
        self._folder = folder / "project"
        self._port = str(port)
        self._folder.mkdir()
        self._begun = False
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("MEMSHELF_")},
            "COLUMNS": "160",
            "NO_COLOR": "1",
            "PATH": f"{_programs(folder)}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(str(REPOSITORY / part) for part in ("runtime", "generator")),
        }
        self._behind = ExitStack()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """End what runs in the background with the block."""
        with self._behind:
            yield

    def follow(self, block: Block) -> None:
        """Do what a block says; what stands before the first command is there to be looked at."""
        self._begun = self._begun or block.language == "console"
        if not self._begun:
            return
        if block.language == "console":
            for command in commands(block):
                line, output = (text.replace(SHOWN_PORT, self._port) for text in (command.line, command.output))
                self._type(line, output, block)
        elif block.path:
            target = self._folder / block.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text.partition("\n")[2].lstrip("\n"), encoding="utf-8")

    def _type(self, line: str, output: str, block: Block) -> None:
        exported = re.fullmatch(r"export (\w+)='([^']*)'", line)
        if exported:
            self._environment[exported[1]] = exported[2]
        elif block.note == "background":
            self._behind.enter_context(_running(line, output, self._folder, self._environment))
        else:
            until = time.monotonic() + (PATIENCE if block.note == "eventually" else 0)
            printed = self._run(line)
            while not fits(output, printed) and time.monotonic() < until:
                printed = self._run(line)
            assert fits(output, printed), f"{block.place}: $ {line}\n{printed}"

    def _run(self, line: str) -> str:
        done = subprocess.run(
            ["sh", "-c", line],
            cwd=self._folder,
            env=self._environment,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=PATIENCE,
            check=False,
        )
        return done.stdout


def _programs(folder: Path) -> Path:
    """Give a folder with the commands of this repository, installed or not."""
    programs = folder / "bin"
    programs.mkdir()
    wanted = {"memshelf": "-m memshelf", "memshelf-gen": "-m memshelf_gen", "python": "", "pytest": "-m pytest"}
    for name, arguments in wanted.items():
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {arguments} "$@"\n', encoding="utf-8")
        program.chmod(0o755)
    return programs


@contextmanager
def _running(line: str, expected: str, folder: Path, environment: dict[str, str]) -> Iterator[None]:
    """Run a command until the block ends; it has to print the first of the expected lines soon."""
    with subprocess.Popen(
        ["sh", "-c", f"exec {line}"],
        cwd=folder,
        env=environment,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        assert process.stdout is not None
        printed = ""
        alarm = threading.Timer(PATIENCE, process.kill)
        alarm.start()
        while not fits(expected, printed):
            read = process.stdout.readline()
            assert read, f"$ {line}\n{printed}"
            printed += read
        alarm.cancel()
        rest = threading.Thread(target=process.stdout.read, daemon=True)
        rest.start()
        try:
            yield
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE)
            rest.join()
